/** Logging in: the whole page without a session, a dialog over the page when the session ended meanwhile. */

import { useSignal } from "@preact/signals";

import { ApiError, fetchSession, postJson } from "../api";
import { openStop } from "../kill/open";
import { entered } from "../start";
import { link, user } from "../state";
import { Button, Dialog, Field } from "../ui";

export function Login() {
  return (
    <div class="door-page">
      <main class="door-card">
        <h1>ninefifteen</h1>
        <p class="muted">Log in to see the trading day. To stop the bot without this page: <code>ninefifteen halt</code> in a terminal.</p>
        <LoginForm />
      </main>
    </div>
  );
}

/** The page behind is kept, with its age; HALT stays in reach. */
export function LoginDialog() {
  if (user.value?.demo) return <DemoEnded />;
  return (
    <Dialog title="Your session has ended" narrow>
      <p>Log in again; the page behind is kept. The engine goes on without this page.</p>
      <LoginForm name={user.value?.name ?? ""} />
      <p class="muted small">
        In a hurry? <button type="button" class="button tone-plain" onClick={() => openStop()}>The other ways to stop the bot</button>
      </p>
    </Dialog>
  );
}

/** A demo's session lives as long as its server: nobody has a password for it. */
function DemoEnded() {
  return (
    <Dialog title="This demo's session has ended" narrow>
      <p>Its server was started anew. Open the link that the terminal shows now; it logs in once.</p>
      <p>
        <button type="button" class="button" onClick={() => openStop()}>
          The other ways to stop the bot
        </button>
      </p>
    </Dialog>
  );
}

function LoginForm({ name: known = "" }: { name?: string }) {
  const name = useSignal(known);
  const password = useSignal("");
  const code = useSignal("");
  const wantsCode = useSignal(false);
  const busy = useSignal(false);
  const fault = useSignal<string | null>(null);
  const send = async () => {
    busy.value = true;
    fault.value = null;
    const totp = code.value.replaceAll(/\s/g, "");
    try {
      await fetchSession();
      await postJson("/api/login", { name: name.value.trim(), password: password.value, ...(totp ? { totp } : {}) });
      await entered();
    } catch (error) {
      if (error instanceof ApiError && error.code === "second_factor") wantsCode.value = true;
      fault.value = wordsOf(error);
    } finally {
      busy.value = false;
      code.value = "";
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Field label="Name" value={name.value} onInput={(text) => (name.value = text)} autocomplete="username" required autofocus={!known} />
      <Field label="Password" type="password" value={password.value} onInput={(text) => (password.value = text)} autocomplete="current-password" required autofocus={Boolean(known)} />
      {wantsCode.value ? (
        <Field label="Second factor" value={code.value} onInput={(text) => (code.value = text)} autocomplete="one-time-code" inputMode="numeric" hint="Six digits from your authenticator app." autofocus />
      ) : null}
      <p class="field-error" role="alert">
        {fault.value}
      </p>
      <Button type="submit" tone="accent" disabled={busy.value || link.value.phase === "connecting"}>
        {busy.value ? "Logging in…" : "Log in"}
      </Button>
    </form>
  );
}

export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  return error.fix ? `${error.message} ${error.fix}` : error.message;
}
