/** One's own login: password and second factor; for an admin also who else may log in. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { ApiError, fetchSession, postJson } from "../../api";
import { may, user } from "../../state";
import { Badge, Button, Card, Empty, Failure, Field } from "../../ui";
import { Users } from "./users";

export function Account(): JSX.Element {
  if (user.value?.demo === true)
    return (
      <Card title="Login and users">
        <Empty title="The demo has no users">
          You came in by the one-time link of the terminal. A home of your own has logins with a password and a second
          factor: <code>ninefifteen init</code>, then <code>ninefifteen run --paper</code>.
        </Empty>
      </Card>
    );
  return (
    <>
      <Password />
      <SecondFactor />
      {may("admin") ? <Users key={String(user.value?.totp)} /> : null}
    </>
  );
}

/** Sends a form and tells what came of it. */
export function useSend<T>(path: string, after: (answer: T) => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const send = async (body: object): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      after(await postJson<T>(path, body));
    } catch (why) {
      setError(why instanceof ApiError ? why : new ApiError(0, "unknown", String(why)));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, send };
}

function Password(): JSX.Element {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [told, setTold] = useState("");
  const form = useSend<{ text: string }>("/api/password", (answer) => {
    setOld("");
    setFresh("");
    setTold(answer.text);
    void fetchSession();
  });
  return (
    <Card title="Password" note={user.value?.name ?? ""}>
      <form
        class="narrow-form"
        onSubmit={(event) => {
          event.preventDefault();
          void form.send({ old, new: fresh });
        }}
      >
        <Field label="Password until now" type="password" autocomplete="current-password" value={old} onInput={setOld} required />
        <Field label="New password" type="password" autocomplete="new-password" value={fresh} onInput={setFresh} hint="At least 10 characters; every other session of yours ends." required />
        {form.error !== null ? <Failure error={form.error} /> : null}
        <p class="row" role="status">
          <Button type="submit" disabled={form.busy || old === "" || fresh === ""}>
            Change the password
          </Button>
          {told}
        </p>
      </form>
    </Card>
  );
}

interface Begun {
  secret: string;
  otpauth: string;
  qr_path: string;
  qr_size: number;
}

function SecondFactor(): JSX.Element {
  const [begun, setBegun] = useState<Begun | null>(null);
  const [told, setTold] = useState("");
  const done = (): void => {
    setBegun(null);
    setTold("The second factor is set up.");
    void fetchSession();
  };
  const has = user.value?.totp === true;
  return (
    <Card title="Second factor" actions={<Badge tone={has ? "up" : "amber"}>{has ? "set up" : "not set up"}</Badge>}>
      <p class="muted">
        An authenticator app on your phone shows a code every 30 seconds. It is asked for wherever risk is added: unlocking
        after a halt, resuming after losses, raising a limit. It is never asked for to stop.
      </p>
      {begun === null ? <Begin again={has} begun={setBegun} /> : <Confirm begun={begun} done={done} />}
      <p role="status">{told}</p>
    </Card>
  );
}

function Begin({ again, begun }: { again: boolean; begun: (answer: Begun) => void }): JSX.Element {
  const [password, setPassword] = useState("");
  const form = useSend<Begun>("/api/totp/begin", begun);
  return (
    <form
      class="narrow-form"
      onSubmit={(event) => {
        event.preventDefault();
        void form.send({ password });
      }}
    >
      <Field label="Your password" type="password" autocomplete="current-password" value={password} onInput={setPassword} required />
      {form.error !== null ? <Failure error={form.error} /> : null}
      <p>
        <Button type="submit" disabled={form.busy || password === ""}>
          {again ? "Set it up on another phone" : "Set it up"}
        </Button>
      </p>
    </form>
  );
}

function Confirm({ begun, done }: { begun: Begun; done: () => void }): JSX.Element {
  const [code, setCode] = useState("");
  const form = useSend<{ text: string }>("/api/totp/confirm", done);
  return (
    <form
      class="narrow-form"
      onSubmit={(event) => {
        event.preventDefault();
        void form.send({ code: code.replace(/\s/g, "") });
      }}
    >
      <svg class="qr" viewBox={`0 0 ${begun.qr_size} ${begun.qr_size}`} role="img" aria-label="QR code of the secret">
        <path d={begun.qr_path} fill="#000000" />
      </svg>
      <p>
        Scan it with the app, or type in: <code>{begun.secret}</code>
      </p>
      <Field label="The code the app shows now" value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" required />
      {form.error !== null ? <Failure error={form.error} /> : null}
      <p>
        <Button type="submit" tone="accent" disabled={form.busy || code === ""}>
          Confirm
        </Button>
      </p>
    </form>
  );
}
