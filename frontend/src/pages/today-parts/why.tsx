/** Why this trade, or why none: the engine's sentences, else its codes in words. */

import type { Strategy } from "../../live-types";
import { book, candidatesOf } from "../../state";
import { hrefOf } from "../../routes";
import { Card, Empty } from "../../ui";
import { words } from "../../words";

export function Why({ run }: { run: Strategy | null }) {
  const lines = run ? whyOf(run) : [];
  const date = book.value?.date;
  return (
    <Card title="Why" actions={date ? <a href={hrefOf("history", date)}>the whole day</a> : null} class="card-why">
      {lines.length ? (
        <ul class="why" tabIndex={0} aria-label="Why, a reason a line">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ) : (
        <Empty title="Nothing is decided yet">Why it traded, or why it did not, stands here in plain words.</Empty>
      )}
    </Card>
  );
}

function whyOf(run: Strategy): string[] {
  if (run.why?.length) return run.why;
  const lines: string[] = [];
  const all = candidatesOf(run.strategy);
  const pick = all.find((one) => one.symbol === run.current);
  if (pick) lines.push(`${pick.symbol}, rank ${pick.rank}, is the first that passes every test.`);
  const before = all.filter((one) => one.code !== "ok" && (!pick || one.rank < pick.rank)).slice(0, 4);
  for (const one of before) lines.push(`${one.symbol}: ${words("code", one.code)}${one.detail ? ` (${one.detail})` : ""}.`);
  if (run.waiting) lines.push(`Not bought yet: ${words("waiting", run.waiting)}.`);
  if (run.done_reason) lines.push(`Done: ${words("no_trade", run.done_reason)}.`);
  return lines;
}
