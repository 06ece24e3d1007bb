/** The very first visit: the set-up code of the terminal, and the first user, who is an admin. */

import { useSignal } from "@preact/signals";

import { fetchSession, postJson } from "../api";
import { entered } from "../start";
import { Button, Field } from "../ui";
import { wordsOf } from "./login";

export function FirstRun() {
  return (
    <div class="door-page">
      <main class="door-card">
        <h1>Welcome to ninefifteen</h1>
        <p>
          Nobody has an account here yet. The terminal that started the bot shows a <b>set-up code</b>: it proves that this
          machine is yours. Then choose the name and password of the first user.
        </p>
        <FirstForm />
        <p class="muted small">Everything runs on paper until you change that. No broker's key is asked for here.</p>
      </main>
    </div>
  );
}

function FirstForm() {
  const code = useSignal("");
  const name = useSignal("");
  const password = useSignal("");
  const again = useSignal("");
  const busy = useSignal(false);
  const fault = useSignal<string | null>(null);
  const differs = again.value !== "" && again.value !== password.value;
  const send = async () => {
    busy.value = true;
    fault.value = null;
    try {
      await fetchSession();
      await postJson("/api/first-user", { code: code.value.trim(), name: name.value.trim(), password: password.value });
      await entered();
      location.hash = "#/setup";
    } catch (error) {
      fault.value = wordsOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!differs && again.value) void send();
      }}
    >
      <Field label="Set-up code" value={code.value} onInput={(text) => (code.value = text)} placeholder="ABCD-EFGH" autocomplete="off" hint="In the terminal, at “set-up code”. It dies after one use." required autofocus />
      <Field label="Name" value={name.value} onInput={(text) => (name.value = text)} autocomplete="username" hint="Small letters and digits: it stands in the audit log." required />
      <Field label="Password" type="password" value={password.value} onInput={(text) => (password.value = text)} autocomplete="new-password" hint="Long beats odd: four or five words are good." required />
      <Field label="Password again" type="password" value={again.value} onInput={(text) => (again.value = text)} autocomplete="new-password" error={differs ? "The two are not the same." : null} required />
      <p class="field-error" role="alert">
        {fault.value}
      </p>
      <Button type="submit" tone="accent" disabled={busy.value || differs}>
        {busy.value ? "Making the account…" : "Make the first account"}
      </Button>
    </form>
  );
}
