/** Requests to our server: JSON both ways, the CSRF token on every POST, one shape of error. */

import type { OtherSession } from "./live-types";
import type { User } from "./state";
import { firstRun, others, sessionEnded, user } from "./state";

/** What the server refused, in its words; `status` 0 means that it was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    text: string,
    readonly fix: string | null = null,
  ) {
    super(text);
  }
}

export interface SessionAnswer {
  user: User | null;
  csrf: string;
  first_run: boolean;
  mode_hint?: string | null;
  sessions?: OtherSession[] | null;
}

let csrf = "";

export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { method: "GET", ...(signal ? { signal } : {}) });
}

export function postJson<T>(path: string, body: object, timeoutMs = 15_000): Promise<T> {
  return ask<T>(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-ninefifteen-csrf": csrf },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

/** Who we are. Also fetches the CSRF token, without which no POST is taken. */
export async function fetchSession(): Promise<SessionAnswer> {
  const answer = await getJson<SessionAnswer>("/api/session");
  csrf = answer.csrf;
  firstRun.value = answer.first_run;
  others.value = answer.sessions ?? [];
  if (answer.user) sessionEnded.value = false;
  else if (user.value) sessionEnded.value = true;
  if (answer.user) user.value = answer.user;
  return answer;
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const reply = await reach(path, init);
  const body = await readBody(reply);
  if (reply.ok) return body as T;
  if (reply.status === 401 && user.value) sessionEnded.value = true;
  throw refusal(reply.status, body);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    const text = late ? "The dashboard's server did not answer in time." : "The dashboard's server is not reached.";
    throw new ApiError(0, late ? "timeout" : "unreachable", text, "Is `ninefifteen run` still running?");
  }
}

async function readBody(reply: Response): Promise<unknown> {
  try {
    return await reply.json();
  } catch {
    return null;
  }
}

function refusal(status: number, body: unknown): ApiError {
  const error = (body as { error?: { code?: string; text?: string; fix?: string | null } } | null)?.error;
  const text = error?.text ?? `The server answered with status ${status}`;
  return new ApiError(status, error?.code ?? `http_${status}`, sentence(text), error?.fix ?? null);
}

/** The server's words as a sentence; what begins with a name of the settings or a command stays as it is. */
export function sentence(text: string): string {
  const begun = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?:]$/.test(begun) ? begun : `${begun}.`;
}
