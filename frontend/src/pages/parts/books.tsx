/** The broker's books beside ours: how old they are, and what of the account is not the bot's. */

import type { JSX } from "preact";

import { age, clock } from "../../format";
import type { DayState } from "../../live-types";
import { Badge, Card, Facts, type Fact } from "../../ui";

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
  return (
    <Card title="The broker's books" {...(books.differs || books.blind_since ? { tone: "amber" as const } : {})}>
      <Facts facts={facts} />
    </Card>
  );
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
