/** What has become of a command: a list that stays until the engine has proved it, and never runs ahead of it. */

import { useEffect, useRef } from "preact/hooks";

import { sentence } from "../api";
import { clock } from "../format";
import type { Order } from "../live-types";
import { day, fresh, now, positions } from "../state";
import { Prose } from "../ui";
import { type Attempt, type Verb, needsDoors, onlyLatched } from "./attempt";
import { Doors } from "./doors";

const OVER = new Set(["complete", "cancelled", "rejected", "expired"]);
const NAMES: Record<Verb, string> = {
  pause: "Pause entries",
  resume: "Resume",
  flatten: "Flatten",
  halt: "HALT",
  unlock: "Unlock",
};

/** The bot's orders that can still fill. */
export function livingOrders(orders: readonly Order[]): Order[] {
  return orders.filter((order) => !OVER.has(order.state));
}

export function Progress({ attempt }: { attempt: Attempt }) {
  const closes = attempt.verb === "halt" || attempt.verb === "flatten";
  const known = attempt.step === "taken" || attempt.step === "done";
  const doors = needsDoors(attempt, now.value);
  const held = useRef<HTMLElement>(null);
  useEffect(() => held.current?.scrollIntoView({ block: "start" }), [attempt.step, attempt.presses, doors]);
  return (
    <section ref={held} class={`progress step-${onlyLatched(attempt) ? "latched" : attempt.step}`} aria-label={`Progress of ${NAMES[attempt.verb]}`}>
      <Outcome attempt={attempt} />
      <ol class="steps" aria-live="polite">
        <Line state="done">
          Pressed {clock(attempt.sentAt, "ms")} by the machine's clock
          {attempt.presses > 1 ? `, ${attempt.presses} times (the engine obeys it once)` : ""}
        </Line>
        <Line state={known ? "done" : attempt.step === "sent" ? "waiting" : "failed"}>{takenWords(attempt)}</Line>
        {closes && known && attempt.inDay ? <Closing attempt={attempt} /> : null}
        {onlyLatched(attempt) ? <Line state="failed">Nothing was closed: no day is open. What is at the broker is not known here.</Line> : null}
      </ol>
      {doors ? <NoAnswer attempt={attempt} /> : null}
    </section>
  );
}

function takenWords(attempt: Attempt): string {
  if (attempt.step === "taken" || attempt.step === "done") return "The engine has it on its disk";
  if (attempt.step === "refused") return "Refused";
  if (attempt.step === "latched") return "No engine took it";
  return attempt.step === "sent" ? "Waiting for the engine's answer…" : "No answer: whether the engine has it is not known";
}

/** What the engine's own frames show while it closes; old frames prove nothing and are not shown as such. */
function Closing({ attempt }: { attempt: Attempt }) {
  const live = fresh.value && Boolean(day.value?.date);
  const open = livingOrders(day.value?.orders ?? []).length;
  const held = positions.value;
  return (
    <>
      <Line state={live && !open ? "done" : "waiting"}>
        {live ? (open ? `${open} of the bot's orders still in the market` : "No order of the bot in the market") : "Orders: not seen now"}
      </Line>
      {held.map((one) => (
        <Line key={one.contract} state="waiting">
          {live ? `${one.quantity} ${one.contract} ${one.leaving ? "being sold" : "still held"}` : "Position: not seen now"}
        </Line>
      ))}
      {held.length ? null : <Line state={live ? "done" : "waiting"}>{live ? "Nothing held" : "Position: not seen now"}</Line>}
      <Line state={attempt.proved ? "done" : "waiting"}>
        {attempt.proved ? "Proved by the broker's books" : "Waiting for the proof from the broker's books…"}
      </Line>
    </>
  );
}

const SIGNS = { done: "✓", waiting: "…", failed: "✕" } as const;

function Line({ state, children }: { state: keyof typeof SIGNS; children: preact.ComponentChildren }) {
  return (
    <li class={`step-line ${state}`}>
      <span aria-hidden="true">{SIGNS[state]}</span>
      <span>{children}</span>
    </li>
  );
}

function Outcome({ attempt }: { attempt: Attempt }) {
  return (
    <p class="outcome" role={attempt.step === "refused" || attempt.step === "latched" ? "alert" : "status"}>
      <strong>{heading(attempt)}</strong>
      {attempt.text ? (
        <span>
          <Prose text={sentence(attempt.text)} />
        </span>
      ) : null}
      {attempt.fix ? (
        <small>
          <Prose text={attempt.fix} />
        </small>
      ) : null}
    </p>
  );
}

function heading(attempt: Attempt): string {
  const name = NAMES[attempt.verb];
  const closes = attempt.verb === "halt" || attempt.verb === "flatten";
  if (onlyLatched(attempt)) return `${name}: latched. Nothing was closed.`;
  switch (attempt.step) {
    case "sent":
      return `${name}: sent, no answer yet`;
    case "unanswered":
      return `${name}: no answer`;
    case "taken":
      return closes ? `${name}: taken, not proved yet` : `${name}: taken`;
    case "latched":
      return `${name}: latched for the next start. Nothing was closed.`;
    case "refused":
      return `${name}: refused. Nothing was changed.`;
    case "done":
      return `${name}: done`;
  }
}

function NoAnswer({ attempt }: { attempt: Attempt }) {
  const asked = attempt.step === "sent" || attempt.step === "unanswered";
  const again = asked ? " Pressing again sends the same command; it is obeyed once." : "";
  return (
    <div class="no-answer" role="alert">
      <strong>
        {onlyLatched(attempt) ? "If the bot may hold something, use another door:" : attempt.step === "latched" ? "Nothing was closed: no engine runs." : "Do not rely on this page now. Use another door:"}
      </strong>
      <Doors />
      <p>The page goes on asking for the engine's state.{again}</p>
    </div>
  );
}
