/** The page's colours for the canvas, which knows no custom properties. */

import type { Paint } from "./draw";

/**
 * What the custom properties come to at an element, now. They hold `light-dark(...)`, which only becomes a
 * colour where it is used: so a probe uses each of them and is asked.
 */
export function paintOf(place: Element): Paint {
  const probe = document.createElement("span");
  probe.hidden = true;
  place.parentElement?.append(probe);
  const colour = (name: string): string => {
    probe.style.setProperty("color", `var(${name})`);
    return getComputedStyle(probe).color;
  };
  const found = {
    background: colour("--card"),
    line: colour("--line"),
    text: colour("--muted"),
    up: colour("--up"),
    down: colour("--down"),
    buy: colour("--buy"),
    sell: colour("--sell"),
  };
  probe.remove();
  return found;
}

/** Calls back when the theme changes: the system's, or the one chosen on the page. Gives back what ends it. */
export function watchPaint(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: light)");
  const chosen = new MutationObserver(changed);
  system.addEventListener("change", changed);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-colours"] });
  return () => {
    system.removeEventListener("change", changed);
    chosen.disconnect();
  };
}
