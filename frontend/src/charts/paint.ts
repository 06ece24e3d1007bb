/** The page's colours for the canvas, which knows no custom properties. */

import type { Paint } from "./draw";

const NAMES = {
  background: "--card",
  line: "--line",
  text: "--muted",
  up: "--up",
  down: "--down",
  buy: "--buy",
  sell: "--sell",
} as const;

/** What the custom properties say at an element, now. */
export function paintOf(place: Element): Paint {
  const style = getComputedStyle(place);
  const colour = (name: keyof typeof NAMES): string => style.getPropertyValue(NAMES[name]).trim() || "gray";
  return {
    background: colour("background"),
    line: colour("line"),
    text: colour("text"),
    up: colour("up"),
    down: colour("down"),
    buy: colour("buy"),
    sell: colour("sell"),
  };
}

/** Calls back when the theme changes: the system's, or the one chosen on the page. Gives back what ends it. */
export function watchPaint(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: light)");
  const chosen = new MutationObserver(changed);
  system.addEventListener("change", changed);
  chosen.observe(document.documentElement, { attributes: true });
  return () => {
    system.removeEventListener("change", changed);
    chosen.disconnect();
  };
}
