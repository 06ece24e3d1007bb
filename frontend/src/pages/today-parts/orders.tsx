/** The chain of the day's orders in short; the page Positions has the broker's words. */

import { clock, rupees } from "../../format";
import type { Order } from "../../live-types";
import { hrefOf } from "../../routes";
import { book } from "../../state";
import { Card } from "../../ui";
import { words } from "../../words";

export function OrderChain() {
  const orders = book.value?.orders ?? [];
  if (!orders.length) return null;
  return (
    <Card title="Orders" actions={<a href={hrefOf("positions")}>all of them</a>} class="card-orders">
      <ol class="order-chain" tabIndex={0} aria-label="Orders of the day">
        {orders.map((one, place) => (
          <li key={one.order_id || place} class={one.state === "rejected" ? "down" : ""}>
            <time class="muted">{clock(one.sent_at)}</time>
            <span>
              <b>{words("role", one.role)}</b> {one.side} {one.quantity} {priceOf(one)}
            </span>
            <span class="right">{words("state", one.state)}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function priceOf(one: Order): string {
  if (one.average) return `at ${rupees(one.average)}`;
  return one.trigger ? `trigger ${rupees(one.trigger)}` : `limit ${rupees(one.limit)}`;
}
