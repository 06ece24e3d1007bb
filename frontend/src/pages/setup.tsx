/** Set-up, step by step: first the honest odds and whose rules these are, then broker, limits and alerts. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { useQuery } from "../query";
import { hrefOf, type PageProps } from "../routes";
import type { SettingsPage } from "../shapes";
import { may } from "../state";
import { Button, Card, Failure, Skeleton, Tabs } from "../ui";
import { usualApplies, type Drafts } from "./parts/draft";
import { PageHead } from "./parts/head";
import { OddsStep } from "./parts/odds";
import { Review } from "./parts/review";
import { RulesStep } from "./parts/rules";
import { SecretsTable } from "./parts/secrets";
import { SettingList } from "./parts/setting-list";
import "../css/pages.css";
import "../css/pages-settings.css";
import "../css/pages-text.css";

const STEPS = [
  { key: "odds", title: "1 What to expect" },
  { key: "rules", title: "2 Whose rules" },
  { key: "broker", title: "3 Broker" },
  { key: "limits", title: "4 Limits" },
  { key: "alerts", title: "5 Alerts" },
  { key: "first", title: "6 First day" },
] as const;

export default function SetupPage({ parts }: PageProps): JSX.Element {
  const wanted = STEPS.find((step) => step.key === parts[0])?.key ?? "odds";
  const go = (key: string): void => {
    location.hash = hrefOf("setup", key);
    scrollTo(0, 0);
  };
  const place = STEPS.findIndex((step) => step.key === wanted);
  const next = STEPS[place + 1];
  return (
    <div class="stack">
      <PageHead title="Set-up" />
      <div class="shrink">
        <Tabs label="Steps" tabs={STEPS} current={wanted} onSelect={go}>
          <div class="stack tab-body">
            <Step name={wanted} />
            {next === undefined ? null : (
              <p class="row">
                <Button tone="accent" onClick={() => go(next.key)}>
                  Next: {next.title.slice(2)}
                </Button>
              </p>
            )}
          </div>
        </Tabs>
      </div>
    </div>
  );
}

function Step({ name }: { name: string }): JSX.Element {
  if (name === "odds") return <OddsStep />;
  if (name === "rules") return <RulesStep />;
  if (name === "first") return <FirstDay />;
  return <SettingsStep name={name} />;
}

function SettingsStep({ name }: { name: string }): JSX.Element {
  const query = useQuery<SettingsPage>("/api/settings");
  const [drafts, setDrafts] = useState<Drafts>({});
  if (query.data === null) return query.error === null ? <Skeleton lines={8} /> : <Failure error={query.error} again={query.again} />;
  const page = query.data;
  const usual = usualApplies(page.settings);
  const list = (title: string, note: string, keys: readonly string[]): JSX.Element => (
    <SettingList
      title={title}
      note={note}
      rows={page.settings.filter((row) => keys.includes(row.key) || keys.includes(row.group))}
      usual={usual}
      drafts={drafts}
      onDrafts={setDrafts}
    />
  );
  return (
    <>
      {name === "broker" ? <BrokerStep page={page} list={list} /> : null}
      {name === "limits" ? <LimitsStep page={page} list={list} /> : null}
      {name === "alerts" ? <AlertsStep page={page} list={list} /> : null}
      {may("admin") ? null : <p class="muted">Only an admin can change these.</p>}
      <Review page={page} drafts={drafts} forget={() => setDrafts({})} saved={query.again} />
    </>
  );
}

interface StepProps {
  readonly page: SettingsPage;
  readonly list: (title: string, note: string, keys: readonly string[]) => JSX.Element;
}

function BrokerStep({ page, list }: StepProps): JSX.Element {
  return (
    <>
      {list("Broker", "whose account and prices are used", ["trading"])}
      <Card title="Keys of the broker" note="never shown, and never typed into this page" flush>
        <p class="card-lead">
          In the terminal, <code>ninefifteen setup</code> asks for them and keeps them in <code>.env</code>, readable by you
          alone. The broker ends every login early in the morning: <code>ninefifteen login</code> is part of each day.
        </p>
        <SecretsTable rows={page.secrets.filter((one) => one.name.startsWith("BROKER_"))} />
      </Card>
    </>
  );
}

function LimitsStep({ page, list }: StepProps): JSX.Element {
  return (
    <>
      {page.contradictions.length === 0 ? null : (
        <Card title="These limits and the strategy work against each other" tone="amber">
          <ul class="warnings">
            {page.contradictions.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Card>
      )}
      {list("Limits", "a lower limit counts from the next start; a higher one needs the second factor", ["risk", "strategy.lots"])}
    </>
  );
}

function AlertsStep({ page, list }: StepProps): JSX.Element {
  return (
    <>
      <Card title="Not in this version">
        <p>
          No alert leaves this program yet: neither by Telegram nor by SMS. What is set here is kept for the version that
          sends them. Until then a phone learns something only with this page open.
        </p>
      </Card>
      {list("Whom to tell, and who may stop", "", ["telegram", "emergency"])}
      <Card title="Keys for alerts" note="never shown" flush>
        <SecretsTable rows={page.secrets.filter((one) => /^(TELEGRAM|EMERGENCY)/.test(one.name))} />
      </Card>
    </>
  );
}

function FirstDay(): JSX.Element {
  return (
    <Card title="The first day">
      <ol class="numbered">
        <Line>
          See a whole invented day first: <code>ninefifteen run --demo</code>
        </Line>
        <Line>
          Look through <a href={hrefOf("emergency")}>Emergency</a>, and print it.
        </Line>
        <Line>
          Set up the second factor under <a href={hrefOf("settings", "account")}>Settings, Login and users</a>.
        </Line>
        <Line>
          Log in at the broker before 09:00: <code>ninefifteen login</code>
        </Line>
        <Line>
          Begin on paper: <code>ninefifteen run --paper</code>. Orders are simulated, prices are real, and the day counts
          towards the <a href={hrefOf("gates")}>go-live gates</a>.
        </Line>
        <Line>
          At 09:12 everything under readiness on <a href={hrefOf("today")}>Today</a> should be green.
        </Line>
      </ol>
    </Card>
  );
}

function Line({ children }: { children: ComponentChildren }): JSX.Element {
  return <li>{children}</li>;
}
