import { describe, expect, it } from "vitest";
import type { Candle } from "../shapes";
import { bucket, grouped, merged, nearest, tail } from "./candles";

function seconds(clock: string): number {
  return Date.parse(`2026-09-14T${clock}+05:30`) / 1000;
}

function candle(clock: string, open: string, high: string, low: string, close: string): Candle {
  return { time: seconds(`${clock}:00`), open, high, low, close };
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
    expect(first).toEqual({ time: seconds("09:15:00"), open: 10, high: 12, low: 9, close: 9.2 });
    expect(second?.open).toBe(9.2);
  });

  it.each([1, 3, 5, 15] as const)("begins a candle of %i minutes exactly at the open", (minutes) => {
    const open = seconds("09:15:00");
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

describe("newer candles of a running day", () => {
  it("replace the minute that had not ended and go on from it", () => {
    const news = [candle("09:18", "9.20", "10.90", "9.10", "10.80"), candle("09:19", "10.80", "11", "10", "10.5")];
    expect(merged(FOUR, news).map((one) => one.close)).toEqual(["11.00", "10.50", "9.20", "10.80", "10.5"]);
  });

  it("leave what is known when there is none", () => {
    expect(merged(FOUR, [])).toBe(FOUR);
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
    expect(nearest(bars, seconds("09:17:59"))).toBe(bars[0]?.time);
    expect(nearest(bars, seconds("09:18:00"))).toBe(bars[1]?.time);
  });

  it("is the first candle for what came before, and nowhere without candles", () => {
    expect(nearest(bars, seconds("09:00:00"))).toBe(bars[0]?.time);
    expect(nearest([], seconds("09:00:00"))).toBeNull();
  });
});
