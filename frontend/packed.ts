/** Writes a `.gz` beside every text of the build: the server sends it as it lies, and compresses nothing itself. */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

const TEXTS = /\.(?:js|css|html|svg|txt|webmanifest)$/;
const SMALLEST = 600;

export function packed(): Plugin {
  let folder = "";
  return {
    name: "packed",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) folder = config.build.outDir;
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!TEXTS.test(name)) continue;
        const text = readFileSync(join(folder, name));
        if (text.length >= SMALLEST) writeFileSync(join(folder, `${name}.gz`), gzipSync(text, { level: 9, memLevel: 7 }));
      }
    },
  };
}
