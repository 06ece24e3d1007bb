/** What today's settings can earn and lose, in the server's words: read before any key is asked for. */

import type { JSX } from "preact";

import { day as dayText } from "../../format";
import { useQuery } from "../../query";
import type { Odds } from "../../shapes";
import { Card, Loaded } from "../../ui";
import { sentence } from "./draft";

type Section = Odds["sections"][number];
type Figure = Section["figures"][number];

export function OddsStep(): JSX.Element {
  const query = useQuery<Odds>("/api/odds");
  return (
    <Loaded query={query} lines={14}>
      {(odds) => (
        <>
          <p class="lead">
            Read this before you enter a key or pay for one. Reckoned on {dayText(odds.as_of)} from the settings as they are
            now; change them under Limits and these figures change.
          </p>
          {odds.sections.map((section) => (
            <OneSection key={section.name} section={section} />
          ))}
        </>
      )}
    </Loaded>
  );
}

function OneSection({ section }: { section: Section }): JSX.Element {
  return (
    <Card title={section.title} {...(section.name === "never" ? { tone: "amber" as const } : {})}>
      <ul class="odds">
        {section.figures.map((figure) => (
          <OneFigure key={figure.label} figure={figure} />
        ))}
      </ul>
      <p class="odds-says">{section.says}</p>
    </Card>
  );
}

function OneFigure({ figure }: { figure: Figure }): JSX.Element {
  return (
    <li>
      <span class="odds-label">{sentence(figure.label).replace(/\.$/, "")}</span>
      <span class="odds-value">
        <strong>{figure.value}</strong>
        <small>{sentence(figure.how)}</small>
      </span>
    </li>
  );
}
