/** Who is there, then the live feed: what happens before the first page is seen, and after a login or logout. */

import { ApiError, fetchSession, postJson } from "./api";
import { type Feed, startFeed } from "./feed";
import { keepCard } from "./kill/card";
import { followHash } from "./routes";
import { firstRun, link, sessionEnded, user } from "./state";

let feed: Feed | null = null;
const RETRY_MS = 1500;
/** After the first figures; the emergency card has to be here before the server is gone. */
const CARD_MS = 3000;

export function begin(): void {
  followHash();
  feed = startFeed();
  void enter();
}

/** Ask who we are; with a session the feed starts, without one the login is shown. */
export async function enter(): Promise<void> {
  try {
    const session = await fetchSession();
    if (session.user) {
      feed?.connect();
      setTimeout(() => void keepCard(), CARD_MS);
    } else link.value = { phase: "out", since: performance.now() };
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    const tries = link.value.phase === "reconnecting" ? link.value.tries + 1 : 1;
    const why = status ? `status ${status}` : "not reached";
    link.value = { phase: "reconnecting", since: 0, tries, why };
    setTimeout(() => void enter(), RETRY_MS);
  }
}

/** After a login: the page behind the dialog goes on with a fresh snapshot. */
export async function entered(): Promise<void> {
  sessionEnded.value = false;
  await enter();
}

export async function logOut(everywhere = false): Promise<void> {
  await postJson(everywhere ? "/api/logout-everywhere" : "/api/logout", {});
  feed?.stop();
  user.value = null;
  firstRun.value = false;
  sessionEnded.value = false;
  // What was seen belongs to who has gone: nothing of it stays in the page.
  location.reload();
}
