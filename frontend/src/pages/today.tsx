/** Today: the whole trading day on one screen. */

import { useSignal } from "@preact/signals";

import { clock, day as dayText } from "../format";
import { book, day, leading, loaded, strategies } from "../state";
import { Card, Empty, Prose, Skeleton, Tabs } from "../ui";
import { Candidates } from "./today-parts/candidates";
import { Events } from "./today-parts/events";
import { OrderChain } from "./today-parts/orders";
import { PlanCard } from "./today-parts/plan";
import { PositionCard } from "./today-parts/position";
import { ReadinessCard } from "./today-parts/readiness";
import { Timeline } from "./today-parts/timeline";
import { Why } from "./today-parts/why";

export function Today() {
  const chosen = useSignal<string | null>(null);
  const all = strategies.value;
  const run = all.find((one) => one.strategy === chosen.value) ?? leading.value;
  if (!loaded.value) return <Waiting />;
  const cards = (
    <div class="today-grid">
      <div class="today-column">
        <PositionCard run={run} />
        <PlanCard run={run} />
        <OrderChain />
      </div>
      <div class="today-column">
        <Candidates run={run} />
        <Why run={run} />
      </div>
      <div class="today-column">
        <ReadinessCard />
        <Events />
      </div>
    </div>
  );
  return (
    <div class="today">
      <h1 class="hidden-text">Today</h1>
      {day.value?.date ? <Timeline run={run} /> : <NoDay />}
      {book.value !== day.value ? <LastDay /> : null}
      {all.length > 1 && run ? (
        <Tabs
          label="Strategies"
          tabs={all.map((one) => ({ key: one.strategy, title: one.strategy.replaceAll("_", " ") }))}
          current={run.strategy}
          onSelect={(key) => (chosen.value = key)}
        >
          {cards}
        </Tabs>
      ) : (
        cards
      )}
    </div>
  );
}

/** No day is open: what comes next, calmly. */
function NoDay() {
  const session = day.value?.session;
  const next = session?.next_open_at;
  const holiday = session?.phase === "holiday" ? "The exchange is closed today. " : "";
  const words = next
    ? `${holiday}The next session opens ${dayText(next, true)} at ${clock(next, "short")} IST.`
    : `${holiday}A session opens at 09:15 IST; the calendar does not know the next one.`;
  return (
    <section class="card no-day" aria-label="The day">
      <Empty title={day.value ? "No trading day is open" : "No engine is running here"}>
        {day.value ? words : <Prose text="Start one with `ninefifteen run --paper`, or `make demo` to watch a whole synthetic day." />}
      </Empty>
    </section>
  );
}

function LastDay() {
  return <p class="muted">Below: the last day this run has seen, {dayText(book.value?.date, true)}.</p>;
}

/** The same boxes, grey: nothing moves when the figures come. */
function Waiting() {
  return (
    <div class="today" aria-busy="true">
      <h1 class="hidden-text">Today</h1>
      <section class="card timeline-card" aria-label="The day">
        <div class="card-body">
          <Skeleton lines={2} />
        </div>
      </section>
      <div class="today-grid">
        {[
          ["Position", "Plan"],
          ["Candidates", "Why"],
          ["Readiness", "Events"],
        ].map((titles) => (
          <div class="today-column" key={titles[0]}>
            {titles.map((title) => (
              <Card key={title} title={title} class={`card-${title.toLowerCase()}`}>
                <Skeleton lines={5} />
              </Card>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
