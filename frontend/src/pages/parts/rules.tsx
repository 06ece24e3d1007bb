/** Whose rules these are: the user's own, the strategy's public origin's, or this program's. */

import type { JSX } from "preact";

import { useQuery } from "../../query";
import { hrefOf } from "../../routes";
import type { Odds } from "../../shapes";
import { Badge, Card, Loaded } from "../../ui";

type Rule = Odds["rules"][number];

const GROUPS: readonly { whose: Rule["whose"]; title: string; note: string }[] = [
  { whose: "yours", title: "Yours", note: "from your own document" },
  {
    whose: "origin",
    title: "The strategy's public origin",
    note: "your document does not mention them: look whether you want them",
  },
  { whose: "ours", title: "Put in by this program", note: "because the market's or the broker's rules ask for it" },
];

export function RulesStep(): JSX.Element {
  const query = useQuery<Odds>("/api/odds");
  return (
    <Loaded query={query} lines={14}>
      {(odds) => (
        <>
          {GROUPS.map((group) => (
            <Card key={group.whose} title={group.title} note={group.note}>
              <ul class="rules">
                {odds.rules
                  .filter((rule) => rule.whose === group.whose)
                  .map((rule) => (
                    <One key={rule.text} rule={rule} />
                  ))}
              </ul>
            </Card>
          ))}
        </>
      )}
    </Loaded>
  );
}

function One({ rule }: { rule: Rule }): JSX.Element {
  return (
    <li>
      <p>{rule.text}</p>
      {rule.settings.length === 0 ? null : (
        <p class="rule-settings">
          {rule.settings.map((setting) => (
            <span key={setting.key}>
              <a href={hrefOf("settings", setting.key)}>{setting.key}</a> <strong>{setting.value.replace(/^"(.*)"$/, "$1")}</strong>{" "}
              {setting.changed ? <Badge tone="accent">changed by you</Badge> : null}
            </span>
          ))}
        </p>
      )}
    </li>
  );
}
