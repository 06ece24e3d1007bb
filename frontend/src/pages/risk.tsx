/** Risk: what may be lost and what of it is used, settings that work against each other, and one position's worst. */

import type { JSX } from "preact";

import { clock, day as dayText, rupees } from "../format";
import { useQuery } from "../query";
import { hrefOf } from "../routes";
import type { Clash, Gauge, LotRisk, Risk } from "../shapes";
import { Badge, Bar, Card, Empty, Loaded, Table, type Column, type Tone } from "../ui";
import { sentence } from "./parts/draft";
import { PageHead } from "./parts/head";
import "../css/pages.css";

const EVERY_MS = 5_000;

export default function RiskPage(): JSX.Element {
  const query = useQuery<Risk>("/api/risk", EVERY_MS);
  return (
    <div class="stack">
      <PageHead title="Risk" />
      <Loaded query={query} lines={12}>
        {(risk) => (
          <>
            <Stops stops={risk.stops} />
            <Gauges risk={risk} />
            <Lot lot={risk.lot} />
            <Warnings warnings={risk.warnings} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Stops({ stops }: { stops: readonly string[] }): JSX.Element | null {
  if (stops.length === 0) return null;
  return (
    <Card title="No new entry now" tone="amber">
      <ul class="notes">
        {stops.map((stop) => (
          <li key={stop}>{stop}</li>
        ))}
      </ul>
    </Card>
  );
}

function Gauges({ risk }: { risk: Risk }): JSX.Element {
  return (
    <Card title="Limits" note={sourceText(risk)}>
      {risk.gauges.length === 0 ? (
        <Empty title="No limits can be told">The settings cannot be read. See Settings.</Empty>
      ) : (
        <ul class="gauges">
          {risk.gauges.map((gauge) => (
            <One key={gauge.name} gauge={gauge} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function sourceText(risk: Risk): string {
  if (risk.from_engine) return `from the running engine, ${clock(risk.as_of)} IST`;
  if (risk.date === null) return "no day has been run yet";
  return `no engine runs; as of ${dayText(risk.date)}`;
}

const TONES: Readonly<Record<Gauge["state"], Tone>> = { green: "up", amber: "amber", red: "danger", unknown: "muted" };
const STATES: Readonly<Record<Gauge["state"], string>> = {
  green: "within",
  amber: "near the limit",
  red: "used up",
  unknown: "not known",
};

function One({ gauge }: { gauge: Gauge }): JSX.Element {
  const tone = TONES[gauge.state];
  return (
    <li class="gauge">
      <div class="spread">
        <h3>{gauge.text}</h3>
        <Badge tone={tone}>{STATES[gauge.state]}</Badge>
      </div>
      <p class="gauge-figure">
        <strong>{figure(gauge, gauge.used)}</strong> <span class="muted">of {figure(gauge, gauge.limit)}</span>
      </p>
      <Bar share={gauge.share} tone={tone} label={`${gauge.text}: used of the limit`} />
      <p class="small muted">
        {sentence(gauge.detail)} Limit: <Rule rule={gauge.rule} />. Starts anew {gauge.resets}.
      </p>
    </li>
  );
}

/** A rule that is a setting leads to it. */
function Rule({ rule }: { rule: string }): JSX.Element {
  return /^[a-z_]+\.[a-z_]+$/.test(rule) ? <a href={hrefOf("settings", rule)}>{rule}</a> : <>{rule}</>;
}

/** Counts come as decimal strings like amounts; what is whole is written whole. */
function figure(gauge: Gauge, value: string | null): string {
  if (value === null) return "not known";
  return gauge.unit === "rupees" ? rupees(value) : value.replace(/\.0+$/, "");
}

type Loss = LotRisk["losses"][number];

const LOSSES: Column<Loss>[] = [
  { key: "text", head: "If this happens", names: true, cell: (loss) => loss.text },
  { key: "amount", head: "It costs", right: true, cell: (loss) => <Amount loss={loss} /> },
  { key: "detail", head: "How it comes about", cell: (loss) => sentence(loss.detail) },
  { key: "rule", head: "Rule", cell: (loss) => <Rule rule={loss.rule} /> },
];

function Amount({ loss }: { loss: Loss }): JSX.Element {
  if (loss.amount === null) return <span class="muted">not reckoned</span>;
  const amount = rupees(loss.amount.replace("-", ""));
  return loss.name === "delivery" ? <strong>{amount} to pay</strong> : <strong class="down">−{amount}</strong>;
}

function Lot({ lot }: { lot: LotRisk }): JSX.Element {
  return (
    <Card title="What one lot could lose here" note={lot.contract ?? ""} flush>
      <p class="card-lead">{sentence(lot.basis_text)}</p>
      <Table
        caption="What one lot could lose"
        columns={LOSSES}
        rows={lot.losses}
        rowKey={(loss) => loss.name}
        empty={<Empty title="Not reckoned">The plan of the day gives these figures.</Empty>}
      />
    </Card>
  );
}

function Warnings({ warnings }: { warnings: readonly Clash[] }): JSX.Element {
  return (
    <Card title="Settings that work against each other" {...(warnings.length > 0 ? { tone: "amber" as const } : {})}>
      {warnings.length === 0 ? (
        <Empty title="None">Every limit and the strategy's own figures fit together.</Empty>
      ) : (
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning.text}>
              <p>{warning.text}</p>
              <p class="row small">
                {warning.keys.map((key) => (
                  <a key={key} href={hrefOf("settings", key)}>
                    {key}
                  </a>
                ))}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
