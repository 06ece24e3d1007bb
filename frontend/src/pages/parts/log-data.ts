/** A log file read from its end: the newest page again and again, older pages when asked for. */

import { useEffect, useState } from "preact/hooks";

import { ApiError, getJson } from "../../api";
import type { LogLine, LogPage } from "../../shapes";

export type LogName = LogPage["name"];

const EVERY_MS = 2_000;
/** A pause in typing after which the filter is asked for. */
const TYPED_MS = 350;
const LIMIT = 100;

export interface Log {
  /** Newest first. */
  readonly lines: readonly LogLine[];
  /** Where the next older page ends; null: nothing older. */
  readonly before: string | null;
  readonly reason: string | null;
  readonly error: ApiError | null;
  readonly loading: boolean;
  readonly older: () => void;
}

interface Kept {
  readonly newest: LogPage | null;
  readonly older: readonly LogLine[];
  readonly before: string | null;
  readonly error: ApiError | null;
}

const NOTHING: Kept = { newest: null, older: [], before: null, error: null };

export function addressOf(name: LogName, contains: string, before: string | null): string {
  const query = new URLSearchParams({ limit: String(LIMIT) });
  if (contains !== "") query.set("contains", contains);
  if (before !== null) query.set("before", before);
  return `/api/log/${name}?${query.toString()}`;
}

/** A line as text for the clipboard: when, what, and everything it holds. */
export function textOf(line: LogLine): string {
  const severity = line.severity === null ? "" : ` ${line.severity}`;
  return `${line.at ?? "-"} ${line.kind}${severity} ${line.text} ${JSON.stringify(line.data)}`;
}

/** The log as it stands. With older pages loaded, or paused, it stands still: lines would slip by otherwise. */
export function useLog(name: LogName, contains: string, paused: boolean): Log {
  const [kept, setKept] = useState<Kept>(NOTHING);
  const wanted = useTyped(contains);
  const still = paused || kept.older.length > 0;
  useEffect(() => setKept(NOTHING), [name, wanted]);
  useEffect(() => (still && kept.newest !== null ? undefined : tail(name, wanted, setKept)), [name, wanted, still]);
  const older = (): void => {
    if (kept.before !== null) void olderPage(name, wanted, kept, setKept);
  };
  const lines = [...[...(kept.newest?.lines ?? [])].reverse(), ...kept.older];
  const loading = kept.newest === null && kept.error === null;
  return { lines, before: kept.before, reason: kept.newest?.reason ?? null, error: kept.error, loading, older };
}

function useTyped(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function tail(name: LogName, contains: string, tell: (change: (kept: Kept) => Kept) => void): () => void {
  const stop = new AbortController();
  let timer = 0;
  const once = async (): Promise<void> => {
    if (!document.hidden) {
      try {
        const page = await getJson<LogPage>(addressOf(name, contains, null), stop.signal);
        tell(() => ({ newest: page, older: [], before: page.before, error: null }));
      } catch (error) {
        if (!stop.signal.aborted) tell((kept) => ({ ...kept, error: asApiError(error) }));
      }
    }
    if (!stop.signal.aborted) timer = window.setTimeout(() => void once(), EVERY_MS);
  };
  void once();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

async function olderPage(name: LogName, contains: string, kept: Kept, tell: (kept: Kept) => void): Promise<void> {
  try {
    const page = await getJson<LogPage>(addressOf(name, contains, kept.before));
    tell({ ...kept, older: [...kept.older, ...[...page.lines].reverse()], before: page.before, error: null });
  } catch (error) {
    tell({ ...kept, error: asApiError(error) });
  }
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "unknown", String(error));
}
