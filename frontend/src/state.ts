/** The signals every page reads. Only `feed.ts` and `session.ts` write them. */

import { computed, signal } from "@preact/signals";

import type {
  Answer,
  Candidate,
  DayState,
  Engine,
  EventLine,
  OtherSession,
  Plan,
  Position,
  Strategy,
} from "./live-types";

/** How the browser stands to the dashboard's server.
 *
 * `live`: something came within the last 2.5 s. `stale`: the line is open and silent. `reconnecting`: it is
 * closed and is tried again. `out`: nobody is logged in.
 */
export type Link =
  | { phase: "connecting"; since: number }
  | { phase: "live"; since: number }
  | { phase: "stale"; since: number }
  | { phase: "reconnecting"; since: number; tries: number; why: string }
  | { phase: "out"; since: number };

export interface User {
  name: string;
  role: "viewer" | "operator" | "admin";
  demo: boolean;
  totp: boolean;
}

export const user = signal<User | null>(null);
/** Whether nobody has an account here yet; null while it is not known. */
export const firstRun = signal<boolean | null>(null);
/** The session ended while the page was open: asked for over the page, which is kept. */
export const sessionEnded = signal(false);
export const others = signal<OtherSession[]>([]);

export const link = signal<Link>({ phase: "connecting", since: 0 });
export const engine = signal<Engine | null>(null);
/** The engine's newest state; null before the first one, kept as last known when the line breaks. */
export const day = signal<DayState | null>(null);
/** `performance.now()` of the newest state. */
export const stateAt = signal(0);
/** The server's clock at its newest beat, and `performance.now()` then. */
export const serverAt = signal<string | null>(null);
export const serverHeardAt = signal(0);
export const events = signal<EventLine[]>([]);
export const answers = signal<Answer[]>([]);
/** Whether a first snapshot has come: until then the pages show skeletons. */
export const loaded = signal(false);
/** `performance.now()`, four times a second: what ages and clocks are drawn from. */
export const now = signal(0);

/** Whether what is shown is the present: the line lives and the engine speaks. */
export const fresh = computed(() => link.value.phase === "live" && engine.value?.state === "connected");

/** The day that the pages tell of: the open one, else the one that this run left last. */
export const book = computed<DayState | null>(() => {
  const state = day.value;
  return state && !state.date && state.last_day ? leftBehind(state.last_day) : state;
});

export const strategies = computed<Strategy[]>(() => Object.values(book.value?.strategies ?? {}));
export const positions = computed<Position[]>(() => day.value?.positions ?? []);

export function candidatesOf(name: string): Candidate[] {
  return book.value?.candidates?.[name] ?? [];
}

export function planOf(name: string): Plan | null {
  return book.value?.plans?.[name] ?? null;
}

/** A day left behind in the shape of the open one: its strategies come as a list, each with all that is its own. */
export function leftBehind(last: Record<string, unknown>): DayState {
  const runs = last["strategies"];
  if (!Array.isArray(runs)) return last as unknown as DayState;
  const whole = runs as (Strategy & { candidates?: Candidate[]; plan?: Plan | null })[];
  const plans = whole.flatMap((run) => (run.plan ? [[run.strategy, run.plan] as const] : []));
  return {
    ...last,
    strategies: Object.fromEntries(whole.map((run) => [run.strategy, run])),
    candidates: Object.fromEntries(whole.map((run) => [run.strategy, run.candidates ?? []])),
    plans: Object.fromEntries(plans),
  } as unknown as DayState;
}

/** The strategy the pages show first: one that holds, else one at work, else the first. */
export const leading = computed<Strategy | null>(() => {
  const all = strategies.value;
  return all.find((one) => one.position) ?? all.find((one) => one.phase !== "done") ?? all[0] ?? null;
});

export function may(role: User["role"]): boolean {
  const order = ["viewer", "operator", "admin"];
  return user.value !== null && order.indexOf(user.value.role) >= order.indexOf(role);
}
