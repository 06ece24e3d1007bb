/** Every order of a day as its journal has it, with the instants of its life. */

import type { JSX } from "preact";

import { clock, rupees } from "../../format";
import type { ErrorHelp, OrderRow } from "../../shapes";
import { Badge, Card, Empty, Table, type Column } from "../../ui";
import { Means } from "./means";

export function DayOrders({ orders, errors }: { orders: readonly OrderRow[]; errors: readonly ErrorHelp[] }): JSX.Element {
  const columns: Column<OrderRow>[] = [
    ...COLUMNS,
    { key: "message", head: "The broker's words", cell: (one) => <Means errors={errors} message={one.message} /> },
  ];
  return (
    <Card title="Orders" flush={orders.length > 0}>
      <Table
        caption="Orders of this day in the order in which they were sent"
        columns={columns}
        rows={orders}
        rowKey={(one) => one.tag}
        rowTone={(one) => (BAD.has(one.state) ? "danger" : null)}
        empty={<Empty title="No order was sent" />}
      />
    </Card>
  );
}

const BAD = new Set(["rejected", "unknown", "parked"]);

const COLUMNS: Column<OrderRow>[] = [
  { key: "role", head: "Order", names: true, cell: (one) => `${one.role_text}: ${one.side.toLowerCase()}` },
  { key: "state", head: "State", cell: (one) => <State order={one} /> },
  { key: "filled", head: "Filled", right: true, cell: (one) => `${one.filled} of ${one.quantity}` },
  { key: "average", head: "At", right: true, cell: (one) => rupees(one.average) },
  { key: "limit", head: "Limit", right: true, cell: (one) => rupees(one.limit) },
  { key: "trigger", head: "Trigger", right: true, cell: (one) => rupees(one.trigger) },
  { key: "sent", head: "Sent (IST)", right: true, cell: (one) => clock(one.sent_at, "ms") },
  { key: "answered", head: "Accepted", right: true, cell: (one) => clock(one.answered_at, "ms") },
  { key: "ended", head: "Ended", right: true, cell: (one) => clock(one.ended_at ?? one.filled_at, "ms") },
  { key: "changes", head: "Changes", right: true, cell: (one) => one.changes },
  { key: "id", head: "Broker's number", cell: (one) => <span class="mono">{one.order_id ?? "none"}</span> },
];

function State({ order }: { order: OrderRow }): JSX.Element {
  const tone = BAD.has(order.state) ? "danger" : order.state === "complete" ? "up" : "plain";
  return <Badge tone={tone}>{order.state_text}</Badge>;
}
