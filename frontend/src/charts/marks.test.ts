import { describe, expect, it } from "vitest";
import type { Marker } from "../shapes";
import { grouped, type Bar } from "./candles";
import { arrows, marksAt, steps } from "./marks";

const at = (clock: string): number => Math.floor(Date.parse(`2026-09-14T${clock}+05:30`) / 1000);
const bars: Bar[] = grouped(
  ["09:15", "09:16", "09:17", "09:18"].map((clock) => ({
    time: at(`${clock}:00`),
    open: "10",
    high: "11",
    low: "9",
    close: "10",
  })),
  1,
);
const times = bars.map((bar) => bar.time);

function mark(kind: Marker["kind"], clock: string, price: string): Marker {
  return { kind, time: at(clock), at: `2026-09-14T${clock}+05:30`, contract: "X", price, quantity: 75, text: "" };
}

const IN = mark("entry", "09:15:01.250", "10.50");
const OUT = mark("exit", "09:17:30", "11.35");

describe("arrows", () => {
  it("stand at the candle of their instant, in the order of time, with the price as it was sent", () => {
    expect(arrows(bars, [OUT, IN])).toEqual([
      { kind: "entry", time: times[0], text: "in 10.50" },
      { kind: "exit", time: times[2], text: "out 11.35" },
    ]);
  });

  it("are not drawn without candles", () => {
    expect(arrows([], [IN])).toEqual([]);
  });
});

describe("the line of a level", () => {
  const points = [
    { time: at("09:15:02"), price: "9.00" },
    { time: at("09:16:10"), price: "9.50" },
    { time: at("09:16:50"), price: "9.60" },
  ];

  it("keeps the last of several changes in one candle and goes on to the newest candle", () => {
    expect(steps(bars, { name: "stop", points })).toEqual([
      [
        { time: times[0], value: 9 },
        { time: times[1], value: 9.6 },
        { time: times[3], value: 9.6 },
      ],
    ]);
  });

  it("ends where the level no longer stood", () => {
    const ended = [...points, { time: at("09:17:30"), price: null }];
    expect(steps(bars, { name: "stop", points: ended })[0]?.at(-1)).toEqual({ time: times[2], value: 9.6 });
  });

  it("is a line for each time the level stood, however short", () => {
    const twice = [
      { time: at("09:15:01"), price: "9.00" },
      { time: at("09:15:30"), price: null },
      { time: at("09:17:01"), price: "8.00" },
    ];
    expect(steps(bars, { name: "stop", points: twice })).toEqual([
      [{ time: times[0], value: 9 }],
      [
        { time: times[2], value: 8 },
        { time: times[3], value: 8 },
      ],
    ]);
  });

  it("is nothing when nothing was set", () => {
    expect(steps(bars, { name: "target", points: [] })).toEqual([]);
  });
});

describe("the card under the pointer", () => {
  it("tells the marks of that candle only", () => {
    expect(marksAt(bars, [IN, OUT], times[2] as number)).toEqual([OUT]);
    expect(marksAt(bars, [IN, OUT], times[1] as number)).toEqual([]);
  });
});
