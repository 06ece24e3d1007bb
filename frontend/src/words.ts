/** Plain words for the codes of the engine; a code without words is shown as it is, spaced. */

import type { Maybe } from "./live-types";
import { WORDS } from "./words-table";

export type WordTable =
  | "code"
  | "verdict"
  | "waiting"
  | "phase"
  | "step"
  | "exit"
  | "no_trade"
  | "state"
  | "role"
  | "status";

/** What the terminal's table does not name: between the phases it knows. */
const OURS: Readonly<Record<string, string>> = { idle: "waiting for the scan", intent: "order to send" };

export function words(table: WordTable, code: Maybe<string>): string {
  if (!code) return "";
  return WORDS[table]?.[code] ?? OURS[code] ?? code.replaceAll("_", " ");
}

/** A line of the log without the exchange's codes. */
export function eventText(text: string): string {
  return text
    .replace("LIMIT limit", "limit")
    .replace("SL limit", "as a stop, limit")
    .replace("trigger_pending", words("state", "trigger_pending"));
}
