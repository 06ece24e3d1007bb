/** Amounts with more than two places, written to the paisa where the line-by-line figures stand elsewhere. */

import type { Maybe } from "../../live-types";

/**
 * "-1905.8286" as "-1905.83": rounded half away from zero on the digits, as the terminal writes it. Nothing
 * is reckoned with the result.
 */
export function toPaise(amount: string): string;
export function toPaise(amount: Maybe<string>): string | null;
export function toPaise(amount: Maybe<string>): string | null {
  const parts = amount == null ? null : /^(-?)(\d+)\.(\d\d)(\d+)$/.exec(amount);
  if (parts === null) return amount ?? null;
  const [, sign = "", whole = "", paise = "", rest = ""] = parts;
  const digits = BigInt(whole + paise) + (rest >= "5" ? 1n : 0n);
  const text = String(digits).padStart(3, "0");
  return `${sign}${text.slice(0, -2)}.${text.slice(-2)}`;
}
