/// <reference types="vitest/config" />
import { defineConfig, type Plugin } from "vite";

import { licences } from "./licences";
import { packed } from "./packed";

/** The dashboard server that `npx vite` puts the sources in front of. */
const BEHIND = process.env["NINEFIFTEEN_WEB"] ?? "http://127.0.0.1:8080";

/** All styles come with the page and nothing is preloaded: of vite's helper only the loading is left. */
const plainImports: Plugin = {
  name: "plain-imports",
  enforce: "pre",
  load: { filter: { id: /vite\/preload-helper/ }, handler: () => "export const __vitePreload = (load) => load();" },
};

export default defineConfig({
  plugins: [licences(), packed(), plainImports],
  // The content security policy knows no inline script and no inline style: everything is a file of ours.
  build: {
    outDir: process.env["NINEFIFTEEN_PAGE_OUT"] ?? "../src/ninefifteen/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    target: ["chrome123", "firefox128", "safari17.5"],
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    reportCompressedSize: true,
    rolldownOptions: {
      preserveEntrySignatures: false,
      // All that the first load needs in one file: each request costs a round trip on a slow line.
      // The pages that come later are one file too: together they compress better, and the second is there at once.
      output: {
        codeSplitting: {
          groups: [
            { name: "page", tags: ["$initial"], priority: 2 },
            { name: "more", test: /[\\/]src[\\/](pages|charts)[\\/](?!draw)/, priority: 1, includeDependenciesRecursively: false },
          ],
        },
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: BEHIND, ws: true }, "/enter": { target: BEHIND } },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
