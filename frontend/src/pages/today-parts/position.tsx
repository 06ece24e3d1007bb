/** The position: result at the bid, how far to stop and target, where the stop lives, and the instants of the trade. */

import { useLayoutEffect, useRef } from "preact/hooks";

import { clock, rupees } from "../../format";
import type { Maybe, Position, Strategy, Times, Trade } from "../../live-types";
import { priceIsOld } from "../../standing";
import { day } from "../../state";
import { Badge, Card, Empty, Facts, Money, classes } from "../../ui";
import { words } from "../../words";

export function PositionCard({ run }: { run: Strategy | null }) {
  const held = run?.position;
  const trade = run?.trade;
  const note = held?.contract ?? trade?.contract ?? "";
  return (
    <Card title={trade && !held ? "Trade" : "Position"} note={note} actions={<Where held={held} trade={trade} />} class="card-position">
      {held ? <Held held={held} times={run.times} /> : trade ? <Done trade={trade} times={run.times} /> : <None run={run} />}
    </Card>
  );
}

function Where({ held, trade }: { held: Maybe<Position>; trade: Maybe<Trade> }) {
  if (held?.leaving) return <Badge tone="amber">being sold: {words("exit", held.leaving)}</Badge>;
  if (held) return held.stop_resting ? <Badge tone="up">stop rests at the exchange</Badge> : <Badge tone="amber">stop NOT resting: the bot watches</Badge>;
  if (trade) return <Badge>{words("exit", trade.exit_reason)}</Badge>;
  return null;
}

function None({ run }: { run: Strategy | null }) {
  if (!day.value?.date) return <Empty title="Nothing held is known of">A position shows here with its result at the bid and its distance to stop and target.</Empty>;
  if (run?.phase === "done") return <Empty title="No trade today">{words("no_trade", run.done_reason) || "The day's reason stands under Why."}</Empty>;
  const when = run ? clock(run.entry_at) : "09:15:00";
  return <Empty title="No position">{run?.phase === "entering" ? "The entry order is at the exchange." : `No order leaves before ${when} IST.`}</Empty>;
}

function Held({ held, times }: { held: Position; times: Maybe<Times> }) {
  const old = priceIsOld(day.value) !== null;
  return (
    <div class={classes("position", old && "old-prices")}>
      <div class="position-head">
        <div>
          <small class="muted">Result if sold at the bid, after charges</small>
          <b class="big figure">{held.result == null ? "no bid" : <Money value={held.result} />}</b>
        </div>
        <Facts
          facts={[
            { name: "Units", value: String(held.quantity) },
            { name: "Bought at", value: rupees(held.average) },
            { name: "Bid / ask", value: <span class="figure">{`${rupees(held.bid)} / ${rupees(held.ask)}`}</span> },
          ]}
        />
      </div>
      <Distance held={held} />
      <TimesRow times={{ filled: held.since, ...times }} />
    </div>
  );
}

/** Stop at the left end, target at the right; the mark is the bid. Lengths only, no amounts are reckoned here. */
function Distance({ held }: { held: Position }) {
  const stop = Number(held.stop);
  const span = Number(held.target) - stop;
  const share = (price: Maybe<string>) => (price == null || span <= 0 ? null : Math.min(1, Math.max(0, (Number(price) - stop) / span)));
  const entry = share(held.average);
  const bid = share(held.bid);
  const track = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    track.current?.style.setProperty("--entry", String(entry ?? 0));
    track.current?.style.setProperty("--bid", String(bid ?? 0));
  }, [entry, bid]);
  const behind = bid !== null && entry !== null && bid < entry;
  return (
    <div class="distance">
      <div
        class={classes("distance-track", behind ? "behind" : "ahead")}
        ref={track}
        role="img"
        aria-label={`Stop ${held.stop}, bought at ${held.average}, bid ${held.bid ?? "none"}, target ${held.target}`}
      >
        <span class="distance-fill" />
        <i class="distance-entry" />
        {bid === null ? null : <i class="distance-bid" />}
      </div>
      <div class="distance-words">
        <span>
          <small>Stop</small> <b class="down">{rupees(held.stop)}</b>
        </span>
        <span>
          <small>Bid</small> <b class="figure">{rupees(held.bid)}</b>
        </span>
        <span>
          <small>Target</small> <b class="up">{rupees(held.target)}</b>
        </span>
      </div>
    </div>
  );
}

function Done({ trade, times }: { trade: Trade; times: Maybe<Times> }) {
  return (
    <div class="position">
      <div class="position-head">
        <div>
          <small class="muted">Result after charges</small>
          <b class="big">
            <Money value={trade.net} />
          </b>
        </div>
        <Facts
          facts={[
            { name: `Bought ${trade.quantity} at`, value: rupees(trade.entry) },
            { name: "Sold at", value: rupees(trade.exit) },
            { name: "Before charges", value: rupees(trade.gross, { sign: true }) },
            { name: "Charges", value: rupees(trade.charges) },
          ]}
        />
      </div>
      <TimesRow times={{ filled: trade.entry_at, exit_filled: trade.exit_at, ...times }} />
    </div>
  );
}

const TIMES: readonly (readonly [keyof Times, string])[] = [
  ["decided", "Decided"],
  ["first_quote", "First quote"],
  ["sent", "Sent"],
  ["filled", "Filled"],
  ["exit_sent", "Exit sent"],
  ["exit_filled", "Sold"],
];

function TimesRow({ times }: { times: Times }) {
  const shown = TIMES.filter(([key], place) => times[key] || place < 4);
  return (
    <dl class="times">
      {shown.map(([key, name]) => (
        <div key={key}>
          <dt>{name}</dt>
          <dd>{clock(times[key], "ms")}</dd>
        </div>
      ))}
    </dl>
  );
}
