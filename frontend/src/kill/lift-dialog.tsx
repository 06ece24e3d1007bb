/** Lifting a halt or a pause: what adds risk asks for a reason, a second look, and where needed a second factor. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { day, fresh, user } from "../state";
import { Button, Dialog, Field } from "../ui";
import { attempts, command, forgetFinished } from "./commands";
import { liftDialog } from "./open";
import { Progress } from "./progress";

export function LiftDialog({ verb }: { verb: "unlock" | "resume" }) {
  const reason = useSignal("");
  const code = useSignal("");
  const looked = useSignal(false);
  useEffect(() => forgetFinished, []);
  const attempt = attempts.value[verb];
  const wantsCode = verb === "unlock" || Boolean(day.value?.losing_streak) || attempt?.factor === true;
  const submit = (event: Event) => {
    event.preventDefault();
    const totp = code.value.replaceAll(/\s/g, "");
    void command(verb, { reason: reason.value.trim(), confirmed: looked.value, ...(totp ? { totp } : {}) });
    code.value = "";
  };
  const ready = fresh.value && looked.value && (verb === "resume" || reason.value.trim() !== "") && attempt?.step !== "done";
  return (
    <Dialog title={verb === "unlock" ? "Lift the halt" : "Allow entries again"} onClose={() => (liftDialog.value = null)}>
      {attempt ? <Progress attempt={attempt} /> : null}
      <Standing verb={verb} />
      <form class="stack" onSubmit={submit}>
        <Field label={verb === "unlock" ? "Why it may go on (kept in the audit log)" : "Why (kept in the audit log)"} value={reason.value} onInput={(text) => (reason.value = text)} autocomplete="off" autofocus />
        {wantsCode ? <Code value={code.value} onInput={(text) => (code.value = text)} /> : null}
        <label class="check">
          <input type="checkbox" checked={looked.value} onChange={(event) => (looked.value = event.currentTarget.checked)} />
          I have looked at why it stopped
        </label>
        <div class="row">
          <Button type="submit" tone="accent" disabled={!ready}>
            {verb === "unlock" ? "Unlock" : "Resume"}
          </Button>
          {fresh.value ? null : <span class="warn small">Needs an engine that answers.</span>}
        </div>
      </form>
    </Dialog>
  );
}

function Standing({ verb }: { verb: "unlock" | "resume" }) {
  const state = day.value;
  if (verb === "unlock")
    return (
      <p>
        {state?.halted ? `Halted by ${state.halted}.` : "The engine is not halted."} Unlocking allows new entries from the next
        trading day on: a day that was halted stays halted. It is refused while anything of the bot's is held or open.
      </p>
    );
  const lines = [
    state?.paused ? `Paused by ${state.paused}.` : "",
    state?.losing_streak ? `${state.losing_streak} losing trades in a row.` : "",
  ].filter(Boolean);
  return <p>{lines.join(" ") || "Nothing is paused."} Resuming allows new entries; somebody else's pause needs an admin.</p>;
}

function Code({ value, onInput }: { value: string; onInput: (text: string) => void }) {
  const hint = user.value?.totp
    ? "Six digits from your authenticator app."
    : "You have no second factor yet: set it up under Settings, or do this at the terminal.";
  return <Field label="Second factor" value={value} onInput={onInput} autocomplete="one-time-code" inputMode="numeric" hint={hint} />;
}
