/**
 * A step of the build that writes `licences.txt`: the licence of everything of others that is in the page.
 *
 * It looks at what was really bundled, so that a new dependency cannot be forgotten. A package without a
 * licence that is known here ends the build.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** The chart library's package carries no NOTICE file, and its licence asks for this text and the link. */
const NOTICES: Readonly<Record<string, string>> = {
  "lightweight-charts": [
    "TradingView Lightweight Charts(TM)",
    "Copyright (c) 2025 TradingView, Inc. https://www.tradingview.com/",
    "Parts of tslib, Copyright (c) Microsoft Corporation, BSD Zero Clause License, are incorporated.",
  ].join("\n"),
};

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
}

/** The plugin. The file lies beside `index.html`. */
export function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const part of Object.values(bundle)) {
        if (part.type === "chunk") for (const id of part.moduleIds) addFolder(id, folders);
      }
      const texts = [...folders].sort().map(described);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `${HEADING}\n${texts.join("\n")}` });
    },
  };
}

const RULE = "=".repeat(78);
const HEADING = `This page contains the following software of others.\n\n${RULE}`;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

function addFolder(id: string, folders: Set<string>): void {
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/").replace("\0", ""));
  if (found?.[1] !== undefined) folders.add(found[1]);
}

function described(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
  const parts = [`${about.name} ${about.version}  (${about.license})`, NOTICES[about.name], licenceText(folder, about)];
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n\n${RULE}`;
}

function licenceText(folder: string, about: Package): string {
  for (const name of ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE"]) {
    const path = join(folder, name);
    if (existsSync(path)) return readFileSync(path, "utf8").trim();
  }
  if (about.license !== "MIT") throw new Error(`${about.name}: no licence text known for ${about.license}`);
  const author = typeof about.author === "string" ? about.author : about.author?.name;
  return `Copyright (c) the authors of ${about.name}${author === undefined ? "" : ` (${author})`}\n\n${MIT}`;
}
