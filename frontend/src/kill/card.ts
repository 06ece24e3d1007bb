/** The emergency card: fetched while the server is well, kept for when it is not. */

import { signal } from "@preact/signals";

import { getJson } from "../api";

export interface Door {
  name: string;
  how: string;
  command: string | null;
  does: string;
}

export interface Card {
  home: string;
  halt_file: string;
  kind: string;
  halted: string | null;
  broker: string;
  numbers: string[];
  numbers_text: string;
  doors: Door[];
  halt_does: string[];
  halt_does_not: string[];
  situations: { when: string; do: string[] }[];
}

export const card = signal<Card | null>(null);

export async function keepCard(): Promise<void> {
  try {
    card.value = await getJson<Card>("/api/emergency");
  } catch {
    // The doors below are always known; the card adds paths and numbers when the server is back.
  }
}

/** What can be done with no server at all, in the order in which it should be tried. */
export const ALWAYS: readonly Door[] = [
  {
    name: "A terminal on the machine",
    how: "Works while the engine runs, without this page.",
    command: "ninefifteen halt",
    does: "Sells what the bot holds, cancels its orders, and says when that is proved.",
  },
  {
    name: "A terminal, with the engine dead",
    how: "Closes at the broker itself.",
    command: "ninefifteen halt --direct",
    does: "Needs today's login; it works from the bot's own books.",
  },
  {
    name: "The file HALT in the home folder",
    how: "A running engine sees it within a tenth of a second; the next start is halted as well.",
    command: "touch user_data/HALT",
    does: "Closes nothing while no engine runs.",
  },
  {
    name: "Your broker's own app",
    how: "Cancel the open orders first, then close the position.",
    command: null,
    does: "Works whatever has become of this machine.",
  },
];

/** The card's doors but for this page's own button, or those that are always there. */
export function doorsNow(known: Card | null): readonly Door[] {
  const given = known?.doors.filter((door) => !/dashboard|this page/i.test(door.name)) ?? [];
  return given.length ? given : ALWAYS;
}
