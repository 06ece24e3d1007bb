/** The live feed: one WebSocket, a snapshot and then deltas, and the knowledge of how old everything is.
 *
 * The page never trusts silence. Beats come every second; after 2.5 s without a word the line is stale and is
 * opened anew, and what is shown is dimmed until a fresh snapshot has come. A gap in the numbers ends the
 * line too: deltas alone never bring a page back.
 */

import { batch } from "@preact/signals";

import { fetchSession } from "./api";
import type { EventLine, Frame } from "./live-types";
import { mergePatch } from "./merge";
import {
  answers,
  day,
  engine,
  events,
  link,
  loaded,
  now,
  others,
  serverAt,
  serverHeardAt,
  sessionEnded,
  stateAt,
  user,
} from "./state";

export const SILENCE_MS = 2500;
const MAX_EVENTS = 200;
const WAITS_MS = [250, 500, 1000, 2000, 2000, 3000];
/** Close codes of ours. */
const LOG_IN_AGAIN = 4401;
const TOO_MANY = 4429;

/** What the feed needs of a WebSocket; the browser's own fits. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send: (text: string) => void;
  close: () => void;
}

export type OpenSocket = () => Socket;

export class Feed {
  private socket: Socket | null = null;
  private tries = 0;
  private heardAt = 0;
  private number = -1;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly open: OpenSocket,
    private readonly time: () => number = () => performance.now(),
  ) {}

  /** Connect now, whatever is pending: at the start, after a login, when the browser wakes up. */
  connect(): void {
    clearTimeout(this.again);
    this.drop();
    this.heardAt = this.time();
    const socket = this.open();
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ kind: "hello", version: 1 }));
    socket.onmessage = (event) => this.socket === socket && this.heard(event.data);
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
  }

  /** End the line for good: after a logout. */
  stop(): void {
    clearTimeout(this.again);
    this.drop();
    link.value = { phase: "out", since: this.time() };
  }

  /** Look at the clock: a line on which nothing came for 2.5 s is opened anew. */
  look(): void {
    if (!this.socket || this.time() - this.heardAt < SILENCE_MS) return;
    if (link.value.phase === "live") link.value = { phase: "stale", since: this.heardAt };
    this.drop();
    this.retry("nothing came for 2.5 s");
  }

  /** The page is seen again, or the network is back: do not wait for the next try. */
  wake(): void {
    if (link.value.phase === "out") return;
    if (this.socket && this.time() - this.heardAt < SILENCE_MS) return;
    this.connect();
  }

  private heard(data: unknown): void {
    const frame = parsed(data);
    if (!frame) return;
    this.heardAt = this.time();
    batch(() => this.take(frame));
  }

  private take(frame: Frame): void {
    switch (frame.kind) {
      case "snapshot":
        return this.takeSnapshot(frame);
      case "delta":
        return this.takeDelta(frame);
      case "beat":
        serverAt.value = frame.at;
        serverHeardAt.value = this.heardAt;
        return;
      case "engine":
        engine.value = frame.engine;
        return;
      case "events":
        events.value = newest([...events.value, ...frame.lines]);
        return;
      case "answer":
        answers.value = [...answers.value.slice(-20), frame];
        return;
      case "sessions":
        others.value = frame.sessions;
    }
  }

  private takeSnapshot(frame: Extract<Frame, { kind: "snapshot" }>): void {
    this.number = frame.number;
    this.tries = 0;
    engine.value = frame.engine;
    // With the engine gone the server knows of no state: what was seen last stays, and is marked as such.
    if (frame.state !== null || frame.engine.state === "connected") day.value = frame.state;
    if (frame.session) others.value = frame.session.sessions;
    stateAt.value = this.heardAt;
    serverAt.value = frame.at;
    serverHeardAt.value = this.heardAt;
    loaded.value = true;
    if (link.value.phase !== "live") link.value = { phase: "live", since: this.heardAt };
  }

  private takeDelta(frame: Extract<Frame, { kind: "delta" }>): void {
    if (frame.number !== this.number + 1) {
      this.drop();
      this.retry("a message was lost");
      return;
    }
    this.number = frame.number;
    day.value = mergePatch(day.value, frame.patch);
    stateAt.value = this.heardAt;
  }

  private closed(code: number): void {
    this.socket = null;
    if (code === LOG_IN_AGAIN) {
      if (user.value) sessionEnded.value = true;
      link.value = { phase: "out", since: this.time() };
      return;
    }
    // A refused handshake tells no reason to the page: whether the session ended is asked for.
    if (code === 1006 && this.tries >= 1) void fetchSession().catch(() => undefined);
    this.retry(code === TOO_MANY ? "too many pages are open" : "the server closed the line");
  }

  private retry(why: string): void {
    const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)] ?? 3000;
    this.tries += 1;
    const before = link.value;
    const since = before.phase === "live" || before.phase === "connecting" ? this.heardAt : before.since;
    link.value = { phase: "reconnecting", since, tries: this.tries, why };
    clearTimeout(this.again);
    this.again = setTimeout(() => this.connect(), wait);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}

/** The newest lines in order; those that a reconnect sent a second time are dropped. */
export function newest(lines: EventLine[]): EventLine[] {
  const seen = new Set<string>();
  const once = lines.filter((line) => {
    const mark = `${line.at}|${line.kind}|${line.text}`;
    return seen.has(mark) ? false : seen.add(mark);
  });
  return once.slice(-MAX_EVENTS);
}

function parsed(data: unknown): Frame | null {
  if (typeof data !== "string") return null;
  try {
    return JSON.parse(data) as Frame;
  } catch {
    return null;
  }
}

/** The feed of this page, with its clock. */
export function startFeed(): Feed {
  const feed = new Feed(() => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    return new WebSocket(`${scheme}://${location.host}/api/live`) as Socket;
  });
  setInterval(() => {
    now.value = performance.now();
    feed.look();
  }, 250);
  document.addEventListener("visibilitychange", () => !document.hidden && feed.wake());
  addEventListener("online", () => feed.wake());
  addEventListener("offline", () => feed.look());
  return feed;
}
