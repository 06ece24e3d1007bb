/** What is drawn over the candles: where the bot came in and went out, and its two exit levels over time. */

import type { Level, Marker } from "../shapes";
import { nearest, type Bar } from "./candles";

export interface Point {
  readonly time: number;
  readonly value: number;
}

export interface Arrow {
  readonly kind: Marker["kind"];
  readonly time: number;
  readonly text: string;
}

/** The arrows in the order of time, which the library requires. Without candles there is nothing to point at. */
export function arrows(bars: readonly Bar[], marks: readonly Marker[]): Arrow[] {
  const found: Arrow[] = [];
  for (const mark of marks) {
    const time = nearest(bars, mark.time);
    if (time !== null) found.push({ kind: mark.kind, time, text: `${mark.kind === "entry" ? "in" : "out"} ${mark.price}` });
  }
  return found.sort((one, other) => one.time - other.time);
}

/**
 * A level as lines of steps, one for each time it stood, drawn on to where it fell or to the newest candle.
 * Several changes within one candle leave the last price.
 */
export function steps(bars: readonly Bar[], level: Level): Point[][] {
  const lines: Map<number, number>[] = [];
  let line: Map<number, number> | null = null;
  for (const point of level.points) {
    const time = nearest(bars, point.time);
    if (time === null) continue;
    if (point.price === null) line = ended(line, time);
    else {
      if (line === null) lines.push((line = new Map()));
      line.set(time, Number(point.price));
    }
  }
  ended(line, bars[bars.length - 1]?.time ?? 0);
  return lines.map((values) => [...values].map(([time, value]) => ({ time, value })));
}

/** Draws a line on to `time` at its last price. */
function ended(line: Map<number, number> | null, time: number): null {
  const last = line === null ? undefined : [...line].at(-1);
  if (last !== undefined && time > last[0]) line?.set(time, last[1]);
  return null;
}

/** The marks of the candle under the pointer, for the card that explains them. */
export function marksAt(bars: readonly Bar[], marks: readonly Marker[], time: number): Marker[] {
  return marks.filter((mark) => nearest(bars, mark.time) === time);
}
