/** The day from 08:30 to 15:40 with the exchange's clock on it; the opening is drawn larger than the long watch. */

import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { clock, countdown, secondsOfDay } from "../../format";
import type { DayState, Maybe, Strategy } from "../../live-types";
import { exchangeNow, secondsTo } from "../../standing";
import { book, day, fresh, now, stateAt } from "../../state";
import { words } from "../../words";

export interface Mark {
  key: string;
  text: string;
  at: string;
}

/** Pieces of the line: until which second of the day, and which share of the width ends there. */
const PIECES: readonly (readonly [until: number, share: number])[] = [
  [8.5 * 3600, 0],
  [9 * 3600, 0.08],
  [9 * 3600 + 13 * 60, 0.24],
  [9 * 3600 + 15 * 60, 0.4],
  [9 * 3600 + 16 * 60, 0.58],
  [15 * 3600, 0.84],
  [15 * 3600 + 40 * 60, 1],
];

/** Where a second of the day lies on the line, 0 to 1. */
export function place(second: number): number {
  let [fromSecond, fromShare] = PIECES[0] ?? [0, 0];
  for (const [until, share] of PIECES) {
    if (second <= until) {
      const span = until - fromSecond;
      return span > 0 ? Math.max(0, fromShare + ((second - fromSecond) / span) * (share - fromShare)) : share;
    }
    [fromSecond, fromShare] = [until, share];
  }
  return 1;
}

/** The points of the day in their order; what happened comes with its own instant. */
export function marksOf(state: Maybe<DayState>, run: Strategy | null): Mark[] {
  const planned: (Mark | null)[] = [
    mark("scan", words("step", "scan"), run?.scan_at),
    mark("entry", words("step", "entry"), run?.entry_at),
    mark("cutoff", words("step", "cutoff"), run?.cutoff_at),
    mark("filled", "bought", run?.times?.filled ?? run?.position?.since ?? run?.trade?.entry_at),
    mark("sold", "sold", run?.trade?.exit_at),
    run?.phase === "done" ? null : mark("square_off", words("step", "square_off"), run?.exit_at),
    mark("close", words("step", "close"), state?.close_at),
  ];
  const found = planned.filter((one): one is Mark => one !== null);
  return found.sort((one, two) => Date.parse(one.at) - Date.parse(two.at));
}

function mark(key: string, text: string, at: Maybe<string>): Mark | null {
  return at ? { key, text, at } : null;
}

export function Timeline({ run }: { run: Strategy | null }) {
  const state = book.value;
  const at = useComputed(() => exchangeNow(day.value, now.value - stateAt.value, fresh.value));
  const marks = marksOf(state, run);
  const next = marks.find((one) => (secondsTo(at.value, one.at) ?? 0) > 0);
  const left = next ? secondsTo(at.value, next.at) : null;
  return (
    <section class="card timeline-card" aria-label="The day">
      <div class="timeline-words">
        <b>{run ? words("phase", run.phase) : "no strategy is switched on"}</b>
        {run?.waiting ? <span class="muted">{words("waiting", run.waiting)}</span> : null}
        {run?.done_reason ? <span class="muted">{words("no_trade", run.done_reason)}</span> : null}
        <span class="timeline-next">
          {next ? (
            <>
              {next.text} at {clock(next.at)} in <b class="strong">{left === null ? "–" : countdown(left)}</b>
            </>
          ) : (
            "the day is over"
          )}
        </span>
      </div>
      <div class="timeline" role="img" aria-label={spoken(marks, at.value)}>
        <span class="timeline-line" />
        <span class="timeline-zoom" />
        <Placed class="timeline-past" property="--until" at={at.value} />
        {marks.map((one, order) => (
          <Placed key={one.key} at={one.at} property="--at" class={`tick row-${order % 2} tick-${one.key}${passed(one, at.value) ? " passed" : ""}`}>
            <i />
            <span>
              {one.text} <small>{clock(one.at, seconds(one) ? "" : "short")}</small>
            </span>
          </Placed>
        ))}
        <Placed class="tick-now" property="--at" at={at.value}>
          <i />
        </Placed>
        <span class="timeline-end left">08:30</span>
      </div>
    </section>
  );
}

function passed(one: Mark, at: string | null): boolean {
  return (secondsTo(at, one.at) ?? 1) <= 0;
}

function seconds(one: Mark): boolean {
  return !clock(one.at).endsWith(":00");
}

function spoken(marks: readonly Mark[], at: string | null): string {
  const points = marks.map((one) => `${one.text} ${clock(one.at, "short")}${passed(one, at) ? " done" : ""}`);
  return `The day from 08:30 to 15:40. Now ${clock(at)}. ${points.join(", ")}.`;
}

interface PlacedProps {
  at: string | null;
  property: string;
  class: string;
  children?: preact.ComponentChildren;
}

/** An element whose custom property says where on the line an instant lies. */
function Placed({ at, property, class: look, children }: PlacedProps) {
  const held = useRef<HTMLSpanElement>(null);
  const second = secondsOfDay(at);
  const share = second === null ? 0 : place(second);
  useLayoutEffect(() => held.current?.style.setProperty(property, share.toFixed(5)), [share, property]);
  return (
    <span ref={held} class={look}>
      {children}
    </span>
  );
}
