/** The chart of a day as it grows: asked for whole once, then only from the last known minute on. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, getJson } from "../api";
import type { Chart } from "../shapes";
import { merged } from "./candles";

/** How often a running day is asked for what is new. */
const EVERY_MS = 4_000;
/** The same while the server is still reading the day's journal. */
const CATCHING_UP_MS = 700;

export interface Asked {
  readonly date: string;
  readonly run: string | null;
  /** One of the chart's names; null: the server chooses. */
  readonly name: string | null;
}

export interface ChartData {
  readonly chart: Chart | null;
  readonly error: ApiError | null;
}

/** The address of a chart, from `since` on. */
export function addressOf(asked: Asked, since: number | null): string {
  const query = new URLSearchParams();
  if (asked.run !== null) query.set("run", asked.run);
  if (asked.name !== null) query.set("name", asked.name);
  if (since !== null) query.set("since", String(since));
  const text = query.toString();
  return `/api/days/${encodeURIComponent(asked.date)}/chart${text ? `?${text}` : ""}`;
}

/** What is known with what has come: its heading, marks and levels are whole, its candles only the newest. */
export function grown(known: Chart | null, news: Chart): Chart {
  if (known === null || known.name !== news.name || known.date !== news.date || known.run !== news.run) return news;
  return { ...news, candles: [...merged(known.candles, news.candles)] };
}

/** Asks for a chart, and goes on asking while its day runs and the page is seen. */
export function useChart(asked: Asked | null): ChartData {
  const [data, setData] = useState<ChartData>({ chart: null, error: null });
  useEffect(() => {
    setData({ chart: null, error: null });
    return asked === null ? undefined : follow(asked, setData);
  }, [asked?.date, asked?.run, asked?.name]);
  return data;
}

function follow(asked: Asked, tell: (data: ChartData) => void): () => void {
  const stop = new AbortController();
  let known: Chart | null = null;
  let timer = 0;
  const once = async (): Promise<void> => {
    try {
      if (!document.hidden || known === null) {
        const since = known?.candles.at(-1)?.time ?? null;
        known = grown(since === null ? null : known, await getJson<Chart>(addressOf(asked, since), stop.signal));
        tell({ chart: known, error: null });
      }
    } catch (error) {
      if (!stop.signal.aborted) tell({ chart: known, error: asApiError(error) });
    }
    if (stop.signal.aborted || (known?.finished && !known.catching_up)) return;
    timer = window.setTimeout(() => void once(), known?.catching_up ? CATCHING_UP_MS : EVERY_MS);
  };
  void once();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "unknown", String(error));
}
