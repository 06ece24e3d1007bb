import { afterEach, expect, test } from "vitest";

import type { DayState } from "./live-types";
import { book, candidatesOf, day, leading, may, planOf, user } from "./state";

afterEach(() => {
  day.value = null;
  user.value = null;
});

test("between two days the pages tell of the one left behind", () => {
  const run = { strategy: "nine_fifteen", phase: "done", candidates: [{ symbol: "SBIN" }], plan: { stop: "1.00" } };
  day.value = { date: null, last_day: { date: "2026-12-04", strategies: [run] } } as unknown as DayState;
  expect(book.value?.date).toBe("2026-12-04");
  expect(leading.value?.strategy).toBe("nine_fifteen");
  expect(candidatesOf("nine_fifteen")).toEqual([{ symbol: "SBIN" }]);
  expect(planOf("nine_fifteen")).toEqual({ stop: "1.00" });
});

test("the strategy that holds comes first, then one at work", () => {
  const strategies = { a: { strategy: "a", phase: "done" }, b: { strategy: "b", phase: "armed" } };
  day.value = { date: "2026-12-04", strategies } as unknown as DayState;
  expect(leading.value?.strategy).toBe("b");
  day.value = { date: "2026-12-04", strategies: { ...strategies, a: { strategy: "a", phase: "holding", position: {} } } } as unknown as DayState;
  expect(leading.value?.strategy).toBe("a");
});

test("an operator may less than an admin, nobody may nothing", () => {
  expect(may("viewer")).toBe(false);
  user.value = { name: "asha", role: "operator", demo: false, totp: false };
  expect([may("viewer"), may("operator"), may("admin")]).toEqual([true, true, false]);
});
