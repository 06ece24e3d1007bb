/** Log: the files of the home from their end, live, with filter, pause, older pages and copy. Newest first. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { clock, day as dayText } from "../format";
import type { LogLine } from "../shapes";
import { may } from "../state";
import { Badge, Button, Card, Empty, Failure, Field, Skeleton, Tabs, type Tone } from "../ui";
import { eventText, words } from "../words";
import { PageHead } from "./parts/head";
import { textOf, useLog, type LogName } from "./parts/log-data";
import "../css/pages.css";
import "../css/pages-text.css";

const TABS: readonly { key: LogName; title: string }[] = [
  { key: "trades", title: "Trades" },
  { key: "errors", title: "Errors" },
  { key: "audit", title: "Everything" },
];

export default function LogPage(): JSX.Element {
  const [name, setName] = useState<LogName>("trades");
  const tabs = TABS.filter((tab) => tab.key !== "audit" || may("operator"));
  return (
    <div class="stack">
      <PageHead title="Log" />
      <div class="shrink">
        <Tabs label="Which log" tabs={tabs} current={name} onSelect={(key) => setName(key as LogName)}>
          <Tail key={name} name={name} />
        </Tabs>
      </div>
    </div>
  );
}

function Tail({ name }: { name: LogName }): JSX.Element {
  const [contains, setContains] = useState("");
  const [paused, setPaused] = useState(false);
  const log = useLog(name, contains, paused);
  const [copied, setCopied] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(log.lines.map(textOf).join("\n")).then(
      () => setCopied(`${log.lines.length} lines copied`),
      () => setCopied("The browser did not allow copying"),
    );
  };
  return (
    <Card title={`logs/${name}.log`} note={paused ? "held" : "live, the newest first"} class="log-card" flush>
      <div class="log-controls">
        <Field label="Only lines that hold" type="search" value={contains} onInput={setContains} />
        <Button onClick={() => setPaused(!paused)}>{paused ? "Go on" : "Hold the list"}</Button>
        <Button onClick={copy} disabled={log.lines.length === 0}>
          Copy
        </Button>
        <span class="small muted" role="status">
          {copied}
        </span>
      </div>
      {log.error !== null ? <Failure error={log.error} /> : null}
      {log.loading ? <Skeleton lines={8} /> : <Lines lines={log.lines} reason={log.reason} filtered={contains !== ""} />}
      {log.before === null ? null : (
        <p class="log-more">
          <Button onClick={log.older}>Older lines</Button>
          {log.lines.length === 0 ? <span class="small muted"> Nothing in the newest part of the file; there is more.</span> : null}
        </p>
      )}
    </Card>
  );
}

interface LinesProps {
  readonly lines: readonly LogLine[];
  readonly reason: string | null;
  readonly filtered: boolean;
}

function Lines({ lines, reason, filtered }: LinesProps): JSX.Element {
  if (lines.length === 0) return <Empty title={filtered ? "No such line" : "No lines"}>{reason}</Empty>;
  return (
    <ol class="log">
      {lines.map((line, place) => [
        dayText(line.at) === dayText(lines[place - 1]?.at) ? null : <Day key={`d${lines.length - place}`} line={line} />,
        <Line key={`${line.at ?? ""} ${lines.length - place}`} line={line} />,
      ])}
    </ol>
  );
}

/** The lines tell the clock only: above the lines of each day stands its date. */
function Day({ line }: { line: LogLine }): JSX.Element {
  return <li class="log-day">{line.at === null ? "without a time" : dayText(line.at, true)}</li>;
}

function Line({ line }: { line: LogLine }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <li class={`log-line severity-${(line.severity ?? "none").toLowerCase()}`}>
      <time class="mono nowrap" {...(line.at === null ? {} : { dateTime: line.at })} title={dayText(line.at, true)}>
        {clock(line.at, "ms")}
      </time>
      <span class="log-kind">
        {line.severity === null ? (
          <span class="muted small">{words("state", line.kind)}</span>
        ) : (
          <Badge tone={toneOf(line.severity)}>
            {line.severity} {line.kind}
          </Badge>
        )}
      </span>
      <span class="log-text">
        {eventText(line.text)}
        {line.synthetic ? <small class="muted"> synthetic</small> : null}
        {open ? <pre class="log-data">{JSON.stringify(line.data, null, 1)}</pre> : null}
      </span>
      <button type="button" class="log-open" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "less" : "more"}
        <span class="hidden-text"> of the line of {clock(line.at, "ms")}</span>
      </button>
    </li>
  );
}

function toneOf(severity: string): Tone {
  if (severity === "P1" || severity === "critical") return "danger";
  return severity === "P2" || severity === "warning" ? "amber" : "muted";
}
