import { expect, test } from "vitest";

import toml from "../../src/ninefifteen/reports/words.toml?raw";
import { eventText, words } from "./words";
import { WORDS } from "./words-table";

function tables(text: string): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  let table: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const head = /^\[(\w+)\]/.exec(line)?.[1];
    const pair = /^(\w+) = "(.*)"$/.exec(line);
    if (head) found[head] = table = {};
    else if (pair?.[1] && pair[2]) table[pair[1]] = pair[2];
  }
  return found;
}

test("the page says what the terminal says (node dev/words.mjs writes the table anew)", () => {
  expect(WORDS).toEqual(tables(toml));
});

test("a code without words is shown as it is, spaced", () => {
  expect(words("code", "something_new")).toBe("something new");
  expect(words("code", null)).toBe("");
});

test("a line of the log is read without the exchange's codes", () => {
  expect(eventText("SELL 50 X SL limit Rs 1, trigger Rs 2")).toBe("SELL 50 X as a stop, limit Rs 1, trigger Rs 2");
  expect(eventText("order 7 trigger_pending, 0 of 50 filled")).toBe("order 7 resting stop, 0 of 50 filled");
});
