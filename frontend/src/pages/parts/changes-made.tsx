/** Who changed which setting when, and from which day it counts. */

import type { JSX } from "preact";

import { clock, day as dayText } from "../../format";
import type { HistoryLine, SettingsPage } from "../../shapes";
import { Card, Empty, Table, type Column } from "../../ui";

const COLUMNS: Column<HistoryLine>[] = [
  { key: "at", head: "When (IST)", names: true, cell: (line) => <span class="nowrap">{dayText(line.at)} {clock(line.at)}</span> },
  { key: "who", head: "Who", cell: (line) => line.who },
  { key: "changes", head: "What", cell: (line) => <Changes line={line} /> },
  { key: "effective", head: "Counts from", cell: (line) => line.effective },
];

function Changes({ line }: { line: HistoryLine }): JSX.Element {
  return (
    <ul>
      {line.changes.map((change) => (
        <li key={change.key}>
          <code>{change.key}</code> {change.before} → <strong>{change.after}</strong>
        </li>
      ))}
    </ul>
  );
}

export function ChangesMade({ page }: { page: SettingsPage }): JSX.Element {
  return (
    <Card title="Changes made here" flush={page.history.length > 0}>
      <Table
        caption="Saved changes of settings"
        columns={COLUMNS}
        rows={page.history}
        rowKey={(line) => `${line.at} ${line.who}`}
        empty={<Empty title="Nothing was changed here yet">Edits of the file by hand are not listed; the audit log has the settings each start worked with.</Empty>}
      />
    </Card>
  );
}
