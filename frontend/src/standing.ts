/** What the frame says about the day: mode, the exchange's clock, and the notices over the page. Pure functions. */

import { age, clock, rupees } from "./format";
import type { DayState, Engine, EventLine, Maybe } from "./live-types";
import type { Link } from "./state";

export type ModeTone = "none" | "demo" | "paper" | "live";

export interface Mode {
  tone: ModeTone;
  word: string;
  /** Stands behind the page on invented and rehearsed days. */
  watermark: string | null;
}

/** The mode of the state; before one has come nothing is claimed, and between days it may not be said. */
export function modeOf(state: Maybe<DayState>): Mode {
  if (!state) return { tone: "none", word: "NO ENGINE", watermark: null };
  const marks = [state.synthetic ? "SYNTHETIC" : "", state.rehearsal ? "REHEARSAL" : ""].filter(Boolean);
  const watermark = marks.length ? marks.join(" ") : null;
  if (state.mode === "live") {
    const account = state.account ? ` ··${state.account}` : "";
    return { tone: "live", word: state.rehearsal ? "LIVE REHEARSAL" : `LIVE${account}`, watermark };
  }
  if (state.mode === "demo") return { tone: "demo", word: "DEMO", watermark };
  if (state.mode === "paper") return { tone: "paper", word: "PAPER", watermark };
  return state.mode ? { tone: "demo", word: state.mode.toUpperCase(), watermark } : { tone: "none", word: "NO DAY", watermark };
}

/** The page's title: what it is and how the day stands, readable on a tab. */
export function titleOf(state: Maybe<DayState>, live: boolean): string {
  if (!state) return "ninefifteen";
  const figure = state.day_result == null ? "" : ` ${rupees(state.day_result, { sign: true, whole: true })}`;
  const halted = state.halted ? "HALTED · " : "";
  return `${live ? "" : "? "}${halted}${modeOf(state).word}${figure} · ninefifteen`;
}

/** Simulated seconds a second where the engine says so ("x60", "real time"); null: as fast as it goes. */
export function speedOf(state: Maybe<DayState>): number | null {
  if (!state?.speed || state.speed === "real time") return 1;
  const times = /^x(\d+(?:\.\d+)?)$/.exec(state.speed);
  return times ? Number(times[1]) : null;
}

/** How fast the day runs, for the block of the mode; nothing where it runs as days do. */
export function paceOf(state: Maybe<DayState>): string {
  return speedOf(state) === 1 ? "" : (state?.speed ?? "").replace(/^x/, "×");
}

const LONGEST_GUESS_MS = 3000;

/** The exchange's clock now: the state's, carried on at its speed for at most three seconds, and never past the close. */
export function exchangeNow(state: Maybe<DayState>, sinceMs: number, live: boolean): string | null {
  if (!state?.clock) return null;
  const at = Date.parse(state.clock);
  if (Number.isNaN(at)) return null;
  const speed = speedOf(state) ?? 0;
  const carried = live && !state.ended ? Math.min(Math.max(0, sinceMs), LONGEST_GUESS_MS) * speed : 0;
  const close = state.close_at ? Date.parse(state.close_at) : Infinity;
  return new Date(Math.max(at, Math.min(at + carried, close))).toISOString();
}

/** Seconds from one instant to another; null where one is missing. */
export function secondsTo(from: Maybe<string>, to: Maybe<string>): number | null {
  if (!from || !to) return null;
  const span = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isNaN(span) ? null : span;
}

export type SessionPhase = "none" | "pre_open" | "open" | "square_off" | "closed" | "holiday";

/** Where the exchange's day stands, and the words for the bar. */
export function sessionOf(state: Maybe<DayState>, at: string | null): { phase: SessionPhase; next: string | null } {
  const told = state?.session?.phase as Maybe<SessionPhase>;
  const runs = Object.values(state?.strategies ?? {});
  if (told === "open" && runs.length && runs.every((one) => one.phase === "done"))
    return { phase: "square_off", next: state?.close_at ?? null };
  if (told) return { phase: told, next: state?.session?.next_at ?? null };
  if (!state || !at) return { phase: "none", next: null };
  if (!state.date || !state.open_at || !state.close_at) return { phase: "closed", next: null };
  if ((secondsTo(at, state.open_at) ?? 0) > 0) return { phase: "pre_open", next: state.open_at };
  const squareOff = runs.filter((one) => one.phase !== "done").map((one) => one.exit_at).sort()[0];
  if (state.ended || (secondsTo(at, state.close_at) ?? 0) <= 0) return { phase: "closed", next: null };
  if (squareOff && (secondsTo(at, squareOff) ?? 0) > 0) return { phase: "open", next: squareOff };
  return { phase: "square_off", next: state.close_at };
}

export interface Notice {
  key: string;
  tone: "danger" | "amber" | "plain" | "accent";
  title: string;
  text: string;
  /** What the notice offers to do; the frame knows how. */
  act?: "unlock" | "resume" | "emergency";
  /** The day whose orders the notice links to. */
  orders?: Maybe<string>;
}

export interface Seen {
  link: Link;
  engine: Engine | null;
  state: Maybe<DayState>;
  /** `performance.now()`. */
  now: number;
  events?: readonly EventLine[];
}

/** Everything that has to be said over the page, the most pressing first. */
export function noticesOf(seen: Seen): Notice[] {
  const lines = [...lineNotices(seen), ...stopNotices(seen.state, seen.events ?? []), ...priceNotices(seen), ...limitNotices(seen.state)];
  return lines;
}

