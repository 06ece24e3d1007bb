import { expect, test } from "vitest";

import type { DayState, Strategy } from "../../live-types";
import { marksOf, place } from "./timeline";

const HOUR = 3600;
const RUN = {
  scan_at: "2026-12-04T09:14:00.000+05:30",
  entry_at: "2026-12-04T09:15:00.000+05:30",
  cutoff_at: "2026-12-04T09:15:30.000+05:30",
  exit_at: "2026-12-04T15:10:00.000+05:30",
  times: { filled: "2026-12-04T09:15:00.317+05:30" },
} as Strategy;
const DAY = { close_at: "2026-12-04T15:40:00.000+05:30" } as DayState;

test("the line begins at 08:30, ends at 15:40, and never leaves its ends", () => {
  expect(place(8.5 * HOUR)).toBe(0);
  expect(place(15 * HOUR + 40 * 60)).toBe(1);
  expect(place(7 * HOUR)).toBe(0);
  expect(place(18 * HOUR)).toBe(1);
});

test("later is always further to the right", () => {
  const places = Array.from({ length: 430 }, (_, minute) => place(8.5 * HOUR + minute * 60));
  expect(places.every((share, minute) => minute === 0 || share > (places[minute - 1] ?? 1))).toBe(true);
});

test("the minute of the opening takes more room than the hour after it", () => {
  const minute = place(9 * HOUR + 16 * 60) - place(9 * HOUR + 15 * 60);
  expect(minute).toBeGreaterThan(place(10 * HOUR + 16 * 60) - place(9 * HOUR + 16 * 60));
});

test("what happened stands among what was planned, in the order of the clock", () => {
  expect(marksOf(DAY, RUN).map((one) => one.key)).toEqual(["scan", "entry", "filled", "cutoff", "square_off", "close"]);
});

test("a day without a strategy has its close only", () => {
  expect(marksOf(DAY, null).map((one) => one.key)).toEqual(["close"]);
});

test("no square-off stands on the line of a strategy that is done", () => {
  expect(marksOf(DAY, { ...RUN, phase: "done" }).map((one) => one.key)).not.toContain("square_off");
});
