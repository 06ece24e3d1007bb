/** Audit: the chain that shows tampering is not in this version. */

import type { JSX } from "preact";

import { hrefOf } from "../routes";
import { Later } from "./parts/later";
import "../css/pages.css";
import "../css/pages-text.css";

export default function AuditPage(): JSX.Element {
  return (
    <Later
      title="Audit"
      missing="The audit log exists; what is missing is the chain over its lines that shows whether one was changed or taken out."
      will={[
        "Every decision, order, command and change of a setting, each tied to the one before it.",
        "The check of the chain, with the first line that does not fit.",
        "A bundle for a dispute with the broker, without secrets.",
      ]}
      today={
        <>
          Who did what from where is under <a href={hrefOf("log")}>Log</a>, third tab, for operators. The files are{" "}
          <code>logs/audit.log</code> and, for every event that entered the engine, <code>journal/</code>.
        </>
      }
    />
  );
}
