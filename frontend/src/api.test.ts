import { afterEach, expect, test, vi } from "vitest";

import { ApiError, fetchSession, getJson, postJson, sentence } from "./api";
import { sessionEnded, user } from "./state";

const ASHA = { name: "asha", role: "operator", demo: false, totp: false } as const;

function serve(status: number, body: unknown) {
  const fetched = vi.fn((_path: string, _init: RequestInit) => Promise.resolve(new Response(JSON.stringify(body), { status })));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => {
  vi.unstubAllGlobals();
  user.value = null;
  sessionEnded.value = false;
});

test("every POST carries the token of the session", async () => {
  serve(200, { user: ASHA, csrf: "token-1", first_run: false, sessions: [] });
  await fetchSession();
  const fetched = serve(200, {});
  await postJson("/api/logout", {});
  expect(fetched.mock.calls[0]?.[1].headers).toEqual({ "content-type": "application/json", "x-ninefifteen-csrf": "token-1" });
});

test("a refusal comes with the server's words and what to do", async () => {
  serve(403, { error: { code: "second_factor", text: "the code is missing", fix: "take it from the app" } });
  const refused = await getJson("/api/risk").catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 403, code: "second_factor", message: "The code is missing.", fix: "take it from the app" });
});

test("a server that is not reached is told apart from one that refuses", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  const away = await getJson("/api/risk").catch((error: unknown) => error);
  expect(away).toBeInstanceOf(ApiError);
  expect(away).toMatchObject({ status: 0, code: "unreachable" });
});

test("a page of no JSON is no answer either", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })));
  await expect(getJson("/api/risk")).rejects.toMatchObject({ status: 502, message: "The server answered with status 502." });
});

test("a session that ended is asked for over the page; a visitor without one is not", async () => {
  serve(401, { error: { code: "login", text: "log in" } });
  await getJson("/api/risk").catch(() => undefined);
  expect(sessionEnded.value).toBe(false);
  user.value = ASHA;
  await getJson("/api/risk").catch(() => undefined);
  expect(sessionEnded.value).toBe(true);
});

test("words of the server become a sentence, names of settings stay as they are", () => {
  expect(sentence("this code is wrong")).toBe("This code is wrong.");
  expect(sentence("risk.max_trades is too small")).toBe("risk.max_trades is too small.");
  expect(sentence("Done.")).toBe("Done.");
});
