import { describe, expect, it } from "vitest";
import type { Candle, Chart } from "../shapes";
import { addressOf, grown } from "./data";

const candle = (time: number, close: string): Candle => ({ time, open: "1", high: "9", low: "1", close });

function chart(candles: Candle[], more: Partial<Chart> = {}): Chart {
  return {
    date: "2026-09-14",
    run: "2026-09-14",
    name: "WIPRO",
    role: "stock",
    basis: "last",
    basis_text: null,
    names: [],
    since: null,
    candles,
    markers: [],
    levels: [],
    finished: false,
    as_of: null,
    catching_up: false,
    reason: null,
    ...more,
  };
}

describe("the address of a chart", () => {
  it("names the day alone where the server chooses", () => {
    expect(addressOf({ date: "2026-09-14", run: null, name: null }, null)).toBe("/api/days/2026-09-14/chart");
  });

  it("escapes the name of a contract", () => {
    const asked = { date: "2026-09-14", run: "demo-7", name: "M&M 3200 CE" };
    expect(addressOf(asked, 60)).toBe("/api/days/2026-09-14/chart?run=demo-7&name=M%26M+3200+CE&since=60");
  });
});

describe("a chart that grows", () => {
  const known = chart([candle(60, "2"), candle(120, "3")]);

  it("keeps its old candles and takes everything else from the newest answer", () => {
    const news = grown(known, chart([candle(120, "4"), candle(180, "5")], { finished: true }));
    expect(news.candles.map((one) => one.close)).toEqual(["2", "4", "5"]);
    expect(news.finished).toBe(true);
  });

  it("begins anew with another name", () => {
    expect(grown(known, chart([candle(180, "5")], { name: "other" })).candles).toHaveLength(1);
  });
});
