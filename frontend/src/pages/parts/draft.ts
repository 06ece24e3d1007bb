/** Settings being edited: texts in the fields, and what of them is a change to send. */

import type { SettingRow } from "../../shapes";

/** What a change may be sent as. Numbers go as text, so that no digit is lost on the way. */
export type Sent = string | boolean | number | null | (string | number)[];

/** Fields that were touched: key to text; a truth is "true" or "false". */
export type Drafts = Readonly<Record<string, string>>;

/** A value as it stands in its field. */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(String).join(", ");
  return String(value);
}

/** A value for reading: an empty one in words. */
export function shownText(value: unknown): string {
  if (Array.isArray(value) && value.length === 0) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return fieldText(value) || "not set";
}

/** What the text of a field means for its setting. The server judges it; nothing is judged here. */
export function sentAs(row: SettingRow, text: string): Sent {
  const trimmed = text.trim();
  if (row.kind === "truth") return trimmed === "true";
  if (row.kind === "list") return listOf(row, trimmed);
  if (trimmed === "" && row.optional) return null;
  return trimmed;
}

function listOf(row: SettingRow, text: string): (string | number)[] {
  const parts = text.split(",").map((part) => part.trim()).filter(Boolean);
  const known = Array.isArray(row.value) && row.value.length > 0 ? row.value : row.default;
  const numbers = Array.isArray(known) && known.length > 0 && known.every((one) => typeof one === "number");
  return numbers ? parts.map((part) => (/^-?\d+$/.test(part) ? Number(part) : part)) : parts;
}

/** The changes to send: only fields whose text is another than what counts now. */
export function changesOf(rows: readonly SettingRow[], drafts: Drafts): Record<string, Sent> {
  const changes: Record<string, Sent> = {};
  for (const row of rows) {
    const text = drafts[row.key];
    if (text !== undefined && text.trim() !== fieldText(row.value)) changes[row.key] = sentAs(row, text);
  }
  return changes;
}

/** The range of a setting in words; empty where it has none. */
export function rangeText(row: SettingRow): string {
  if (row.kind === "choice") return "";
  const low = row.above !== null ? `above ${row.above}` : row.low !== null ? `from ${row.low}` : "";
  const high = row.high !== null ? `up to ${row.high}` : "";
  return [low, high].filter(Boolean).join(" ");
}

/** When most of these settings count after a change, in the server's words. */
export function usualApplies(rows: readonly SettingRow[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.applies, (counts.get(row.applies) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? "";
}

/** The server's words without the marks that terminals and documents use for commands. */
export function plainText(text: string): string {
  return text.replaceAll("`", "");
}

/** A server's half sentence as a whole one. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? "" : "."}`;
}

/** The contradictions before and after a save, by the setting that each begins with: with new figures it is still the same. */
export function clashesOf(now: readonly string[], then: readonly string[]): Record<"fresh" | "still" | "gone", string[]> {
  const before = now.map(keyOf);
  const after = then.map(keyOf);
  return {
    fresh: then.filter((text) => !before.includes(keyOf(text))),
    still: then.filter((text) => before.includes(keyOf(text))),
    gone: now.filter((text) => !after.includes(keyOf(text))),
  };
}

/** What a contradiction is about: the settings that its first line names. */
function keyOf(text: string): string {
  return (text.split("\n")[0]?.match(/[a-z]\w*\.[a-z]\w*/g) ?? [text]).join(" ");
}
