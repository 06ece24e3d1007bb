/** Positions and orders: what the bot holds beside what the broker's books say, and every order of the day. */

import type { JSX } from "preact";

import { age, clock, rupees } from "../format";
import type { DayState, Maybe, Order, Position } from "../live-types";
import { useQuery } from "../query";
import { hrefOf } from "../routes";
import type { Help } from "../shapes";
import { day, fresh, loaded } from "../state";
import { Badge, Bar, Card, Empty, Money, Skeleton, Table, type Column } from "../ui";
import { words } from "../words";
import { BrokerBooks } from "./parts/books";
import { PageHead } from "./parts/head";
import { Means } from "./parts/means";
import "../css/pages.css";

export default function PositionsPage(): JSX.Element {
  const help = useQuery<Help>("/api/help");
  const state = day.value;
  if (!loaded.value) return <Waiting />;
  if (state === null || state.date == null) return <NoDay />;
  return (
    <div class="stack">
      <PageHead title="Positions and orders" />
      <Held state={state} />
      <BrokerBooks state={state} />
      <Orders state={state} errors={help.data?.errors ?? []} />
    </div>
  );
}

function Waiting(): JSX.Element {
  return (
    <div class="stack">
      <PageHead title="Positions and orders" />
      <Card title="What the bot holds">
        <Skeleton lines={6} />
      </Card>
    </div>
  );
}

function NoDay(): JSX.Element {
  return (
    <div class="stack">
      <PageHead title="Positions and orders" />
      <Card title="What the bot holds">
        <Empty title="No day is open">
          What the bot holds and its orders stand here while a day runs. The last ones are under{" "}
          <a href={hrefOf("history")}>History</a>. This says nothing about your account: look there with the broker's own
          app.
        </Empty>
      </Card>
    </div>
  );
}

function Held({ state }: { state: DayState }): JSX.Element {
  const held = state.positions ?? [];
  return (
    <Card title="What the bot holds" note={asOf(state)} flush={held.length > 0}>
      <Table
        caption="Positions of the bot"
        columns={HELD}
        rows={held}
        rowKey={(one) => `${one.strategy} ${one.contract}`}
        empty={<Nothing state={state} />}
      />
    </Card>
  );
}

/** "Flat" is only said where the engine says it. */
function Nothing({ state }: { state: DayState }): JSX.Element {
  if (state.flat === true)
    return <Empty title="Flat">The engine holds nothing, and nothing of its own can still be filled.</Empty>;
  if (state.flat === false) return <Empty title="Nothing held, an order is open">It may still be filled.</Empty>;
  return (
    <Empty title="Not known">
      The bot's own book is empty, and the broker's books have not been seen lately. Look at the broker's app.
    </Empty>
  );
}

const HELD: Column<Position>[] = [
  { key: "contract", head: "Contract", names: true, cell: (one) => one.contract },
  { key: "result", head: "P&L at the bid", right: true, cell: (one) => <Result position={one} /> },
  { key: "quantity", head: "Quantity", right: true, cell: (one) => one.quantity },
  { key: "bid", head: "Bid", right: true, cell: (one) => <Bid position={one} /> },
  { key: "average", head: "Average", right: true, cell: (one) => rupees(one.average) },
  { key: "stop", head: "Stop", right: true, cell: (one) => <Stop position={one} /> },
  { key: "target", head: "Target", right: true, cell: (one) => <Target position={one} /> },
  { key: "since", head: "Since (IST)", right: true, cell: (one) => clock(one.since, "ms") },
  { key: "strategy", head: "Strategy", cell: (one) => one.strategy },
  { key: "now", head: "Now", cell: (one) => <Standing position={one} /> },
];

function Result({ position }: { position: Position }): JSX.Element {
  return position.result == null ? <span class="muted">no bid</span> : <Money value={position.result} />;
}

function Bid({ position }: { position: Position }): JSX.Element {
  return (
    <span class="figure">
      {rupees(position.bid)}
      {position.quote_age_s != null ? <small class="muted"> {age(position.quote_age_s)} old</small> : null}
    </span>
  );
}

function Stop({ position }: { position: Position }): JSX.Element {
  return (
    <span class="level">
      {rupees(position.stop)}
      {position.to_stop != null ? <Bar share={position.to_stop} tone="down" label="Way to the stop" /> : null}
    </span>
  );
}

function Target({ position }: { position: Position }): JSX.Element {
  return (
    <span class="level">
      {rupees(position.target)}
      {position.to_target != null ? <Bar share={position.to_target} tone="up" label="Way to the target" /> : null}
    </span>
  );
}

function Standing({ position }: { position: Position }): JSX.Element {
  if (position.leaving != null) return <Badge tone="amber">selling: {words("exit", position.leaving)}</Badge>;
  return position.stop_resting ? (
    <Badge tone="up">stop rests at the broker</Badge>
  ) : (
    <Badge tone="amber">stop watched by the bot</Badge>
  );
}

function Orders({ state, errors }: { state: DayState; errors: Help["errors"] }): JSX.Element {
  const orders = [...(state.orders ?? [])].reverse();
  const columns: Column<Order>[] = [...ORDER_COLUMNS, { key: "message", head: "The broker's words", cell: (one) => <Means errors={errors} message={one.message} /> }];
  return (
    <Card title="Orders of the day" note={countText(orders.length)} flush={orders.length > 0}>
      <Table
        caption="Orders of the bot today, the newest first"
        columns={columns}
        rows={orders}
        rowKey={(one, place) => one.order_id || place}
        rowTone={(one) => (one.state === "rejected" || one.state === "unknown" || one.state === "parked" ? "danger" : null)}
        empty={<Empty title="No order yet">The entry order leaves at 09:15:00 at the earliest, on the first acceptable quote.</Empty>}
      />
    </Card>
  );
}

function countText(count: number): string {
  return count > 1 ? `${count}, the newest first` : "";
}

const ORDER_COLUMNS: Column<Order>[] = [
  { key: "role", head: "Order", names: true, cell: (one) => `${words("role", one.role)}: ${one.side.toLowerCase()}` },
  { key: "state", head: "State", cell: (one) => <OrderState order={one} /> },
  { key: "filled", head: "Filled", right: true, cell: (one) => `${one.filled} of ${one.quantity}` },
  { key: "average", head: "At", right: true, cell: (one) => rupees(one.average) },
  { key: "limit", head: "Limit", right: true, cell: (one) => rupees(one.limit) },
  { key: "trigger", head: "Trigger", right: true, cell: (one) => rupees(one.trigger) },
  { key: "contract", head: "Contract", cell: (one) => one.contract },
  { key: "id", head: "Broker's number", cell: (one) => <span class="mono">{one.order_id || "none yet"}</span> },
];

function OrderState({ order }: { order: Order }): JSX.Element {
  const tone = TONES[order.state] ?? "plain";
  return <Badge tone={tone}>{words("state", order.state)}</Badge>;
}

const TONES: Readonly<Record<string, "up" | "danger" | "amber" | "accent">> = {
  complete: "up",
  rejected: "danger",
  unknown: "danger",
  parked: "danger",
  trigger_pending: "accent",
  open: "accent",
  sending: "amber",
  modifying: "amber",
  cancelling: "amber",
};

function asOf(state: DayState): Maybe<string> {
  return fresh.value ? `at ${clock(state.at)} IST` : `as last known, ${clock(state.at)} IST`;
}

