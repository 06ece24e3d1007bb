import { expect, test } from "vitest";

import { mergePatch } from "./merge";

test("a patch changes the fields it names and leaves the others", () => {
  expect(mergePatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 9 } })).toEqual({ a: 1, b: { c: 9, d: 3 } });
});

test("null removes a field", () => {
  expect(mergePatch({ a: 1, b: 2 }, { b: null })).toEqual({ a: 1 });
});

test("a list is replaced whole", () => {
  expect(mergePatch({ a: [1, 2, 3] }, { a: [4] })).toEqual({ a: [4] });
});

test("an object takes the place of what was no object", () => {
  expect(mergePatch({ a: "x" }, { a: { b: 1, c: null } })).toEqual({ a: { b: 1 } });
});

test("what did not change keeps its identity", () => {
  const before = { plans: { one: { stop: "1.00" } }, clock: "a" };
  const after = mergePatch(before, { clock: "b", plans: { one: { stop: "1.00" } } });
  expect(after.plans).toBe(before.plans);
  expect(after).not.toBe(before);
});

test("a patch on nothing makes the object", () => {
  expect(mergePatch(null, { a: 1 })).toEqual({ a: 1 });
});
