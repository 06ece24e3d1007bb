/** The broker's books beside ours: how old they are, and what of the account is not the bot's. */

import type { JSX } from "preact";

import { age, clock } from "../../format";
import type { BrokerBooks as Books, DayState } from "../../live-types";
import { Badge, Card, Facts, Table, type Column, type Fact } from "../../ui";

export function BrokerBooks({ state }: { state: DayState }): JSX.Element | null {
  const books = state.broker;
  if (!books) return null;
  if (!books.reconciled)
    return (
      <Card title="The broker's books">
        <p class="muted">
          There is no broker behind this day: a simulated exchange in the program fills the orders, and its book is ours.
        </p>
      </Card>
    );
  const facts: Fact[] = [
    { name: "Last seen", value: seen(books.known_at, books.age_s) },
    { name: "Beside ours", value: <Standing blind={books.blind_since} differs={books.differs} /> },
  ];
  const rows = books.positions ?? [];
  return (
    <Card title="The broker's books" class="books" {...(books.differs || books.blind_since ? { tone: "amber" as const } : {})}>
      <Facts facts={facts} />
      {rows.length > 0 ? (
        <Table
          caption="Positions at the broker beside ours"
          columns={ROWS}
          rows={rows}
          rowKey={(row) => row.contract}
          rowTone={toneOf}
        />
      ) : null}
      {books.positions != null && rows.length === 0 ? <p class="muted">The broker shows no position.</p> : null}
    </Card>
  );
}

type BrokerPosition = NonNullable<Books["positions"]>[number];

const ROWS: Column<BrokerPosition>[] = [
  { key: "contract", head: "Contract", names: true, cell: (row) => row.contract },
  { key: "broker", head: "At the broker", right: true, cell: (row) => row.at_broker },
  { key: "ours", head: "The bot's", right: true, cell: (row) => row.ours },
  { key: "others", head: "Not the bot's", right: true, cell: (row) => row.others },
  { key: "said", head: "Match", cell: (row) => <Match row={row} /> },
];

function Match({ row }: { row: BrokerPosition }): JSX.Element {
  if (row.others === 0) return <Badge tone="up">match</Badge>;
  return <Badge tone="muted">not the bot's: never touched</Badge>;
}

/** What is not the bot's is grey: it is shown, and left alone. */
function toneOf(row: BrokerPosition): "muted" | null {
  return row.ours === 0 ? "muted" : null;
}

function seen(at: string | null | undefined, old: number | null | undefined): string {
  if (at == null) return "not yet today";
  return `${clock(at)} IST, ${age(old)} ago`;
}

function Standing(props: { blind: string | null | undefined; differs: string | null | undefined }): JSX.Element {
  if (props.blind) return <Badge tone="amber">not answering since {clock(props.blind)} IST: no new entry</Badge>;
  if (props.differs)
    return (
      <>
        <Badge tone="danger">differs</Badge> {props.differs}. No new entry until both agree.
      </>
    );
  return <Badge tone="up">they agree</Badge>;
}
