import { describe, expect, test } from "vitest";

import type { DayState, Engine } from "./live-types";
import { byWhom, exchangeNow, modeOf, noticesOf, paceOf, priceIsOld, sessionOf, titleOf } from "./standing";
import type { Link } from "./state";

const LINK: Link = { phase: "live", since: 0 };
const ENGINE: Engine = { state: "connected", since: "2026-12-04T09:00:00.000+05:30" };

function state(change: Partial<DayState> = {}): DayState {
  return {
    program: "0.1.0",
    mode: "paper",
    rehearsal: false,
    clock: "2026-12-04T09:20:00.000+05:30",
    speed: "x1",
    date: "2026-12-04",
    halted: null,
    paused: null,
    losing_streak: null,
    day_result: "-952.66",
    loss_left: "1047.34",
    max_daily_loss: "2000.00",
    ...change,
  };
}

function titles(change: Partial<DayState>, link: Link = LINK, engine: Engine | null = ENGINE): string[] {
  return noticesOf({ link, engine, state: state(change), now: 10_000 }).map((one) => one.title);
}

describe("the mode", () => {
  test("is named and coloured for each way of running", () => {
    expect(modeOf(state()).word).toBe("PAPER");
    expect(modeOf(state({ mode: "live", account: "7K41" }))).toMatchObject({ tone: "live", word: "LIVE ··7K41" });
    expect(modeOf(state({ mode: "demo" })).tone).toBe("demo");
  });

  test("is a plain word between days, where the engine may not say it; a halt is in the title all the same", () => {
    const between = state({ mode: null, date: null, day_result: null, halted: "file: stop" });
    expect(modeOf(between)).toMatchObject({ tone: "none", word: "NO DAY" });
    expect(titleOf(between, true)).toBe("HALTED · NO DAY · ninefifteen");
    expect(titleOf(between, false)).toMatch(/^\? HALTED/);
  });

  test("is not claimed before an engine has said it", () => {
    expect(modeOf(null).word).toBe("NO ENGINE");
  });

  test("has a watermark on invented and on rehearsed days", () => {
    expect(modeOf(state({ synthetic: true })).watermark).toBe("SYNTHETIC");
    expect(modeOf(state({ mode: "live", rehearsal: true }))).toMatchObject({ word: "LIVE REHEARSAL", watermark: "REHEARSAL" });
    expect(modeOf(state()).watermark).toBeNull();
  });

  test("stands in the title with the result, and a question mark when it is not the present", () => {
    expect(titleOf(state(), true)).toBe("PAPER −₹952 · ninefifteen");
    expect(titleOf(state({ halted: "cli:asha: stop" }), false)).toBe("? HALTED · PAPER −₹952 · ninefifteen");
  });
});

describe("the notices", () => {
  test("are silent while all is well", () => {
    expect(titles({})).toEqual([]);
  });

  test("say since when the engine is silent or gone, and that positions are the last known", () => {
    const held = { positions: [{ contract: "X" }] } as unknown as Partial<DayState>;
    const notices = noticesOf({ link: LINK, engine: { ...ENGINE, state: "gone" }, state: state(held), now: 0 });
    expect(notices[0]?.title).toBe("Engine not reachable since 09:00:00");
    expect(notices[0]?.text).toContain("last known");
    expect(titles({}, LINK, { ...ENGINE, state: "silent" })).toEqual(["The engine is silent since 09:00:00"]);
  });

  test("blame the line, not the engine, when the browser is cut off", () => {
    const cut: Link = { phase: "reconnecting", since: 3000, tries: 3, why: "" };
    const notices = noticesOf({ link: cut, engine: { ...ENGINE, state: "gone" }, state: state(), now: 10_000 });
    expect(notices.map((one) => one.title)).toEqual(["Reconnecting (try 3)…"]);
    expect(notices[0]?.text).toContain("7.0 s old");
  });

  test("are calm about an engine that ended with its day", () => {
    expect(titles({ ended: true, positions: [] }, LINK, { ...ENGINE, state: "gone" })).toEqual(["The day is over"]);
  });

  test("name who halted or paused, and offer the way back", () => {
    const halted = noticesOf({ link: LINK, engine: ENGINE, state: state({ halted: "cli:asha: enough" }), now: 0 });
    expect(halted[0]).toMatchObject({ tone: "danger", title: "HALTED", act: "unlock" });
    expect(halted[0]).toMatchObject({ orders: "2026-12-04", text: expect.stringContaining("By asha, in a terminal: enough.") });
    expect(titles({ paused: "telegram:ravi: lunch" })).toEqual(["Entries are paused"]);
    expect(titles({ losing_streak: 4 })).toEqual(["4 losing trades in a row"]);
  });

  test("say when the halt was while the day's lines reach back to it", () => {
    const events = [{ at: state().clock, kind: "alarm", severity: "critical", text: "HALT by dashboard:asha: enough" }];
    const halted = state({ halted: "dashboard:asha: enough" });
    expect(noticesOf({ link: LINK, engine: ENGINE, state: halted, now: 0, events })[0]?.title).toBe("HALTED since 09:20:00");
    expect(["file: the HALT file is there", "somebody"].map(byWhom)).toEqual(["By the file HALT: the HALT file is there.", "By somebody."]);
  });

  test("give rule, value and limit when the day's loss is used up", () => {
    const used = noticesOf({ link: LINK, engine: ENGINE, state: state({ loss_left: "0.00", day_result: "-2011.40" }), now: 0 });
    expect(used[0]?.text).toContain("risk.max_daily_loss: result −₹2,011.40, limit ₹2,000.00");
  });

  test("tell of books that cannot be read or do not agree", () => {
    const broker = { reconciled: true, known_at: null, age_s: null, blind_since: state().clock, differs: "1 lot more" };
    expect(titles({ broker })).toEqual(["The broker's books cannot be read since 09:20:00", "No entry until the books agree"]);
  });
});

