/** Line icons of the rail, drawn on a 20 by 20 grid. */

const PATHS: Record<string, string> = {
  today: "M3 4h14v13H3zM3 8h14M7 2v4M13 2v4M7 12h2M11 12h2",
  chart: "M5 3v14M10 3v14M15 3v14M3.5 7h3v6h-3zM8.5 5h3v5h-3zM13.5 9h3v5h-3z",
  positions: "M3 6h14v10H3zM7 6V4h6v2M3 10h14",
  risk: "M10 2l7 3v5c0 4-3 7-7 8-4-1-7-4-7-8V5zM10 7v3M10 13h.01",
  log: "M4 5h12M4 10h12M4 15h7",
  history: "M10 3a7 7 0 1 1-6.3 4M3 3v4h4M10 6v4l3 2",
  performance: "M3 16h14M4 13l4-5 3 3 5-7",
  gates: "M4 17V5l6-2 6 2v12M8 17v-6h4v6",
  audit: "M6 3h8v14H6zM8.5 7h3M8.5 10h3M8.5 13h3",
  health: "M2 10h4l2-5 4 10 2-5h4",
  settings: "M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 2v2.5M10 15.5V18M2 10h2.5M15.5 10H18M4.3 4.3l1.8 1.8M13.9 13.9l1.8 1.8M15.7 4.3l-1.8 1.8M6.1 13.9l-1.8 1.8",
  setup: "M4 10l4 4 8-9",
  emergency: "M10 3l8 14H2zM10 8v4M10 14.5h.01",
  help: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM8 8a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1.1M10 14h.01",
  about: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9v5M10 6.2h.01",
  more: "M4 10h.01M10 10h.01M16 10h.01",
  user: "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 17c.8-3 3.3-4.5 6.5-4.5s5.700 1.500 6.500 4.500",
};

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name] ?? PATHS["about"]} />
    </svg>
  );
}
