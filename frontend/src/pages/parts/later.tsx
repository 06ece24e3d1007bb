/** A page whose figures do not exist yet: it names what is missing and what there is instead. */

import type { ComponentChildren, JSX } from "preact";

import { Card } from "../../ui";
import { PageHead } from "./head";

interface LaterProps {
  readonly title: string;
  /** What is not there, in a sentence. */
  readonly missing: string;
  /** What will stand here. */
  readonly will: readonly string[];
  /** What one can look at today. */
  readonly today: ComponentChildren;
}

export function Later({ title, missing, will, today }: LaterProps): JSX.Element {
  return (
    <div class="stack">
      <PageHead title={title} />
      <Card title="Not in this version">
        <div class="later">
          <p class="later-lead">{missing}</p>
          <h3>What will stand here in a later version</h3>
          <ul class="bullets">
            {will.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <h3>What there is today</h3>
          <p>{today}</p>
        </div>
      </Card>
    </div>
  );
}
