/** Readiness: what is not green first, each with what to do; the green ones folded away. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { useQuery } from "../../query";
import { loaded } from "../../state";
import { Badge, Button, Card, Loaded, Prose, type Tone } from "../../ui";

interface Check {
  name: string;
  title: string;
  state: "green" | "amber" | "red" | "unknown";
  detail: string;
  fix: string | null;
}

interface Readiness {
  ready: boolean;
  red: number;
  amber: number;
  unknown: number;
  deadline: string;
  checks: Check[];
}

const LOGIN = "login";
const EVERY_MS = 30_000;
const RANK = { red: 0, amber: 1, unknown: 2, green: 3 };
const SIGNS: Record<Check["state"], { sign: string; word: string; tone: Tone }> = {
  red: { sign: "✕", word: "red", tone: "danger" },
  amber: { sign: "!", word: "amber", tone: "amber" },
  unknown: { sign: "?", word: "not known", tone: "muted" },
  green: { sign: "✓", word: "green", tone: "up" },
};

export function ReadinessCard() {
  // After the first figures: the page is usable before this is asked for.
  const due = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => (due.value = true), 800);
    return () => clearTimeout(timer);
  }, [loaded.value]);
  const query = useQuery<Readiness>(due.value ? "/api/readiness" : null, EVERY_MS);
  const found = query.data;
  return (
    <Card title="Readiness" note={found ? `by ${found.deadline}` : ""} actions={found ? <Standing found={found} /> : null} class="card-readiness">
      <Loaded query={query} lines={5}>
        {(data) => <Checks checks={data.checks} />}
      </Loaded>
    </Card>
  );
}

function Standing({ found }: { found: Readiness }) {
  if (found.red) return <Badge tone="danger">✕ {found.red} red</Badge>;
  if (found.amber) return <Badge tone="amber">! {found.amber} amber</Badge>;
  if (found.unknown) return <Badge>{found.unknown} not known</Badge>;
  return <Badge tone="up">✓ all green</Badge>;
}

function Checks({ checks }: { checks: readonly Check[] }) {
  // Without the broker's login nothing else matters: of the red ones it comes first.
  const rank = (one: Check) => RANK[one.state] - (one.name === LOGIN ? 0.5 : 0);
  const sorted = [...checks].sort((one, two) => rank(one) - rank(two));
  const open = sorted.filter((one) => one.state !== "green");
  const green = sorted.filter((one) => one.state === "green");
  return (
    <div class="checks" tabIndex={0} role="region" aria-label="Checks">
      <ul>
        {open.map((one) => (
          <Line key={one.name} check={one} />
        ))}
      </ul>
      {green.length ? (
        <details open={!open.length}>
          <summary>{green.length} green</summary>
          <ul>
            {green.map((one) => (
              <Line key={one.name} check={one} />
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}

function Line({ check }: { check: Check }) {
  const { sign, word, tone } = SIGNS[check.state];
  return (
    <li class="check-line">
      <span class={`check-sign tone-${tone}`}>
        <span aria-hidden="true">{sign}</span>
        <span class="hidden-text">{word}:</span>
      </span>
      <span>
        <b>{check.title}</b> <span class="muted">
          <Prose text={check.detail} />
        </span>
        {check.fix ? (
          <span class="check-fix">
            <span aria-hidden="true">→ </span>
            <Prose text={check.fix} />
          </span>
        ) : null}
        {check.name === LOGIN && check.state !== "green" ? <LogIn /> : null}
      </span>
    </li>
  );
}

/** The broker's login happens in a terminal: the button opens the command, ready to be copied. */
function LogIn() {
  const shown = useSignal("");
  if (!shown.value) return <Button onClick={() => (shown.value = "Copy")}>Log in</Button>;
  const tell = (text: string) => () => {
    shown.value = text;
  };
  return (
    <span class="row">
      In a terminal on the machine: <code>{COMMAND}</code>
      <Button onClick={() => void navigator.clipboard.writeText(COMMAND).then(tell("Copied"), tell("Not allowed to copy"))}>{shown.value}</Button>
    </span>
  );
}

const COMMAND = "ninefifteen login";
