/** What is drawn over the candles: where the bot came in and went out, and its two exit levels over time. */

import { nearest, seconds, type Bar } from "./candles";

export interface Mark {
  readonly id: string;
  readonly kind: "entry" | "exit";
  readonly at: string;
  readonly price: string;
  /** Short words at the arrow, as "in 42.10". */
  readonly text: string;
}

export interface Level {
  readonly kind: "target" | "stop";
  /** From when on the level had this price. Oldest first. */
  readonly points: readonly { readonly at: string; readonly price: string }[];
}

export interface Point {
  readonly time: number;
  readonly value: number;
}

export interface Arrow {
  readonly id: string;
  readonly kind: Mark["kind"];
  readonly time: number;
  readonly price: number;
  readonly text: string;
}

/** The arrows in the order of time, which the library requires. Without candles there is nothing to point at. */
export function arrows(bars: readonly Bar[], marks: readonly Mark[]): Arrow[] {
  const found: Arrow[] = [];
  for (const mark of marks) {
    const time = nearest(bars, mark.at);
    const price = Number(mark.price);
    if (time !== null && Number.isFinite(price)) {
      found.push({ id: mark.id, kind: mark.kind, time, price, text: mark.text });
    }
  }
  return found.sort((one, other) => one.time - other.time);
}

/**
 * A level as a line of steps. Several changes within one candle leave the last one. It is drawn on to
 * `until`, the end of the trade, or to the newest candle while the trade is open.
 */
export function steps(bars: readonly Bar[], level: Level, until: string | null): Point[] {
  const values = new Map<number, number>();
  for (const point of level.points) {
    const time = nearest(bars, point.at);
    const value = Number(point.price);
    if (time !== null && Number.isFinite(value)) values.set(time, value);
  }
  const points = [...values].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
  return drawnOn(points, bars, until);
}

function drawnOn(points: Point[], bars: readonly Bar[], until: string | null): Point[] {
  const last = points[points.length - 1];
  const end = until === null ? (bars[bars.length - 1]?.time ?? null) : nearest(bars, until);
  if (last === undefined || end === null || end <= last.time) return points;
  return [...points, { time: end, value: last.value }];
}

/** The marks of the candle under the pointer, for the card that explains them. */
export function marksAt(bars: readonly Bar[], marks: readonly Mark[], time: number): Mark[] {
  return marks.filter((mark) => nearest(bars, mark.at) === time).sort((a, b) => seconds(a.at) - seconds(b.at));
}