/** The three ways in which what is shown may be old: our line, the engine, and (below) the broker's feed. */
function lineNotices({ link, engine, state, now }: Seen): Notice[] {
  const held = state?.positions?.length ? " Open positions are shown as last known." : "";
  if (link.phase === "live" && engine?.state === "gone" && state?.ended && !held)
    return [
      {
        key: "over",
        tone: "plain",
        title: "The day is over",
        text: `The engine ended at ${clock(state.clock)} IST of the exchange's clock with nothing held. What it did stays here.`,
      },
    ];
  if (link.phase === "stale" || link.phase === "reconnecting") {
    const tries = link.phase === "reconnecting" ? `Reconnecting (try ${link.tries})…` : "Nothing is heard…";
    const old = link.since ? ` The figures are ${age((now - link.since) / 1000)} old.` : "";
    return [
      {
        key: "line",
        tone: "plain",
        title: tries,
        text: `The dashboard's server does not answer.${old}${held} The engine may well go on without it.`,
        act: "emergency",
      },
    ];
  }
  if (link.phase !== "live" || !engine || engine.state === "connected") return [];
  const since = clock(engine.since);
  const silent = engine.state === "silent";
  return [
    {
      key: "engine",
      tone: "danger",
      title: silent ? `The engine is silent since ${since}` : `Engine not reachable since ${since}`,
      text: silent
        ? `It is connected and says nothing.${held} HALT can still be pressed.`
        : `No engine runs in this home, or it has died.${held} HALT can still be pressed.`,
      act: "emergency",
    },
  ];
}

const DOORS: Readonly<Record<string, string>> = { dashboard: "on the dashboard", cli: "in a terminal", file: "the file HALT" };

/** "dashboard:asha: enough" of the engine in words: who, through which door, and why. */
export function byWhom(told: string): string {
  const [, door = "", who = "", why = ""] = /^(\w+)(?::(\S+))?: (.*)$/s.exec(told) ?? [];
  const by = [who, DOORS[door] ?? door].filter(Boolean).join(", ");
  return `By ${by ? `${by}: ${why}` : told}.`.replace(/([.!?])\.$/, "$1");
}

/** When the newest halt of this day's lines was, where they still reach back to it. */
function haltedAt(lines: readonly EventLine[]): string {
  const line = lines.findLast((one) => /^HALT by /.test(one.text));
  return line ? ` since ${clock(line.at)}` : "";
}

function stopNotices(state: Maybe<DayState>, events: readonly EventLine[]): Notice[] {
  if (!state) return [];
  const lines: Notice[] = [];
  if (state.halted)
    lines.push({
      key: "halted",
      tone: "danger",
      title: `HALTED${haltedAt(events)}`,
      text: `${byWhom(state.halted)} Nothing enters until somebody unlocks it, today or later.`,
      act: "unlock",
      orders: state.date ?? (state.last_day?.["date"] as Maybe<string>),
    });
  if (state.paused)
    lines.push({
      key: "paused",
      tone: "amber",
      title: "Entries are paused",
      text: `${byWhom(state.paused)} What is held stays guarded.`,
      act: "resume",
    });
  if (state.losing_streak)
    lines.push({
      key: "streak",
      tone: "amber",
      title: `${state.losing_streak} losing trades in a row`,
      text: "No entry until somebody resumes (rule: risk.max_consecutive_losses).",
      act: "resume",
    });
  return lines;
}

const STALE_PRICE_S = 2.5;

/** How old the newest price may be on this day's clock: a fast day is coarser between two frames. */
export function priceIsOld(state: Maybe<DayState>): number | null {
  const old = state?.feed?.age_s;
  const phase = state?.session?.phase;
  if (old == null || (phase !== "open" && phase !== "square_off")) return null;
  const speed = speedOf(state) ?? 1;
  return old > STALE_PRICE_S * Math.max(1, speed) ? old : null;
}

function priceNotices({ state }: Seen): Notice[] {
  const lines: Notice[] = [];
  const old = priceIsOld(state);
  if (old !== null)
    lines.push({
      key: "feed",
      tone: "amber",
      title: `Prices are ${age(old)} old (broker feed)`,
      text: "No entry is made on old prices; the figures below are struck out until new ones come.",
    });
  const books = state?.broker;
  if (books?.blind_since)
    lines.push({
      key: "blind",
      tone: "amber",
      title: `The broker's books cannot be read since ${clock(books.blind_since)}`,
      text: "Orders and positions are the last known. No entry is made meanwhile.",
    });
  if (books?.differs)
    lines.push({ key: "differs", tone: "amber", title: "No entry until the books agree", text: books.differs });
  return lines;
}

function limitNotices(state: Maybe<DayState>): Notice[] {
  const lines: Notice[] = [];
  const reasons = Object.values(state?.strategies ?? {}).map((one) => one.done_reason);
  const used = /^-?0*(\.0*)?$/.test(state?.loss_left ?? "1");
  if (state?.date && (used || reasons.includes("max_daily_loss")))
    lines.push({
      key: "loss",
      tone: "amber",
      title: "The daily loss limit is used up",
      text: `Rule risk.max_daily_loss: result ${rupees(state.day_result, { sign: true })}, limit ${rupees(state.max_daily_loss)}. No entry any more today; it begins anew on the next trading day.`,
    });
  return lines;
}
