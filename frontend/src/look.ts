/** How the page looks to this user: theme and colours, kept in this browser. */

import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "dark" | "light";
export type Colours = "usual" | "safe";

export const theme = signal<Theme>(kept("theme", ["auto", "dark", "light"], "auto"));
export const colours = signal<Colours>(kept("colours", ["usual", "safe"], "usual"));

/** Keep the document's attributes and the browser's memory as the signals say. */
export function applyLook(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    keep("theme", theme.value);
  });
  effect(() => {
    document.documentElement.dataset["colours"] = colours.value;
    keep("colours", colours.value);
  });
}

function kept<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const found = localStorage.getItem(`ninefifteen.${key}`) as T | null;
    return found && allowed.includes(found) ? found : otherwise;
  } catch {
    return otherwise;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`ninefifteen.${key}`, value);
  } catch {
    // A browser that keeps nothing shows the usual look next time.
  }
}