describe("old prices", () => {
  const open = { session: { phase: "open" } };

  test("are noticed after 2.5 seconds in the session only", () => {
    expect(priceIsOld(state({ ...open, feed: { age_s: 2.4 } }))).toBeNull();
    expect(priceIsOld(state({ ...open, feed: { age_s: 7.2 } }))).toBe(7.2);
    expect(priceIsOld(state({ session: { phase: "closed" }, feed: { age_s: 700 } }))).toBeNull();
  });

  test("are measured by a fast day's own clock", () => {
    expect(priceIsOld(state({ ...open, speed: "x60", feed: { age_s: 60 } }))).toBeNull();
    expect(priceIsOld(state({ ...open, speed: "x60", feed: { age_s: 200 } }))).toBe(200);
  });
});

describe("the exchange's clock", () => {
  test("goes on at the day's speed between frames, and stops when the feed does", () => {
    const fast = state({ speed: "x60" });
    expect(exchangeNow(fast, 500, true)).toBe("2026-12-04T03:50:30.000Z");
    expect(exchangeNow(fast, 500, false)).toBe("2026-12-04T03:50:00.000Z");
    expect(exchangeNow(state(), 60_000, true)).toBe("2026-12-04T03:50:03.000Z");
    expect(exchangeNow(state({ speed: "real time" }), 500, true)).toBe("2026-12-04T03:50:00.500Z");
  });

  test("says how fast a day runs, unless it runs as days do", () => {
    const paces = ["x1", "real time", null, "x60", "max"].map((speed) => paceOf(state({ speed })));
    expect(paces).toEqual(["", "", "", "×60", "max"]);
  });

  test("stands still after the end of the day, and never runs past the close", () => {
    expect(exchangeNow(state({ ended: true, speed: "x60" }), 2000, true)).toBe("2026-12-04T03:50:00.000Z");
    const close = { close_at: "2026-12-04T09:21:00+05:30", speed: "x60" };
    expect(exchangeNow(state(close), 3000, true)).toBe("2026-12-04T03:51:00.000Z");
  });

  test("counts to the close, not to a square-off, when every trade is over", () => {
    const over = { session: { phase: "open", next_at: "2026-12-04T15:10:00+05:30" }, close_at: "2026-12-04T15:40:00+05:30", strategies: { a: { phase: "done" } } };
    expect(sessionOf(state(over as unknown as Partial<DayState>), state().clock)).toEqual({ phase: "square_off", next: over.close_at });
  });

  test("tells the session without help from a newer engine", () => {
    const hours = { open_at: "2026-12-04T09:15:00+05:30", close_at: "2026-12-04T15:40:00+05:30" };
    expect(sessionOf(state(hours), "2026-12-04T09:10:00+05:30").phase).toBe("pre_open");
    expect(sessionOf(state(hours), "2026-12-04T15:41:00+05:30").phase).toBe("closed");
    expect(sessionOf(state({ date: null }), state().clock).phase).toBe("closed");
  });
});
