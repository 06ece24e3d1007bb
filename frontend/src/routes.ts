/** Which page is shown: hash routes such as `#/history/2026-12-04`. Pages other than Today load when asked for. */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";

export interface PageProps {
  /** What follows the page's name in the address. */
  parts: string[];
}

export interface PageEntry {
  name: string;
  title: string;
  /** Shown in the rail; `phone` also in the bar at the foot of a phone. */
  group: "day" | "record" | "desk";
  phone?: boolean;
}

export const PAGES: readonly PageEntry[] = [
  { name: "today", title: "Today", group: "day", phone: true },
  { name: "chart", title: "Chart", group: "day", phone: true },
  { name: "positions", title: "Positions", group: "day", phone: true },
  { name: "risk", title: "Risk", group: "day" },
  { name: "log", title: "Log", group: "day", phone: true },
  { name: "history", title: "History", group: "record" },
  { name: "performance", title: "Performance", group: "record" },
  { name: "gates", title: "Go-live gates", group: "record" },
  { name: "audit", title: "Audit", group: "record" },
  { name: "health", title: "Health", group: "desk" },
  { name: "settings", title: "Settings", group: "desk" },
  { name: "setup", title: "Set-up", group: "desk" },
  { name: "emergency", title: "Emergency", group: "desk" },
  { name: "help", title: "Help", group: "desk" },
  { name: "about", title: "About", group: "desk" },
];

export interface Route {
  name: string;
  parts: string[];
}

export const route = signal<Route>({ name: "today", parts: [] });

/** The address as a page and what follows it; an empty or odd address is Today. */
export function parseHash(hash: string): Route {
  const parts = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
  const [name = "today", ...rest] = parts;
  return { name, parts: rest };
}

export function hrefOf(name: string, ...parts: string[]): string {
  return `#/${[name, ...parts].map(encodeURIComponent).join("/")}`;
}

export function followHash(): void {
  const read = () => {
    route.value = parseHash(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

export interface PageModule {
  default: ComponentType<PageProps>;
}

// A page is the default export of pages/NAME.tsx. Today and the login are in the first load.
const modules = import.meta.glob<PageModule>([
  "./pages/*.tsx",
  "!./pages/today*.tsx",
  "!./pages/login*.tsx",
  "!./pages/first-run*.tsx",
  "!./pages/*.test.tsx",
]);

/** The page's module, or null where this version has no such page. */
export function loadPage(name: string): Promise<PageModule> | null {
  const load = modules[`./pages/${name}.tsx`];
  return load ? load() : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
