/** The position: result at the bid, how far to stop and target, where the stop lives, and the instants of the trade. */

import { useLayoutEffect, useRef } from "preact/hooks";

import { age, clock, percent, rupees } from "../../format";
import type { Maybe, Position, Strategy, Times, Trade } from "../../live-types";
import { priceIsOld } from "../../standing";
import { book, day, fresh } from "../../state";
import { Badge, Card, Empty, Facts, Money, classes } from "../../ui";
import { words } from "../../words";

export function PositionCard({ run }: { run: Strategy | null }) {
  const held = run?.position;
  const trade = run?.trade;
  return (
    <Card title={trade && !held ? "Trade" : "Position"} actions={<Where held={held} trade={trade} />} class="card-position">
      {held ? <Held held={held} times={run.times} /> : trade ? <Done trade={trade} times={run.times} /> : <None run={run} />}
    </Card>
  );
}

function Where({ held, trade }: { held: Maybe<Position>; trade: Maybe<Trade> }) {
  if (held?.leaving) return <Badge tone="amber">being sold: {words("exit", held.leaving)}</Badge>;
  if (held) return held.stop_resting ? <Badge tone="up">stop rests at the exchange</Badge> : <Badge tone="amber">stop NOT at the exchange: the bot watches</Badge>;
  if (trade) return <Badge>{words("exit", trade.exit_reason)}</Badge>;
  return null;
}

function None({ run }: { run: Strategy | null }) {
  if (!book.value?.date) return <Empty title="Nothing held is known of">A position shows here with its result at the bid and its distance to stop and target.</Empty>;
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
          <span class="what">
            <b>{held.quantity}</b> {held.contract}
          </span>
        </div>
        <Facts
          facts={[
            { name: "Bid", value: <span class="figure">{rupees(held.bid)}</span> },
            { name: "Ask", value: <span class="figure">{rupees(held.ask)}</span> },
            { name: "Quote", value: quoteAge(held) },
          ]}
        />
      </div>
      <Distance held={held} />
      <TimesRow times={{ filled: held.since, ...times }} />
    </div>
  );
}

/** Only a living engine knows how old a quote is. */
function quoteAge(held: Position): string {
  if (!fresh.value) return "not known";
  return held.quote_age_s == null ? "none yet" : `${age(held.quote_age_s)} old`;
}

/** Stop at the left end, what was paid in the middle, target at the right; the server says how far the bid has come. */
function Distance({ held }: { held: Position }) {
  const track = useRef<HTMLDivElement>(null);
  const [toStop, toTarget] = [held.to_stop ?? 0, held.to_target ?? 0];
  useLayoutEffect(() => {
    track.current?.style.setProperty("--stop", String(toStop));
    track.current?.style.setProperty("--target", String(toTarget));
  }, [toStop, toTarget]);
  return (
    <div class="distance">
      <div
        class="distance-track"
        ref={track}
        role="img"
        aria-label={`${percent(toStop, 0)} of the way to the stop, ${percent(toTarget, 0)} of the way to the target`}
      >
        <i class="distance-to-stop" />
        <i class="distance-to-target" />
        <i class="distance-entry" />
      </div>
      <div class="distance-words">
        <Level name="Stop" price={held.stop} away={held.stop_away} look="down" />
        <Level name="Paid" price={held.average} away={null} look="" />
        <Level name="Target" price={held.target} away={held.target_away} look="up" />
      </div>
    </div>
  );
}

interface LevelProps {
  name: string;
  price: string;
  away: Maybe<string>;
  look: string;
}

function Level({ name, price, away, look }: LevelProps) {
  return (
    <span>
      <small>{name}</small> <b class={look}>{rupees(price)}</b>
      {away == null ? null : <small class="figure away">{rupees(away)} away</small>}
    </span>
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
          <span class="what">
            <b>{trade.quantity}</b> {trade.contract}
          </span>
        </div>
        <Facts
          facts={[
            { name: "Bought at", value: rupees(trade.entry) },
            { name: "Sold at", value: rupees(trade.exit) },
            { name: "Before charges", value: rupees(trade.gross, { sign: true }) },
            { name: "Charges", value: rupees(trade.charges) },
          ]}
        />
      </div>
      <TimesRow times={{ filled: trade.entry_at, exit_filled: trade.exit_at, ...times }} guarded={trade.exit_reason === "stop"} />
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

/** What sold at the stop is the guard, which was placed right after the entry. */
function TimesRow({ times, guarded = false }: { times: Times; guarded?: boolean }) {
  const shown = TIMES.filter(([key], place) => times[key] || place < 4);
  return (
    <dl class="times">
      {shown.map(([key, name]) => (
        <div key={key}>
          <dt>{guarded && key === "exit_sent" ? "Stop placed" : name}</dt>
          <dd>{clock(times[key], "ms")}</dd>
        </div>
      ))}
    </dl>
  );
}
