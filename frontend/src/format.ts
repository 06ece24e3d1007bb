/** How figures and times are written. Nothing here computes money: it groups the digits that the server sent. */

import type { Maybe } from "./live-types";

const MINUS = "−";
const NONE = "–";

export interface MoneyLook {
  /** Write + before gains, so that colour is never the only sign. */
  sign?: boolean;
  /** Leave the paise away where there is no room; they are cut, never rounded. */
  whole?: boolean;
  symbol?: boolean;
  /** As many places as the server sent: charges and net results have four. */
  exact?: boolean;
}

/** "-1234567.5" as "−₹12,34,567.50". Works on the digits: a float never touches money. */
export function rupees(amount: Maybe<string>, look: MoneyLook = {}): string {
  const parts = amount == null ? null : /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!parts) return amount ?? NONE;
  const [, given] = parts;
  const [whole = "0", fraction = ""] = toPaise(parts[2] ?? "0", parts[3] ?? "", look);
  const paise = `${fraction}00`.slice(0, Math.max(2, fraction.length));
  const zero = /^0+$/.test(whole) && /^0*$/.test(look.whole ? "" : fraction);
  const sign = zero ? "" : given === "-" ? MINUS : look.sign ? "+" : "";
  const symbol = look.symbol === false ? "" : "₹";
  return `${sign}${symbol}${grouped(whole)}${look.whole ? "" : `.${paise}`}`;
}

/** Two places as the server itself rounds, half to even, on the digits. */
function toPaise(whole: string, fraction: string, look: MoneyLook): [string, string] {
  if (fraction.length <= 2 || look.exact || look.whole) return [whole, fraction];
  const kept = BigInt(whole + fraction.slice(0, 2));
  const rest = fraction.slice(2);
  const half = `5${"0".repeat(rest.length - 1)}`;
  const up = rest > half || (rest === half && kept % 2n === 1n);
  const digits = String(up ? kept + 1n : kept).padStart(3, "0");
  return [digits.slice(0, -2), digits.slice(-2)];
}

/** Indian grouping: the last three digits, then pairs. */
function grouped(digits: string): string {
  const plain = digits.replace(/^0+(?=\d)/, "");
  const last = plain.slice(-3);
  const rest = plain.slice(0, -3);
  return rest ? `${rest.replace(/\B(?=(\d\d)+$)/g, ",")},${last}` : last;
}

export type Direction = "up" | "down" | "flat";

/** Which way an amount points; used for colour, arrow and words alike. */
export function direction(amount: Maybe<string>): Direction {
  if (amount == null || /^[+-]?0*(\.0*)?$/.test(amount)) return "flat";
  return amount.startsWith("-") ? "down" : "up";
}

/** A share as per cent: 0.6968 is "69.7 %". */
export function percent(share: Maybe<number>, digits = 1, sign = false): string {
  if (share == null || !Number.isFinite(share)) return NONE;
  const text = Math.abs(share * 100).toFixed(digits);
  const mark = Number(text) === 0 ? "" : share < 0 ? MINUS : sign ? "+" : "";
  return `${mark}${text} %`;
}

export function number(value: Maybe<number>, digits = 0): string {
  if (value == null || !Number.isFinite(value)) return NONE;
  return new Intl.NumberFormat("en-IN", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** The clock of an instant in IST: "09:15:00"; with `ms` "09:15:00.317", with `short` "09:15". */
export function clock(instant: Maybe<string>, how: "ms" | "short" | "" = ""): string {
  if (!instant) return NONE;
  const parts = istParts(instant);
  if (!parts) return NONE;
  if (how === "short") return parts.time.slice(0, 5);
  return how === "ms" ? `${parts.time}.${parts.ms}` : parts.time;
}

/** "4 Dec 2026", for a date or an instant; with `weekday` "Fri 4 Dec 2026". */
export function day(date: Maybe<string>, weekday = false): string {
  if (!date) return NONE;
  const plain = /^\d{4}-\d\d-\d\d$/.test(date) ? date : istParts(date)?.date;
  if (!plain) return NONE;
  const at = new Date(`${plain}T00:00:00Z`);
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
    ...(weekday ? { weekday: "short" } : {}),
  })
    .format(at)
    .replace(",", "");
}

/** "0.4 s", "12 s", "3 min 05 s", "2 h 10 min": how long something lasts or is old. */
export function age(seconds: Maybe<number>): string {
  if (seconds == null || !Number.isFinite(seconds)) return NONE;
  const at = Math.max(0, seconds);
  if (at < 10) return `${at.toFixed(1)} s`;
  if (at < 60) return `${Math.floor(at)} s`;
  if (at < 3600) return `${Math.floor(at / 60)} min ${two(Math.floor(at % 60))} s`;
  return `${Math.floor(at / 3600)} h ${two(Math.floor((at % 3600) / 60))} min`;
}

/** A countdown: "12:31" or "1:04:05". */
export function countdown(seconds: number): string {
  const at = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(at / 3600);
  const rest = `${two(Math.floor((at % 3600) / 60))}:${two(at % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Seconds since midnight IST of an instant: where it lies on the day's line. */
export function secondsOfDay(instant: Maybe<string>): number | null {
  const parts = instant ? istParts(instant) : null;
  if (!parts) return null;
  const [hours = 0, minutes = 0, seconds = 0] = parts.time.split(":").map(Number);
  return hours * 3600 + minutes * 60 + seconds + Number(parts.ms) / 1000;
}

const IST_OFFSET_MS = 5.5 * 3600 * 1000;

function istParts(instant: string): { date: string; time: string; ms: string } | null {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return null;
  const text = new Date(at + IST_OFFSET_MS).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19), ms: text.slice(20, 23) };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
