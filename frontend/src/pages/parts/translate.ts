/** The broker's words into plain ones, by the server's table. */

import type { Maybe } from "../../live-types";
import type { ErrorHelp } from "../../shapes";

/** The entry with the longest words that occur in the message; null when none does. */
export function translated(errors: readonly ErrorHelp[], message: Maybe<string>): ErrorHelp | null {
  const text = (message ?? "").toLowerCase();
  let best: ErrorHelp | null = null;
  let length = 0;
  for (const entry of errors) {
    for (const words of entry.match) {
      if (words.length > length && text.includes(words.toLowerCase())) [best, length] = [entry, words.length];
    }
  }
  return best;
}

/** Entries of a list whose text holds all words that are looked for. */
export function found<T>(entries: readonly T[], wanted: string, textOf: (entry: T) => string): T[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const text = textOf(entry).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
