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

export function words(table: WordTable, code: Maybe<string>): string {
  if (!code) return "";
  return WORDS[table]?.[code] ?? code.replaceAll("_", " ");
}
