/** `useQuery`: a GET as a signal of loading, data or error, asked again when the line comes back. */

import type { Signal } from "@preact/signals";
import { effect, signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { ApiError, getJson } from "./api";
import { engine, fresh, link, user } from "./state";

export interface Query<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  /** Ask again now; the old data stay until the new ones are there. */
  again: () => void;
}

/** How often line and engine have come back: what was asked for meanwhile may tell of their absence. */
const returns = signal(0);
let present: boolean | null = null;
effect(() => {
  const here = fresh.value;
  if (here && present === false) returns.value = returns.peek() + 1;
  const told = link.value.phase === "live" && engine.value !== null;
  if (told || present !== null) present = here;
});

/** Ask `path` (null: not yet) and again every `everyMs` while the page is visible (0: only once). */
export function useQuery<T>(path: string | null, everyMs = 0): Query<T> {
  const found = useSignal<{ path: string | null; data: T | null; error: ApiError | null }>({
    path: null,
    data: null,
    error: null,
  });
  const round = useSignal(0);
  const busy = useSignal(true);
  const name = user.value?.name ?? "";
  useEffect(
    () => (path === null ? undefined : keepAsking<T>(path, everyMs, found, busy)),
    [path, everyMs, round.value, returns.value, name],
  );
  const mine = found.value.path === path;
  return {
    data: mine ? found.value.data : null,
    error: mine ? found.value.error : null,
    loading: busy.value && !(mine && found.value.data),
    again: () => {
      round.value += 1;
    },
  };
}

type Found<T> = Signal<{ path: string | null; data: T | null; error: ApiError | null }>;

function keepAsking<T>(path: string, everyMs: number, found: Found<T>, busy: Signal<boolean>): () => void {
  const stop = new AbortController();
  const once = async () => {
    busy.value = true;
    try {
      const data = await getJson<T>(path, stop.signal);
      found.value = { path, data, error: null };
    } catch (error) {
      if (stop.signal.aborted) return;
      const kept = found.value.path === path ? found.value.data : null;
      found.value = { path, data: kept, error: asApiError(error) };
    } finally {
      if (!stop.signal.aborted) busy.value = false;
    }
  };
  void once();
  const timer = everyMs ? setInterval(() => !document.hidden && void once(), everyMs) : 0;
  return () => {
    stop.abort();
    clearInterval(timer);
  };
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "unknown", String(error));
}
