import { expect, test } from "vitest";

import { ApiError } from "../api";
import { type Attempt, answered, failed, freshId, needsDoors, onlyLatched, pressed, seen } from "./attempt";

const AT = "2026-12-04T04:00:00.000Z";

function press(before: Attempt | null = null, now = 1000): Attempt {
  return pressed(before, "halt", AT, now, `id-${now}`);
}

test("nothing is assumed: a press is only sent", () => {
  expect(press()).toMatchObject({ step: "sent", presses: 1, text: "" });
});

test("taken is not done, and done is the engine's own word", () => {
  const taken = answered(press(), { id: "id-1000", state: "taken", text: "on the disk" });
  expect(taken.step).toBe("taken");
  expect(answered(taken, { id: "id-1000", state: "done", text: "flat" })).toMatchObject({ step: "done", text: "flat" });
});

test("an answer to another command changes nothing", () => {
  const sent = press();
  expect(answered(sent, { id: "other", state: "done", text: "" })).toBe(sent);
});

test("a second press while nothing is known sends the same command", () => {
  const late = failed(press(), new ApiError(504, "no_answer", "no answer"));
  expect(press(late, 5000)).toMatchObject({ id: "id-1000", presses: 2, step: "sent" });
});

test("a press long afterwards is a new command: the old id would be answered with what happened then", () => {
  const late = failed(press(), new ApiError(0, "unreachable", "not reached"));
  expect(press(late, 62_000)).toMatchObject({ id: "id-62000", presses: 1 });
});

test("a press after the end of a command is a new one", () => {
  const done = answered(press(), { id: "id-1000", state: "done", text: "flat" });
  expect(press(done, 2000).id).toBe("id-2000");
});

test("what the engine has taken stays taken when it is pressed again", () => {
  const taken = answered(press(), { id: "id-1000", state: "taken", text: "" });
  const again = press(taken, 2000);
  expect(again.step).toBe("taken");
  expect(failed(again, new ApiError(0, "timeout", "late")).step).toBe("taken");
});

test("the other doors are shown after three seconds without a word, and at once when it cannot be sent", () => {
  const sent = press();
  expect(needsDoors(sent, 3900)).toBe(false);
  expect(needsDoors(sent, 4000)).toBe(true);
  expect(needsDoors(failed(sent, new ApiError(0, "unreachable", "")), 1100)).toBe(true);
});

test("a latched halt shows the doors: nothing was closed", () => {
  const latched = answered(press(), { id: "id-1000", state: "latched", text: "the HALT file stands" });
  expect(latched.step).toBe("latched");
  expect(needsDoors(latched, 1100)).toBe(true);
});

test("a refusal says that nothing was changed, and asks for the second factor where it is missing", () => {
  const refused = failed(press(), new ApiError(403, "second_factor", "the code is missing"));
  expect(refused).toMatchObject({ step: "refused", factor: true, text: "the code is missing" });
});

test("no doors once the engine has it", () => {
  const taken = answered(press(), { id: "id-1000", state: "taken", text: "" });
  expect(needsDoors(taken, 60_000)).toBe(false);
});

test("a halt with no day open is latched only, with the other doors; it is never proved", () => {
  const between = pressed(null, "halt", AT, 1000, "id-1000", false);
  const done = answered(between, { id: "id-1000", state: "done", text: "no day is open" });
  expect(onlyLatched(done)).toBe(true);
  expect(needsDoors(done, 1100)).toBe(true);
  expect(seen(done, "2026-12-04", true).proved).toBe(false);
});

test("done is proved by an open day that is seen flat, and stays proved when the day closes", () => {
  const taken = answered(press(), { id: "id-1000", state: "taken", text: "" });
  expect(seen(taken, "2026-12-04", true).proved).toBe(false);
  const done = answered(taken, { id: "id-1000", state: "done", text: "flat" });
  expect(seen(done, null, null).proved).toBe(false);
  expect(seen(done, "2026-12-04", null).proved).toBe(false);
  expect(seen(seen(done, "2026-12-04", true), null, null).proved).toBe(true);
});

test("ids are of the control line's kind and differ", () => {
  expect(freshId()).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  expect(freshId()).not.toBe(freshId());
});
