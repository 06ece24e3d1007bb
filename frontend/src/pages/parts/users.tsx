/** Who may log in, for an admin: the list, somebody new, and somebody who goes. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { day as dayText } from "../../format";
import { useQuery } from "../../query";
import { user } from "../../state";
import { Badge, Button, Card, Dialog, Failure, Field, Loaded, Table, type Column } from "../../ui";
import { useSend } from "./account";
import { Choice } from "./choice";

interface Entry {
  name: string;
  role: "viewer" | "operator" | "admin";
  totp: boolean;
  since: string;
}

const ROLES: readonly { value: Entry["role"]; text: string }[] = [
  { value: "viewer", text: "viewer: looks on" },
  { value: "operator", text: "operator: may stop" },
  { value: "admin", text: "admin: all" },
];

export function Users(): JSX.Element {
  const query = useQuery<{ users: Entry[] }>("/api/users");
  const [going, setGoing] = useState<string | null>(null);
  const columns: Column<Entry>[] = [
    { key: "name", head: "Name", names: true, cell: (one) => one.name },
    { key: "role", head: "Role", cell: (one) => one.role },
    { key: "totp", head: "Second factor", cell: (one) => <Badge tone={one.totp ? "up" : "amber"}>{one.totp ? "yes" : "no"}</Badge> },
    { key: "since", head: "Since", cell: (one) => dayText(one.since) },
    { key: "go", head: "Remove", cell: (one) => (one.name === user.value?.name ? "you" : <Button onClick={() => setGoing(one.name)}>Remove</Button>) },
  ];
  return (
    <>
      <Card title="Who may log in" flush>
        <Loaded query={query}>{(data) => <Table caption="Users" columns={columns} rows={data.users} rowKey={(one) => one.name} />}</Loaded>
      </Card>
      <NewUser added={query.again} />
      {going === null ? null : (
        <Removal
          name={going}
          close={() => setGoing(null)}
          done={() => {
            setGoing(null);
            query.again();
          }}
        />
      )}
    </>
  );
}

function NewUser({ added }: { added: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Entry["role"]>("viewer");
  const [totp, setTotp] = useState("");
  const form = useSend<unknown>("/api/users", () => {
    setName("");
    setPassword("");
    setTotp("");
    added();
  });
  return (
    <Card title="Somebody new">
      <form
        class="narrow-form"
        onSubmit={(event) => {
          event.preventDefault();
          void form.send({ name, role, password, totp: totp.replace(/\s/g, "") });
        }}
      >
        <Field label="Name" value={name} onInput={setName} autocomplete="off" hint="Small letters, digits and _ . -" required />
        <Choice label="Role" value={role} options={ROLES} onChoose={(value) => setRole(value as Entry["role"])} />
        <Field label="First password" type="password" value={password} onInput={setPassword} autocomplete="new-password" required />
        <Field label="Your own code, from your authenticator app" value={totp} onInput={setTotp} inputMode="numeric" autocomplete="one-time-code" required />
        {form.error !== null ? <Failure error={form.error} /> : null}
        <p>
          <Button type="submit" disabled={form.busy || name === "" || password === "" || totp === ""}>
            Add
          </Button>
        </p>
      </form>
    </Card>
  );
}

function Removal({ name, close, done }: { name: string; close: () => void; done: () => void }): JSX.Element {
  const [totp, setTotp] = useState("");
  const form = useSend<unknown>(`/api/users/${encodeURIComponent(name)}/remove`, done);
  return (
    <Dialog title={`Remove ${name}`} onClose={close} narrow>
      <form
        class="narrow-form"
        onSubmit={(event) => {
          event.preventDefault();
          void form.send({ totp: totp.replace(/\s/g, "") });
        }}
      >
        <p>Every session of {name} ends at once. What {name} did stays in the audit log.</p>
        <Field label="Your code" value={totp} onInput={setTotp} inputMode="numeric" autocomplete="one-time-code" required />
        {form.error !== null ? <Failure error={form.error} /> : null}
        <p>
          <Button tone="danger" type="submit" disabled={form.busy || totp === ""}>
            Remove
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
