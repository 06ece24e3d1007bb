import { describe, expect, it } from "vitest";
import { grouped, type Bar } from "./candles";
import { arrows, marksAt, steps, type Mark } from "./marks";

const at = (clock: string): string => `2026-09-14T${clock}+05:30`;
const bars: Bar[] = grouped(
  ["09:15", "09:16", "09:17", "09:18"].map((clock) => ({
    at: at(`${clock}:00`),
    open: "10",
    high: "11",
    low: "9",
    close: "10",
  })),
  1,
);
const times = bars.map((bar) => bar.time);
const IN: Mark = { id: "a", kind: "entry", at: at("09:15:01.250"), price: "10.50", text: "in 10.50" };
const OUT: Mark = { id: "b", kind: "exit", at: at("09:17:30"), price: "11.35", text: "out 11.35" };

describe("arrows", () => {
  it("stand at the candle of their instant, in the order of time", () => {
    expect(arrows(bars, [OUT, IN]).map((arrow) => [arrow.id, arrow.time])).toEqual([
      ["a", times[0]],
      ["b", times[2]],
    ]);
  });

  it("are not drawn without candles or without a price", () => {
    expect(arrows([], [IN])).toEqual([]);
    expect(arrows(bars, [{ ...IN, price: "" + Number.NaN }])).toEqual([]);
  });
});

describe("the line of a level", () => {
  const points = [
    { at: at("09:15:02"), price: "9.00" },
    { at: at("09:16:10"), price: "9.50" },
    { at: at("09:16:50"), price: "9.60" },
  ];

  it("keeps the last of several changes in one candle and goes on to the newest candle", () => {
    expect(steps(bars, { kind: "stop", points }, null)).toEqual([
      { time: times[0], value: 9 },
      { time: times[1], value: 9.6 },
      { time: times[3], value: 9.6 },
    ]);
  });

  it("ends with the trade", () => {
    expect(steps(bars, { kind: "stop", points }, at("09:17:30")).at(-1)).toEqual({ time: times[2], value: 9.6 });
  });

  it("is nothing when nothing was set", () => {
    expect(steps(bars, { kind: "target", points: [] }, null)).toEqual([]);
  });
});

describe("the card under the pointer", () => {
  it("tells the marks of that candle only", () => {
    expect(marksAt(bars, [IN, OUT], times[2] as number)).toEqual([OUT]);
    expect(marksAt(bars, [IN, OUT], times[1] as number)).toEqual([]);
  });
});
