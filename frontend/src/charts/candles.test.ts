import { describe, expect, it } from "vitest";
import { bucket, grouped, nearest, seconds, tail, type Candle } from "./candles";

function candle(clock: string, open: string, high: string, low: string, close: string): Candle {
  return { at: `2026-09-14T${clock}:00+05:30`, open, high, low, close };
}

const FOUR = [
  candle("09:15", "10.00", "12.00", "9.50", "11.00"),
  candle("09:16", "11.00", "11.50", "10.00", "10.50"),
  candle("09:17", "10.50", "10.60", "9.00", "9.20"),
  candle("09:18", "9.20", "9.90", "9.10", "9.80"),
];

describe("grouping one-minute candles", () => {
  it("leaves one-minute candles as they are", () => {
    expect(grouped(FOUR, 1).map((bar) => bar.close)).toEqual([11, 10.5, 9.2, 9.8]);
  });

  it("takes first open, highest high, lowest low and last close of three minutes", () => {
    const [first, second] = grouped(FOUR, 3);
    expect(first).toEqual({ time: seconds("2026-09-14T09:15:00+05:30"), open: 10, high: 12, low: 9, close: 9.2 });
    expect(second?.open).toBe(9.2);
  });

  it.each([1, 3, 5, 15] as const)("begins a candle of %i minutes exactly at the open", (minutes) => {
    const open = seconds("2026-09-14T09:15:00+05:30");
    expect(bucket(open, minutes)).toBe(open);
    expect(bucket(open + minutes * 60 - 1, minutes)).toBe(open);
  });

  it("leaves out a candle that is older than the one before, which the chart library would refuse", () => {
    expect(grouped([...FOUR, candle("09:16", "1", "1", "1", "1")], 1)).toHaveLength(4);
  });

  it("leaves out a candle with a price that is no number", () => {
    expect(grouped([candle("09:15", "x", "1", "1", "1")], 1)).toEqual([]);
  });
});

describe("what is new", () => {
  const bars = grouped(FOUR, 1);

  it("is the last known candle, which may have grown, and all after it", () => {
    expect(tail(bars.slice(0, 2), bars)?.map((bar) => bar.close)).toEqual([10.5, 9.2, 9.8]);
  });

  it("is everything when another day or contract is shown", () => {
    expect(tail(bars, bars.slice(1))).toBeNull();
    expect(tail([], bars)).toBeNull();
    expect(tail(bars.slice(1, 3), bars)).toBeNull();
  });
});

describe("where a marker is drawn", () => {
  const bars = grouped(FOUR, 3);

  it("is the candle its instant falls in", () => {
    expect(nearest(bars, "2026-09-14T09:17:59.900+05:30")).toBe(bars[0]?.time);
    expect(nearest(bars, "2026-09-14T09:18:00+05:30")).toBe(bars[1]?.time);
  });

  it("is the first candle for what came before, and nowhere without candles", () => {
    expect(nearest(bars, "2026-09-14T09:00:00+05:30")).toBe(bars[0]?.time);
    expect(nearest([], "2026-09-14T09:00:00+05:30")).toBeNull();
  });
});
