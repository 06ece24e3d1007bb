import { expect, test } from "vitest";

import { hrefOf, PAGES, parseHash } from "./routes";

test("an address names a page and what follows it", () => {
  expect(parseHash("#/history/2026-12-04")).toEqual({ name: "history", parts: ["2026-12-04"] });
  expect(parseHash("")).toEqual({ name: "today", parts: [] });
  expect(parseHash("#/%E0%A4%A")).toEqual({ name: "%E0%A4%A", parts: [] });
});

test("an address survives odd characters", () => {
  expect(parseHash(hrefOf("log", "a/b c"))).toEqual({ name: "log", parts: ["a/b c"] });
});

test("a phone's bar has four pages beside More", () => {
  expect(PAGES.filter((page) => page.phone).map((page) => page.name)).toEqual(["today", "chart", "positions", "log"]);
});
