/** Sending commands. Each press sends one request; nothing is sent again unless the user presses again. */

import { effect, signal } from "@preact/signals";

import { ApiError, fetchSession, postJson } from "../api";
import type { Answer } from "../live-types";
import { answers, day, fresh, serverAt, serverHeardAt } from "../state";
import { type Attempt, type Verb, answered, failed, freshId, pressed, seen } from "./attempt";

export const attempts = signal<Partial<Record<Verb, Attempt>>>({});

export interface Extra {
  reason?: string;
  confirmed?: boolean;
  totp?: string;
}

const LONGEST_MS = 10_000;

/** Send `verb` once and keep what becomes of it in `attempts`. */
export async function command(verb: Verb, extra: Extra = {}): Promise<void> {
  const attempt = pressed(attempts.value[verb] ?? null, verb, serverNow(), performance.now(), freshId(), Boolean(day.peek()?.date));
  put(attempt);
  const body = { id: attempt.id, sent_at: attempt.sentAt, ...extra };
  try {
    const answer = await post(verb, body);
    change(verb, attempt.id, (known) => answered(known, answer));
  } catch (error) {
    const fault = error instanceof ApiError ? error : new ApiError(0, "unknown", String(error));
    change(verb, attempt.id, (known) => failed(known, fault));
  }
}

/** A page that was loaded while the server was away has no token yet: it is fetched, and the press goes out. */
async function post(verb: Verb, body: object): Promise<Pick<Answer, "id" | "state" | "text">> {
  try {
    return await postJson(`/api/commands/${verb}`, body, LONGEST_MS);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "csrf") throw error;
    // Refused at the door: the engine never saw it, so this is still the first time it is sent.
    await fetchSession();
    return postJson(`/api/commands/${verb}`, body, LONGEST_MS);
  }
}

/** Forget what is over when the dialog closes: the next press is a new command. What the engine works on is kept. */
export function forgetFinished(): void {
  const open = Object.entries(attempts.value).filter(([, one]) => one.step === "taken");
  attempts.value = Object.fromEntries(open);
}

effect(() => {
  for (const answer of answers.value) {
    const verb = answer.verb as Verb;
    if (attempts.peek()[verb]?.id === answer.id) change(verb, answer.id, (known) => answered(known, answer));
  }
});

effect(() => {
  const state = day.value;
  if (!fresh.value) return;
  for (const one of Object.values(attempts.value)) change(one.verb, one.id, (known) => seen(known, state?.date, state?.flat));
});

function put(attempt: Attempt): void {
  attempts.value = { ...attempts.peek(), [attempt.verb]: attempt };
}

function change(verb: Verb, id: string, how: (known: Attempt) => Attempt): void {
  const known = attempts.peek()[verb];
  if (!known || known.id !== id) return;
  const next = how(known);
  if (next !== known) put(next);
}

/** The server's clock, carried on since its last beat; this machine's own before one was heard. */
function serverNow(): string {
  const heard = serverAt.value ? Date.parse(serverAt.value) : Number.NaN;
  if (Number.isNaN(heard)) return new Date().toISOString();
  return new Date(heard + performance.now() - serverHeardAt.value).toISOString();
}
