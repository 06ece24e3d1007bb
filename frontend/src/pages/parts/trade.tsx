/** One round trip: result, prices, the instants of its life, and its charges line by line. */

import type { JSX } from "preact";

import { clock, number, rupees } from "../../format";
import type { Maybe } from "../../live-types";
import type { TradeRow, TradeTimes } from "../../shapes";
import { Badge, Card, Facts, Money, type Fact } from "../../ui";
import { toPaise } from "./paise";

export function TradeCard({ trade }: { trade: TradeRow }): JSX.Element {
  return (
    <Card title={trade.contract} note={`${trade.quantity} bought`} actions={<Money value={toPaise(trade.net)} />}>
      <div class="grid-3">
        <section>
          <h3>Result</h3>
          <Facts facts={resultFacts(trade)} />
        </section>
        <section>
          <h3>Times (IST)</h3>
          <Facts facts={timeFacts(trade.times)} />
        </section>
        <section>
          <h3>Charges, line by line</h3>
          <Facts facts={chargeFacts(trade)} />
        </section>
      </div>
      {trade.note === null ? null : <p class="small muted">{trade.note}</p>}
    </Card>
  );
}

function resultFacts(trade: TradeRow): Fact[] {
  return [
    { name: "Bought at", value: rupees(trade.entry) },
    { name: "Sold at", value: rupees(trade.exit) },
    { name: "Why sold", value: <Badge tone="plain">{trade.exit_text}</Badge> },
    { name: "Target", value: rupees(trade.target) },
    { name: "Stop", value: rupees(trade.stop) },
    { name: "Before charges", value: <Money value={trade.gross} /> },
    { name: "Charges", value: rupees(trade.charges) },
    { name: "After charges", value: <Money value={trade.net} /> },
  ];
}

function timeFacts(times: TradeTimes): Fact[] {
  return [
    { name: "Decided", value: at(times.decided) },
    { name: "First quote", value: at(times.first_quote) },
    { name: "Entry sent", value: at(times.sent) },
    { name: "Accepted", value: at(times.accepted) },
    { name: "Filled", value: at(times.filled) },
    { name: "Exit decided", value: at(times.exit_decided) },
    { name: "Exit sent", value: at(times.exit_sent) },
    { name: "Sold", value: at(times.exit_filled) },
    { name: "From the open to the fill", value: lasting(times.open_to_fill_s) },
    { name: "From quote to order", value: lasting(times.quote_to_sent_s) },
    { name: "From order to fill", value: lasting(times.sent_to_filled_s) },
  ];
}

function chargeFacts(trade: TradeRow): Fact[] {
  return [
    ...trade.charge_lines.map((line) => ({ name: line.text, value: rupees(line.amount) })),
    { name: "All charges", value: <strong>{rupees(trade.charges)}</strong> },
  ];
}

function at(instant: Maybe<string>): string {
  return clock(instant, "ms");
}

function lasting(seconds: Maybe<number>): string {
  return seconds == null ? "–" : `${number(seconds, 3)} s`;
}
