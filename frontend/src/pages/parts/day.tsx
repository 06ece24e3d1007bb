/** One day whole: why, every candidate, plan, trades with times and charges, orders, events. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { clock, day as dayText } from "../../format";
import { useQuery } from "../../query";
import { hrefOf } from "../../routes";
import type { DayWhole, Help, StrategyDay } from "../../shapes";
import { Badge, Card, Empty, Loaded, Money } from "../../ui";
import { words } from "../../words";
import { Candidates } from "./candidates";
import { DayOrders } from "./day-orders";
import { PageHead } from "./head";
import { KindBadge } from "./kind";
import { toPaise } from "./paise";
import { PlanCard } from "./plan";
import { TradeCard } from "./trade";

/** How often a running day is asked for anew, and one whose journal the server is still reading. */
const EVERY_MS = 10_000;
const CATCHING_UP_MS = 1_000;

export function DayPage({ date, run }: { date: string; run: string | null }): JSX.Element {
  const path = `/api/days/${encodeURIComponent(date)}${run === null ? "" : `?run=${encodeURIComponent(run)}`}`;
  const [everyMs, setEveryMs] = useState(CATCHING_UP_MS);
  const query = useQuery<DayWhole>(path, everyMs);
  const help = useQuery<Help>("/api/help");
  useEffect(() => {
    if (query.data !== null) setEveryMs(everyMsOf(query.data));
  }, [query.data]);
  return (
    <div class="stack">
      <PageHead title={dayText(date, true)}>
        <span class="row">
          <a class="button" href={hrefOf("history")}>
            All days
          </a>
          <a class="button" href={run === null ? hrefOf("chart", date) : hrefOf("chart", date, run)}>
            Chart
          </a>
        </span>
      </PageHead>
      <Loaded query={query} lines={14}>
        {(whole) => <Whole day={whole} errors={help.data?.errors ?? []} />}
      </Loaded>
    </div>
  );
}

/** 0: what has ended is asked for once. */
function everyMsOf(day: DayWhole): number {
  if (day.catching_up) return CATCHING_UP_MS;
  return day.finished ? 0 : EVERY_MS;
}

function Whole({ day, errors }: { day: DayWhole; errors: Help["errors"] }): JSX.Element {
  return (
    <>
      <Heading day={day} />
      {day.strategies.map((strategy) => (
        <OneStrategy key={strategy.strategy} day={day} strategy={strategy} />
      ))}
      {day.strategies.length === 0 ? (
        <Card title="Strategies">
          <Empty title="No strategy ran on this day" />
        </Card>
      ) : null}
      <DayOrders orders={day.orders} errors={errors} />
      <Events day={day} />
    </>
  );
}

function Heading({ day }: { day: DayWhole }): JSX.Element {
  return (
    <Card
      title="The day"
      note={standing(day)}
      actions={<KindBadge kind={day.kind} seed={day.seed} />}
    >
      <div class="tiles">
        <Tile name="Result after charges">{day.result.net === null ? "–" : <Money value={toPaise(day.result.net)} />}</Tile>
        <Tile name="Before charges">{day.result.gross === null ? "–" : <Money value={toPaise(day.result.gross)} />}</Tile>
        <Tile name="Trades">{day.result.trades}</Tile>
        <Tile name="Alarms">{day.result.alarms}</Tile>
        <Tile name="Restarts">{day.restarts}</Tile>
      </div>
      <DayWords day={day} />
    </Card>
  );
}

function standing(day: DayWhole): string {
  if (day.catching_up) return `the journal is being read, at ${clock(day.as_of)} IST`;
  return day.finished ? "ended" : `as of ${clock(day.as_of)} IST`;
}

function Tile({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="tile">
      <span class="muted small">{name}</span>
      <strong>{children}</strong>
    </div>
  );
}

function DayWords({ day }: { day: DayWhole }): JSX.Element {
  return (
    <ul class="notes">
      {day.reason_text === null ? null : <li>No trade: {day.reason_text}.</li>}
      {day.halted === null ? null : <li>Halted by {day.halted}.</li>}
      {day.paused === null ? null : <li>Paused by {day.paused}.</li>}
      {day.shadow_pick === null ? null : <li>Without the put/call filter the pick would have been {day.shadow_pick}.</li>}
      {day.unknown.length === 0 ? null : <li>Not tested, because no source knew it: {day.unknown.join(", ")}.</li>}
      <li class="muted">
        Version {day.program}, settings {day.settings_hash.slice(0, 12)}, {day.steps} events in the journal
        {day.runs.length === 0 ? "." : "; other runs of this date: "}
        {day.runs.map((other) => (
          <a key={other.run} class="spaced" href={hrefOf("history", day.date, other.run)}>
            {other.run}
          </a>
        ))}
      </li>
    </ul>
  );
}

function OneStrategy({ day, strategy }: { day: DayWhole; strategy: StrategyDay }): JSX.Element {
  const trades = day.trades.filter((trade) => trade.strategy === strategy.strategy);
  return (
    <>
      <Card title={`Why, ${strategy.strategy}`} note={words("phase", strategy.phase)}>
        <p class="why-text">{strategy.why}</p>
      </Card>
      {trades.map((trade) => (
        <TradeCard key={trade.entry_at} trade={trade} />
      ))}
      {strategy.plan === null ? null : <PlanCard plan={strategy.plan} />}
      <Candidates rows={strategy.candidates} />
    </>
  );
}

type Told = DayWhole["events"][number];

function EventKind({ event }: { event: Told }): JSX.Element {
  if (event.severity === null) return <span class="muted">{event.kind.replaceAll("_", " ")}</span>;
  return (
    <Badge tone={event.severity === "P1" ? "danger" : "amber"}>
      {event.severity} {event.kind.replaceAll("_", " ")}
    </Badge>
  );
}

function Events({ day }: { day: DayWhole }): JSX.Element {
  const note = day.events_left_out > 0 ? `${day.events_left_out} older ones are in the log` : "";
  return (
    <Card title="Events" note={note} flush>
      {day.events.length === 0 ? <Empty title="No events">What the engine tells on a day stands here.</Empty> : null}
      <ol>
        {day.events.map((event, place) => (
          <li key={`${event.at} ${place}`} class="event-line">
            <time class="mono" dateTime={event.at}>
              {clock(event.at, "ms")}
            </time>
            <span>
              <EventKind event={event} />
            </span>
            <span class="event-text">{event.text}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
