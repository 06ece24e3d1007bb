/** Every stock that was examined, with the test that stopped it. */

import type { JSX } from "preact";

import { number, percent, rupees } from "../../format";
import type { CandidateRow } from "../../shapes";
import { Badge, Card, Empty, Table, type Column } from "../../ui";

export function Candidates({ rows }: { rows: readonly CandidateRow[] }): JSX.Element {
  return (
    <Card title="Scanner" note={rows.length > 0 ? "ranked by pre-open gain" : ""} flush={rows.length > 0} class="scanner">
      <Table
        caption="Examined stocks, the highest gain first"
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => row.symbol}
        rowTone={(row) => (row.picked ? "accent" : null)}
        empty={<Empty title="Nothing was ranked">The scan runs at 09:14, when the pre-open prices are final.</Empty>}
      />
    </Card>
  );
}

const COLUMNS: Column<CandidateRow>[] = [
  { key: "symbol", head: "Stock", names: true, cell: (row) => `${row.rank}. ${row.symbol}` },
  { key: "gain", head: "Gain", right: true, cell: (row) => percent(row.gain, 2, true) },
  { key: "code", head: "Test", cell: (row) => <Verdict row={row} /> },
  { key: "pcr", head: "Put/call", right: true, cell: (row) => number(row.pcr, 2) },
  { key: "pre", head: "Pre-open", right: true, cell: (row) => rupees(row.pre_open) },
  { key: "close", head: "Close before", right: true, cell: (row) => rupees(row.prev_close) },
  { key: "estimate", head: "Premium, estimate", right: true, cell: (row) => rupees(row.estimate) },
  { key: "contract", head: "Contract", cell: (row) => row.contract ?? "–" },
];

function Verdict({ row }: { row: CandidateRow }): JSX.Element {
  const stopped = row.code !== "ok";
  return (
    <span class="verdict">
      <Badge tone={row.picked ? "accent" : stopped ? "muted" : "up"}>
        {stopped ? "✕" : "✓"} {row.verdict_text || row.code_text}
      </Badge>
      {row.detail === null ? null : <small class="muted">{row.detail}</small>}
    </span>
  );
}
