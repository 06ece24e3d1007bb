/** Writes src/words-table.ts from the terminal screen's table of words: `node dev/words.mjs`. */
import { readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const toml = readFileSync(here("../../src/ninefifteen/reports/words.toml"), "utf8");
const tables = {};
let table = null;
for (const line of toml.split("\n")) {
  const head = /^\[(\w+)\]/.exec(line);
  const pair = /^(\w+) = "(.*)"$/.exec(line);
  if (head) table = tables[head[1]] = {};
  else if (pair && table) table[pair[1]] = pair[2];
}
const body = JSON.stringify(tables, null, 2).replace(/^(\s*)"(\w+)":/gm, "$1$2:");
const text = `/** Plain words for the engine's codes, written by dev/words.mjs from the table of the terminal's screen. */
export const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = ${body};
`;
if (process.argv[2] === "--print") process.stdout.write(text);
else writeFileSync(here("../src/words-table.ts"), text);
