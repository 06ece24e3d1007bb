/** History: the list of days with what each came to; with a date in the address, that day whole. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { ApiError, getJson } from "../api";
import { day as dayText, rupees } from "../format";
import { useQuery } from "../query";
import { hrefOf, type PageProps } from "../routes";
import type { DayLine, Days } from "../shapes";
import { Badge, Button, Card, Empty, Failure, Loaded, Money, Table, type Column } from "../ui";
import { DayPage } from "./parts/day";
import { PageHead } from "./parts/head";
import { KindBadge } from "./parts/kind";
import { toPaise } from "./parts/paise";
import "../css/pages.css";

export default function HistoryPage({ parts }: PageProps): JSX.Element {
  const [date, run] = parts;
  if (date === undefined) return <DayList />;
  return <DayPage key={`${date} ${run ?? ""}`} date={date} run={run ?? null} />;
}

function DayList(): JSX.Element {
  const query = useQuery<Days>("/api/days?limit=30", 15_000);
  return (
    <div class="stack">
      <PageHead title="History" />
      <Loaded query={query} lines={10}>
        {(first) => <Listed first={first} />}
      </Loaded>
    </div>
  );
}

interface Older {
  readonly days: readonly DayLine[];
  readonly more: boolean | null;
  readonly error: ApiError | null;
}

function Listed({ first }: { first: Days }): JSX.Element {
  const [older, setOlder] = useState<Older>({ days: [], more: null, error: null });
  const shown = [...first.days, ...older.days];
  const last = shown.at(-1)?.date;
  const more = older.more ?? first.more;
  const ask = async (): Promise<void> => {
    try {
      const next = await getJson<Days>(`/api/days?limit=30&before=${last ?? ""}`);
      setOlder({ days: [...older.days, ...next.days], more: next.more, error: null });
    } catch (error) {
      setOlder({ ...older, error: error instanceof ApiError ? error : new ApiError(0, "unknown", String(error)) });
    }
  };
  return (
    <>
      <Card title="Days" note={first.ledger.state === "up_to_date" ? "" : first.ledger.text} flush={shown.length > 0}>
        <Table caption="Days, the newest first" columns={COLUMNS} rows={shown} rowKey={keyOf} empty={<NoDays />} />
      </Card>
      {older.error !== null ? <Failure error={older.error} /> : null}
      {more && last !== undefined ? (
        <p class="row">
          <Button onClick={() => void ask()}>Older days</Button>
        </p>
      ) : null}
    </>
  );
}

function keyOf(line: DayLine): string {
  return `${line.date} ${line.run}`;
}

function NoDays(): JSX.Element {
  return (
    <Empty title="No day yet">
      Each day leaves a line here, also a day without a trade, with its reason. Trading begins at 09:15 IST; a day to look
      at now: <code>ninefifteen run --demo</code>
    </Empty>
  );
}

const COLUMNS: Column<DayLine>[] = [
  { key: "date", head: "Day", names: true, cell: (line) => <DayLink line={line} /> },
  { key: "net", head: "Result after charges", right: true, cell: (line) => <Net line={line} /> },
  { key: "status", head: "What happened", cell: (line) => <Happened line={line} /> },
  { key: "contract", head: "Contract", cell: (line) => line.contract ?? line.pick ?? "–" },
  { key: "charges", head: "Charges", right: true, cell: (line) => rupees(toPaise(line.charges)) },
  { key: "alarms", head: "Alarms", right: true, cell: (line) => line.alarms ?? "–" },
  { key: "kind", head: "Kind", cell: (line) => <KindBadge kind={line.kind} seed={line.seed} /> },
];

function DayLink({ line }: { line: DayLine }): JSX.Element {
  return (
    <a class="nowrap" href={hrefOf("history", line.date, line.run)}>
      {dayText(line.date, true)}
    </a>
  );
}

function Net({ line }: { line: DayLine }): JSX.Element {
  if (line.net === null) return <span class="muted">{line.finished ? "no trade" : "open"}</span>;
  return <Money value={toPaise(line.net)} />;
}

function Happened({ line }: { line: DayLine }): JSX.Element {
  if (line.problem !== null)
    return (
      <span>
        <Badge tone="danger">not readable</Badge> {line.problem}
      </span>
    );
  if (!line.finished) return <Badge tone="accent">not ended</Badge>;
  if (line.status === "traded") return <Badge tone="accent">{line.trades > 1 ? `${line.trades} trades` : "traded"}</Badge>;
  return (
    <span>
      <Badge tone="muted">no trade</Badge> {line.reason_text ?? line.reason}
    </span>
  );
}

