/**
 * The only file that knows the chart library. It is loaded when a chart is shown, never with the page.
 *
 * The library's logo with its link stays on (its licence asks for a link). It brings one style element,
 * whose hash the server's Content-Security-Policy allows.
 */

import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  LineSeries,
  LineStyle,
  LineType,
  createChart,
  createSeriesMarkers,
  type DeepPartial,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type MouseEventParams,
  type SeriesMarker,
  type Time,
  type TimeChartOptions,
  type UTCTimestamp,
} from "lightweight-charts";
import { crosshairLabel, tickLabel } from "./axis";
import { tail, type Bar } from "./candles";
import type { Level } from "../shapes";
import type { Arrow, Point } from "./marks";

/** Colours of the page, read from its custom properties. */
export interface Paint {
  readonly background: string;
  readonly line: string;
  readonly text: string;
  readonly up: string;
  readonly down: string;
  readonly buy: string;
  readonly sell: string;
}

export interface Picture {
  readonly bars: readonly Bar[];
  /** Whether the last price is still the newest one: only then it is marked on the scale. */
  readonly running: boolean;
  readonly arrows: readonly Arrow[];
  readonly levels: readonly { readonly name: Level["name"]; readonly lines: readonly (readonly Point[])[] }[];
}

/** What the pointer is over: the start of a candle, or null beside the candles. */
export type Pointed = (time: number | null, x: number, y: number) => void;

/** A chart in an element of the page. `show` may be called as often as one likes; `close` gives everything back. */
export class Drawing {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick", Time>;
  private readonly marks: ISeriesMarkersPluginApi<Time>;
  private lines: ISeriesApi<"Line", Time>[] = [];
  private shown: Picture | null = null;
  private identity = "";

  constructor(
    place: HTMLElement,
    private paint: Paint,
    pointed: Pointed,
  ) {
    this.chart = createChart(place, chartOptions(paint));
    this.candles = this.chart.addSeries(CandlestickSeries, candleOptions(paint));
    this.marks = createSeriesMarkers(this.candles, []);
    this.chart.subscribeCrosshairMove((at) => pointed(...pointedAt(at)));
  }

  /** Draws a picture. `identity` names what is drawn: another name begins with a fresh view of it all. */
  show(identity: string, picture: Picture): void {
    const news = identity === this.identity ? tail(this.shown?.bars ?? [], picture.bars) : null;
    if (news === null) this.candles.setData(picture.bars.map(asData));
    else for (const bar of news) this.candles.update(asData(bar));
    this.drawOver(picture);
    this.candles.applyOptions({ lastValueVisible: picture.running });
    if (identity !== this.identity) this.showAll(picture.bars.length);
    this.shown = picture;
    this.identity = identity;
  }

  /** Scrolls so that an instant stands in the middle. */
  jump(time: number): void {
    const half = 45 * 60;
    this.chart.timeScale().setVisibleRange({ from: stamp(time - half), to: stamp(time + half) });
  }

  /** Takes over other colours, after a change of theme. */
  repaint(paint: Paint): void {
    this.paint = paint;
    this.chart.applyOptions(colourOptions(paint));
    this.candles.applyOptions(candleOptions(paint));
    if (this.shown !== null) this.drawOver(this.shown);
  }

  /** With room at both ends, where the words at an arrow would be cut off. */
  private showAll(count: number): void {
    const scale = this.chart.timeScale();
    const words = WORDS_PX / Math.max(3 * WORDS_PX, scale.width() - 2 * WORDS_PX);
    const room = Math.max(4, Math.ceil(count * Math.max(ROOM, words)));
    scale.setVisibleLogicalRange({ from: -room, to: Math.max(count + room, LEAST_SHOWN) });
  }

  close(): void {
    this.chart.remove();
  }

  private drawOver(picture: Picture): void {
    this.marks.setMarkers(picture.arrows.map((arrow) => asMarker(arrow, this.paint)));
    for (const line of this.lines) this.chart.removeSeries(line);
    this.lines = picture.levels
      .flatMap((level) => level.lines.map((points) => ({ name: level.name, points })))
      .map(({ name, points }) => {
        const line = this.chart.addSeries(LineSeries, levelOptions(name, this.paint));
        line.setData(points.map((point) => ({ ...point, time: stamp(point.time) })));
        return line;
      });
  }
}

/** Share of the candles that is left free before the first and behind the last. */
const ROOM = 0.05;
/** Half of what "out 1,234.55" takes beside its arrow. */
const WORDS_PX = 36;
/** Room for as many candles is shown at least: the first few of a day would be as wide as houses. */
const LEAST_SHOWN = 40;

function stamp(time: number): UTCTimestamp {
  return time as UTCTimestamp;
}

function asData(bar: Bar): { time: UTCTimestamp; open: number; high: number; low: number; close: number } {
  return { ...bar, time: stamp(bar.time) };
}

function asMarker(arrow: Arrow, paint: Paint): SeriesMarker<Time> {
  const entry = arrow.kind === "entry";
  return {
    time: stamp(arrow.time),
    position: entry ? "belowBar" : "aboveBar",
    shape: entry ? "arrowUp" : "arrowDown",
    color: entry ? paint.buy : paint.sell,
    text: arrow.text,
  };
}

function pointedAt(at: MouseEventParams<Time>): [number | null, number, number] {
  const time = typeof at.time === "number" ? at.time : null;
  return [time, at.point?.x ?? 0, at.point?.y ?? 0];
}

/** Only colours: an option of the time scale would scroll the chart. */
function colourOptions(paint: Paint): DeepPartial<TimeChartOptions> {
  return {
    layout: { background: { type: ColorType.Solid, color: paint.background }, textColor: paint.text },
    grid: { vertLines: { color: paint.line }, horzLines: { color: paint.line } },
    rightPriceScale: { borderColor: paint.line },
  };
}

function chartOptions(paint: Paint): DeepPartial<TimeChartOptions> {
  const colours = colourOptions(paint);
  return {
    ...colours,
    autoSize: true,
    layout: { ...colours.layout, fontFamily: "system-ui, sans-serif", attributionLogo: true },
    crosshair: { mode: CrosshairMode.Normal },
    localization: { timeFormatter: (time: Time) => crosshairLabel(Number(time)) },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: false,
      rightOffset: 3,
      tickMarkFormatter: (time: Time, kind: number) => tickLabel(Number(time), kind),
    },
  };
}

function candleOptions(paint: Paint): Record<string, string | boolean> {
  return {
    upColor: paint.up,
    downColor: paint.down,
    wickUpColor: paint.up,
    wickDownColor: paint.down,
    borderVisible: false,
    priceLineVisible: false,
  };
}

function levelOptions(name: Level["name"], paint: Paint): Parameters<ISeriesApi<"Line", Time>["applyOptions"]>[0] {
  return {
    color: name === "target" ? paint.up : paint.down,
    title: name,
    lineWidth: 1,
    lineStyle: LineStyle.Dashed,
    lineType: LineType.WithSteps,
    priceLineVisible: false,
    crosshairMarkerVisible: false,
  };
}
