/**
 * Candles for drawing. Prices come as decimal strings of rupees and are only ever compared and drawn;
 * nothing here is added up or shown as an amount. Times are whole seconds since 1970 in UTC.
 */

import type { Candle } from "../shapes";

/** A candle as the chart library wants it, with prices as numbers. */
export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export const MINUTES = [1, 3, 5, 15] as const;
export type Minutes = (typeof MINUTES)[number];

/**
 * Start of the candle an instant falls in. India is 330 minutes ahead of UTC, which 3, 5 and 15 divide,
 * and so they divide 09:15: every length begins exactly at the open.
 */
export function bucket(time: number, minutes: Minutes): number {
  const length = minutes * 60;
  return Math.floor(time / length) * length;
}

/** One-minute candles drawn together: first open, highest high, lowest low, last close. Oldest first. */
export function grouped(candles: readonly Candle[], minutes: Minutes): Bar[] {
  const bars: Bar[] = [];
  for (const candle of candles) {
    const bar = drawn(candle, minutes);
    const last = bars[bars.length - 1];
    if (bar === null || (last !== undefined && bar.time < last.time)) continue;
    if (last !== undefined && last.time === bar.time) bars[bars.length - 1] = joined(last, bar);
    else bars.push(bar);
  }
  return bars;
}

function drawn(candle: Candle, minutes: Minutes): Bar | null {
  const bar = {
    time: bucket(candle.time, minutes),
    open: Number(candle.open),
    high: Number(candle.high),
    low: Number(candle.low),
    close: Number(candle.close),
  };
  return Object.values(bar).every(Number.isFinite) ? bar : null;
}

function joined(first: Bar, next: Bar): Bar {
  return {
    time: first.time,
    open: first.open,
    high: Math.max(first.high, next.high),
    low: Math.min(first.low, next.low),
    close: next.close,
  };
}

/** Candles that were known, with newer ones over them from the first minute of the newer ones on. */
export function merged(known: readonly Candle[], newer: readonly Candle[]): readonly Candle[] {
  const first = newer[0];
  if (first === undefined) return known;
  return [...known.filter((candle) => candle.time < first.time), ...newer];
}

/**
 * What is new in `after`. The library throws on an update older than its last bar, so whatever does not
 * simply go on from `before` is set anew as a whole: null.
 */
export function tail(before: readonly Bar[], after: readonly Bar[]): readonly Bar[] | null {
  const last = before.length - 1;
  if (last < 0 || after.length < before.length) return null;
  if (before[0]?.time !== after[0]?.time || before[last]?.time !== after[last]?.time) return null;
  return after.slice(last);
}

/** The candle an instant is drawn on: the last one that begins at or before it, else the first. */
export function nearest(bars: readonly Bar[], time: number): number | null {
  const first = bars[0];
  if (first === undefined) return null;
  let found = first.time;
  for (const bar of bars) if (bar.time <= time) found = bar.time;
  return found;
}
