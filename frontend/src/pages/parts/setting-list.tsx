/** Some settings in a card, as they may be read or changed. */

import type { JSX } from "preact";

import type { SettingRow } from "../../shapes";
import { may } from "../../state";
import { Card } from "../../ui";
import type { Drafts } from "./draft";
import { SettingLine } from "./setting-line";

interface ListProps {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly SettingRow[];
  readonly usual: string;
  readonly drafts: Drafts;
  readonly onDrafts: (drafts: Drafts) => void;
}

export function SettingList({ title, note, rows, usual, drafts, onDrafts }: ListProps): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <Card title={title} note={note} flush>
      <ul class="settings">
        {rows.map((row) => (
          <SettingLine
            key={row.key}
            row={row}
            usual={usual}
            editable={row.editable && may("admin")}
            draft={drafts[row.key]}
            onDraft={(text) => onDrafts({ ...drafts, [row.key]: text })}
          />
        ))}
      </ul>
    </Card>
  );
}
