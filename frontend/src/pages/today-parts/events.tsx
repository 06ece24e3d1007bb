/** The newest lines of the day's log, newest first. */

import { clock } from "../../format";
import { hrefOf } from "../../routes";
import { events } from "../../state";
import { Card, Empty } from "../../ui";
import { eventText } from "../../words";

const SHOWN = 40;

export function Events() {
  const lines = events.value.slice(-SHOWN).reverse();
  return (
    <Card title="Events" actions={<a href={hrefOf("log")}>the whole log</a>} flush class="card-events">
      {lines.length ? (
        <ol class="events" tabIndex={0} aria-label="Newest events">
          {lines.map((line) => (
            <li key={`${line.at}${line.kind}${line.text}`} class={`event severity-${line.severity}`}>
              <time>{clock(line.at)}</time>
              <span>
                {line.severity === "critical" ? <b>ALARM </b> : null}
                {eventText(line.text)}
              </span>
            </li>
          ))}
        </ol>
      ) : (
        <Empty title="Nothing has happened yet">Orders, fills, refusals and alarms appear here as they come.</Empty>
      )}
    </Card>
  );
}
