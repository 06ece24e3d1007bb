/** Keys and passwords: set or not, never what they are. */

import type { JSX } from "preact";

import type { SettingsPage } from "../../shapes";
import { Badge, Table, type Column } from "../../ui";
import { Marked } from "./marked";

type Secret = SettingsPage["secrets"][number];

const COLUMNS: Column<Secret>[] = [
  { key: "name", head: "Name", names: true, cell: (one) => <code>{one.name}</code> },
  { key: "set", head: "Set", cell: (one) => <Badge tone={one.set ? "up" : "muted"}>{one.set ? "set" : "not set"}</Badge> },
  { key: "source", head: "Where", cell: (one) => one.source ?? "–" },
  { key: "meaning", head: "What for", cell: (one) => <Marked text={one.meaning} /> },
];

export function SecretsTable({ rows }: { rows: readonly Secret[] }): JSX.Element {
  return <Table caption="Secrets, set or not" columns={COLUMNS} rows={rows} rowKey={(one) => one.name} />;
}
