import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Feed, type Socket } from "./feed";
import type { DayState } from "./live-types";
import { answers, day, engine, events, link, loaded, sessionEnded, stateAt, user } from "./state";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: string[] = [];
  ended = false;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.ended = true;
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const LIVE = { state: "connected", since: "2026-12-04T09:00:00.000+05:30" };
const STATE = { mode: "demo", clock: "2026-12-04T09:20:00.000+05:30", day_result: "0.00" } as DayState;

let sockets: FakeSocket[];
let feed: Feed;
let time: number;

function newest(): FakeSocket {
  const found = sockets.at(-1);
  if (!found) throw new Error("nothing was opened");
  return found;
}

function snapshot(number = 1, state: DayState | null = STATE, standing: object = LIVE): object {
  return { kind: "snapshot", number, at: "2026-12-04T09:20:00.100+05:30", engine: standing, state };
}

/** Time passes: timers run, and the feed looks at the clock as the page does. */
function pass(ms: number): void {
  for (let gone = 0; gone < ms; gone += 250) {
    time += 250;
    vi.advanceTimersByTime(250);
    feed.look();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  time = 1000;
  link.value = { phase: "connecting", since: 0 };
  day.value = null;
  engine.value = null;
  events.value = [];
  answers.value = [];
  loaded.value = false;
  sessionEnded.value = false;
  user.value = { name: "asha", role: "operator", demo: false, totp: false };
  feed = new Feed(
    () => {
      sockets.push(new FakeSocket());
      return newest();
    },
    () => time,
  );
  feed.connect();
  newest().onopen?.();
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

test("the page says hello and is live with the first snapshot", () => {
  expect(newest().sent).toEqual(['{"kind":"hello","version":1}']);
  expect(loaded.value).toBe(false);
  newest().say(snapshot());
  expect(link.value.phase).toBe("live");
  expect(day.value?.day_result).toBe("0.00");
});

test("deltas change the state and its age", () => {
  newest().say(snapshot());
  time += 500;
  newest().say({ kind: "delta", number: 2, patch: { day_result: "-12.50" } });
  expect(day.value?.day_result).toBe("-12.50");
  expect(stateAt.value).toBe(1500);
});

test("a gap in the numbers is never bridged: the line is opened anew", () => {
  newest().say(snapshot());
  newest().say({ kind: "delta", number: 3, patch: { day_result: "99.00" } });
  expect(day.value?.day_result).toBe("0.00");
  expect(sockets[0]?.ended).toBe(true);
  pass(500);
  expect(sockets).toHaveLength(2);
});

test("beats alone keep the line alive and do not make the figures younger", () => {
  newest().say(snapshot());
  for (let second = 0; second < 5; second += 1) {
    pass(1000);
    newest().say({ kind: "beat", at: "2026-12-04T09:20:01.000+05:30" });
  }
  expect(link.value.phase).toBe("live");
  expect(stateAt.value).toBe(1000);
});

test("a frozen server is noticed within three seconds, and what was seen is kept", () => {
  newest().say(snapshot());
  pass(2250);
  expect(link.value.phase).toBe("live");
  pass(500);
  expect(link.value.phase).toBe("reconnecting");
  expect(day.value?.day_result).toBe("0.00");
});

test("tries go on for as long as the server is away, and a snapshot ends them", () => {
  newest().say(snapshot());
  newest().onclose?.({ code: 1006 });
  pass(30_000);
  const now = link.value;
  expect(now.phase === "reconnecting" && now.tries).toBeGreaterThan(4);
  const opened = sockets.length;
  expect(opened).toBeGreaterThan(5);
  while (sockets.length === opened) pass(250);
  newest().say(snapshot(40, { ...STATE, day_result: "5.00" }));
  expect(link.value.phase).toBe("live");
  expect(day.value?.day_result).toBe("5.00");
});

test("words of a line that was given up are not heard", () => {
  newest().say(snapshot());
  const old = newest();
  pass(3000);
  old.say({ kind: "delta", number: 2, patch: { day_result: "-1.00" } });
  expect(day.value?.day_result).toBe("0.00");
});

test("with the engine gone the last known state stays, marked by the engine's standing", () => {
  newest().say(snapshot());
  newest().onclose?.({ code: 1001 });
  pass(500);
  newest().say(snapshot(1, null, { state: "gone", since: LIVE.since }));
  expect(day.value?.day_result).toBe("0.00");
  expect(engine.value?.state).toBe("gone");
});

test("a session that ended is asked for, and nothing is tried meanwhile", () => {
  newest().say(snapshot());
  newest().onclose?.({ code: 4401 });
  pass(10_000);
  expect(sessionEnded.value).toBe(true);
  expect(link.value.phase).toBe("out");
  expect(sockets).toHaveLength(1);
});

test("a page that wakes up does not wait for the next try", () => {
  newest().say(snapshot());
  time += 60_000;
  feed.wake();
  expect(sockets).toHaveLength(2);
});

test("lines that come a second time after a reconnect are shown once", () => {
  const line = { at: "2026-12-04T09:15:00.000+05:30", kind: "fill", severity: "info", text: "filled" };
  newest().say({ kind: "events", lines: [line] });
  newest().say({ kind: "events", lines: [line, { ...line, text: "sold" }] });
  expect(events.value.map((one) => one.text)).toEqual(["filled", "sold"]);
});

test("late answers of commands are kept, and what is no message is passed over", () => {
  newest().onmessage?.({ data: "no json" });
  newest().onmessage?.({ data: new ArrayBuffer(2) });
  newest().say({ kind: "answer", id: "page-1", verb: "halt", state: "done", text: "flat" });
  expect(answers.value.map((one) => one.state)).toEqual(["done"]);
});
