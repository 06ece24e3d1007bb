import { expect, test } from "vitest";

import type { Candidate, Strategy } from "../../live-types";
import { verdictOf } from "./candidates";

function one(symbol: string, code = "ok"): Candidate {
  return { rank: 1, symbol, gain: 0.01, pcr: 1, code, detail: null };
}

function run(change: Partial<Strategy>): Strategy {
  return { phase: "watching", picks: ["AAA", "BBB"], current: "AAA", position: null, trade: null, ...change } as Strategy;
}

test("a stock that was stopped says by which test", () => {
  expect(verdictOf(one("AAA", "pcr_thin"), run({}))).toBe("too few option contracts are open");
});

test("the pick is the pick until it is bought", () => {
  expect(verdictOf(one("AAA"), run({}))).toBe("the pick");
  expect(verdictOf(one("AAA"), run({ trade: {} as Strategy["trade"] }))).toBe("bought");
  expect(verdictOf(one("AAA"), run({ phase: "done" }))).toBe("no entry came about");
});

test("those behind the pick are prepared, those before it were given up", () => {
  expect(verdictOf(one("BBB"), run({}))).toBe("prepared behind the pick");
  expect(verdictOf(one("AAA"), run({ current: "BBB" }))).toBe("given up: no acceptable quote");
});

test("who passes and was not needed says so", () => {
  expect(verdictOf(one("CCC"), run({}))).toBe("passes, not needed");
});
