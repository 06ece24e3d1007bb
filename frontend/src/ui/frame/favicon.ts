/** The tab's picture in the colour of the mode: the third way in which the mode is seen. */

import type { ModeTone } from "../../standing";

const GROUNDS: Record<ModeTone, [string, string]> = {
  none: ["#566078", "#ffffff"],
  demo: ["#1d4ed8", "#ffffff"],
  paper: ["#fbbf24", "#1c1400"],
  live: ["#b0126f", "#ffffff"],
};
const LETTERS: Record<ModeTone, string> = { none: "9", demo: "D", paper: "P", live: "L" };

export function drawFavicon(tone: ModeTone, halted: boolean): void {
  const [ground, ink] = halted ? ["#b91c1c", "#ffffff"] : GROUNDS[tone];
  const letter = halted ? "H" : LETTERS[tone];
  const picture =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${ground}"/>` +
    `<text x="16" y="23" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="20" fill="${ink}">${letter}</text></svg>`;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon) icon.href = `data:image/svg+xml,${encodeURIComponent(picture)}`;
}
