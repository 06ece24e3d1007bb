/** Candles with entry and exit arrows, stop and target lines, and a card that explains the arrow under the pointer. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bar } from "./candles";
import type { Drawing, Picture } from "./draw";
import type { Marker } from "../shapes";
import { marksAt } from "./marks";
import { paintOf, watchPaint } from "./paint";

export interface ChartProps {
  /** Names what is drawn (day, contract, length): another name begins with a fresh view. */
  readonly identity: string;
  readonly label: string;
  readonly picture: Picture;
  readonly marks: readonly Marker[];
  /** An instant to scroll to; asked for again with another `number`. */
  readonly jump?: { readonly time: number; readonly number: number } | null;
  readonly card: (mark: Marker) => JSX.Element;
}

interface Pointer {
  readonly time: number | null;
  readonly x: number;
  readonly y: number;
}

/** Width of the card with its distance from the pointer on both sides, and that distance. */
const CARD_ROOM = 272;
const BESIDE = 16;
const NOWHERE: Pointer = { time: null, x: 0, y: 0 };

export function Chart(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [broken, setBroken] = useState(false);
  const [pointer, setPointer] = useState<Pointer>(NOWHERE);

  useEffect(() => {
    const ended = opened(place.current, setDrawing, setPointer, () => setBroken(true));
    return ended;
  }, []);
  useEffect(() => drawing?.show(props.identity, props.picture), [drawing, props.identity, props.picture]);
  useEffect(() => {
    if (props.jump) drawing?.jump(props.jump.time);
  }, [drawing, props.jump]);

  return (
    <figure class="chart" aria-label={props.label}>
      <div class="chart-canvas" ref={place} />
      {broken && <p class="chart-note">The chart could not be loaded. The same prices are in the table below.</p>}
      <Card bars={props.picture.bars} marks={props.marks} pointer={pointer} card={props.card} />
    </figure>
  );
}

/** Loads the library and draws; gives back what ends both, however far it came. */
function opened(
  place: HTMLElement | null,
  ready: (drawing: Drawing) => void,
  pointed: (pointer: Pointer) => void,
  failed: () => void,
): () => void {
  let ended = false;
  let drawing: Drawing | null = null;
  let unwatch = (): void => undefined;
  import("./draw").then(
    ({ Drawing: Opened }) => {
      if (ended || place === null) return;
      drawing = new Opened(place, paintOf(place), (time, x, y) => pointed({ time, x, y }));
      unwatch = watchPaint(() => drawing?.repaint(paintOf(place)));
      ready(drawing);
    },
    () => failed(),
  );
  return () => {
    ended = true;
    unwatch();
    drawing?.close();
  };
}

function Card(props: {
  readonly bars: readonly Bar[];
  readonly marks: readonly Marker[];
  readonly pointer: Pointer;
  readonly card: (mark: Marker) => JSX.Element;
}): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const { time, x, y } = props.pointer;
  const found = time === null ? [] : marksAt(props.bars, props.marks, time);
  useEffect(() => {
    // Set from script: the Content-Security-Policy refuses style attributes in the page's text.
    const left = x < CARD_ROOM ? x + BESIDE : x - CARD_ROOM + BESIDE;
    box.current?.style.setProperty("transform", `translate(${left}px, ${Math.max(y - 60, 8)}px)`);
  }, [x, y, found.length]);
  if (found.length === 0) return null;
  return (
    <div class="chart-card" ref={box} role="status">
      {found.map((mark) => (
        <div key={`${mark.kind}${mark.at}`}>{props.card(mark)}</div>
      ))}
    </div>
  );
}
