import { describe, expect, it } from "vitest";
import type { SettingRow } from "../../shapes";
import { changesOf, clashesOf, fieldText, rangeText, sentAs, sentence, shownText, usualApplies } from "./draft";

function row(more: Partial<SettingRow>): SettingRow {
  return {
    key: "risk.max_daily_loss",
    group: "risk",
    value: 2000,
    written: "2000",
    default: 2000,
    is_default: true,
    source: "default",
    meaning: "",
    unit: "rupees",
    kind: "number",
    choices: [],
    optional: false,
    low: null,
    above: 0,
    high: null,
    editable: true,
    why_not: null,
    dangerous: "raise",
    danger: null,
    applies: "",
    changed: null,
    running: null,
    pending: null,
    ...more,
  };
}

describe("what a field's text is sent as", () => {
  it("is text for a number, so that no digit is lost", () => {
    expect(sentAs(row({}), " 2000.50 ")).toBe("2000.50");
  });

  it("is a truth for a switch and null for an optional field left empty", () => {
    expect(sentAs(row({ kind: "truth" }), "true")).toBe(true);
    expect(sentAs(row({ optional: true }), "")).toBeNull();
    expect(sentAs(row({}), "")).toBe("");
  });

  it("is a list of what stands between commas, whole numbers where the list holds numbers", () => {
    expect(sentAs(row({ kind: "list", value: ["a"] }), "a, b,")).toEqual(["a", "b"]);
    expect(sentAs(row({ kind: "list", value: [7] }), "7, 8, x")).toEqual([7, 8, "x"]);
  });
});

describe("the changes to send", () => {
  const rows = [row({}), row({ key: "strategy.lots", value: 1 })];

  it("are the fields with another text than what counts", () => {
    expect(changesOf(rows, { "risk.max_daily_loss": "1500", "strategy.lots": "1" })).toEqual({ "risk.max_daily_loss": "1500" });
  });

  it("are none while nothing was touched", () => {
    expect(changesOf(rows, {})).toEqual({});
  });
});

describe("a value for reading", () => {
  it("says so when there is none", () => {
    expect(shownText(null)).toBe("not set");
    expect(shownText([])).toBe("none");
    expect(shownText(false)).toBe("no");
    expect(fieldText([1, 2])).toBe("1, 2");
  });

  it("tells its range", () => {
    expect(rangeText(row({ above: 0, high: 50 }))).toBe("above 0 up to 50");
    expect(rangeText(row({ above: null, low: 1 }))).toBe("from 1");
    expect(rangeText(row({ kind: "choice" }))).toBe("");
  });
});

describe("the server's words", () => {
  it("are told once where most settings share them", () => {
    expect(usualApplies([row({ applies: "now" }), row({ applies: "later" }), row({ applies: "later" })])).toBe("later");
    expect(usualApplies([])).toBe("");
  });

  it("become whole sentences", () => {
    expect(sentence("at the start of the day")).toBe("At the start of the day.");
    expect(sentence("Done.")).toBe("Done.");
    expect(sentence(" ")).toBe("");
  });
});

it("a contradiction whose figures change is still the same one", () => {
  const now = ["strategy.stop_pct 40 % costs Rs 9, and risk.max_daily_loss is Rs 5.", "strategy.lots 3"];
  const then = ["strategy.stop_pct 30 % costs Rs 8, and risk.max_daily_loss is Rs 5.", "trading.broker: x"];
  expect(clashesOf(now, then)).toEqual({ fresh: [then[1]], still: [then[0]], gone: [now[1]] });
});
