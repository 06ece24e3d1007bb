/** Health: figures over time are not kept in this version. */

import type { JSX } from "preact";

import { hrefOf } from "../routes";
import { Later } from "./parts/later";
import "../css/pages.css";
import "../css/pages-text.css";

export default function HealthPage(): JSX.Element {
  return (
    <Later
      title="Health"
      missing="This version keeps no figures of the machine and the line to the broker over time, so there is nothing to draw."
      will={[
        "Age of the prices and reconnections over the day, answering times of the broker.",
        "Clock, disk, memory and size of the ledger over time.",
        "The watchdog's heartbeat, a test of the alerts, the last backup.",
        "The internet address orders leave from, beside the one registered at the broker.",
      ]}
      today={
        <>
          What can be checked now, each with its evidence and fix, is on <a href={hrefOf("today")}>Today</a> under readiness.
          How old the newest price is stands at the top of every page. For a monitor: <code>/healthz</code> and{" "}
          <code>/readyz</code>.
        </>
      }
    />
  );
}
