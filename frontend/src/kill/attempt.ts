/** One command of the user and what is known of it. Pure: nothing is assumed done that the engine has not said. */

import type { ApiError } from "../api";
import type { Answer, Maybe } from "../live-types";

export type Verb = "pause" | "resume" | "flatten" | "halt" | "unlock";

/** `sent`: no word yet. `unanswered`: no word in time, or not reached: whether the engine has it is not known.
 * `taken`: on the engine's disk. `done`: it has come about, the engine's own word. `latched`: no engine took
 * it, the HALT file stands. `refused`: nothing was changed. */
export type Step = "sent" | "unanswered" | "taken" | "done" | "latched" | "refused";

export interface Attempt {
  id: string;
  verb: Verb;
  step: Step;
  /** The engine's or the server's words. */
  text: string;
  fix: string | null;
  /** The server's clock at the press, and `performance.now()`. */
  sentAt: string;
  pressedAt: number;
  /** `performance.now()` of the first press of this id. */
  firstAt: number;
  presses: number;
  /** The server wants the code of the second factor with it. */
  factor: boolean;
  /** Whether a day was open at the press: without one there is nothing that a halt can close or prove. */
  inDay: boolean;
  /** The engine's own state has shown a flat day after its "done". */
  proved: boolean;
}

/** After so long without a word the other doors are shown. */
export const PATIENCE_MS = 3000;
/** How long presses count as one: later, a repeated id would be answered with what happened then. */
export const SAME_MS = 60_000;

/** A press: the same id while it is not known what became of the last one, so that it is obeyed once. */
export function pressed(before: Attempt | null, verb: Verb, sentAt: string, now: number, id: string, inDay = true): Attempt {
  const open = before !== null && (before.step === "sent" || before.step === "unanswered" || before.step === "taken");
  const same = open && now - before.firstAt < SAME_MS;
  return {
    id: same ? before.id : id,
    verb,
    step: same && before.step === "taken" ? "taken" : "sent",
    text: "",
    fix: null,
    sentAt,
    pressedAt: now,
    firstAt: same ? before.firstAt : now,
    presses: same ? before.presses + 1 : 1,
    factor: before?.factor ?? false,
    inDay: same ? before.inDay : inDay,
    proved: false,
  };
}

/** The engine's answer, by the HTTP reply or later over the WebSocket. */
export function answered(attempt: Attempt, answer: Pick<Answer, "id" | "state" | "text">): Attempt {
  if (answer.id !== attempt.id || attempt.step === "done") return attempt;
  return { ...attempt, step: stepOf(attempt, answer.state), text: answer.text, fix: null };
}

function stepOf(attempt: Attempt, state: string): Step {
  switch (state) {
    case "done":
      return "done";
    case "latched":
      return "latched";
    case "refused":
    case "stale":
      return attempt.step === "taken" ? "taken" : "refused";
    default:
      // "taken", and "repeated": the engine has it already, its text says what became of it.
      return "taken";
  }
}

/** The request failed: refused in words, or nobody knows what became of it. */
export function failed(attempt: Attempt, error: ApiError): Attempt {
  if (attempt.step === "done" || attempt.step === "taken") return attempt;
  const unknown = error.status === 0 || error.status >= 500;
  return {
    ...attempt,
    step: unknown ? "unanswered" : "refused",
    text: error.message,
    fix: error.fix,
    factor: error.code === "second_factor",
  };
}

/** A stop that the engine took with no day open: the latch stands, nothing was closed and nothing is known. */
export function onlyLatched({ verb, step, inDay }: Attempt): boolean {
  return verb === "halt" && !inDay && (step === "taken" || step === "done");
}

/** "Done" is proved by a day that is open and flat, seen after it; once proved it stays so. */
export function seen(attempt: Attempt, date: Maybe<string>, flat: Maybe<boolean>): Attempt {
  const proved = attempt.proved || (attempt.step === "done" && attempt.inDay && Boolean(date) && flat === true);
  return proved === attempt.proved ? attempt : { ...attempt, proved };
}

/** Whether the other ways to stop have to be shown now. */
export function needsDoors(attempt: Attempt | null, now: number): boolean {
  if (!attempt) return false;
  if (attempt.step === "done" || attempt.step === "taken") return onlyLatched(attempt);
  if (attempt.step === "sent") return now - attempt.pressedAt >= PATIENCE_MS;
  return attempt.step !== "refused" || attempt.verb === "halt" || attempt.verb === "flatten";
}

/** An id of the control line: never used again. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
