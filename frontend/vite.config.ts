/// <reference types="vitest/config" />
import { defineConfig } from "vite";

import { licences } from "./licences";

/** Where the fake server for development listens (`node dev/server.mjs`), or a real one. */
const BEHIND = process.env["NINEFIFTEEN_WEB"] ?? "http://127.0.0.1:8099";

export default defineConfig({
  plugins: [licences()],
  // The content security policy knows no inline script and no inline style: everything is a file of ours.
  build: {
    outDir: process.env["NINEFIFTEEN_PAGE_OUT"] ?? "../src/ninefifteen/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome123", "firefox128", "safari17.5"],
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    reportCompressedSize: true,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: BEHIND, ws: true }, "/enter": { target: BEHIND } },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
