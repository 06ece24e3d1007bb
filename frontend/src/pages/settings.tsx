/** Settings: every value with its source and range, a review before a save, the history; and one's own login. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { useQuery } from "../query";
import { hrefOf, type PageProps } from "../routes";
import type { SettingsPage } from "../shapes";
import { may } from "../state";
import { Badge, Card, Empty, Failure, Field, Skeleton, Tabs } from "../ui";
import { Account } from "./parts/account";
import { usualApplies, type Drafts } from "./parts/draft";
import { ChangesMade } from "./parts/changes-made";
import { Marked } from "./parts/marked";
import { PageHead } from "./parts/head";
import { Review } from "./parts/review";
import { SecretsTable } from "./parts/secrets";
import { SettingList } from "./parts/setting-list";
import { found } from "./parts/translate";
import "../css/pages.css";
import "../css/pages-settings.css";

const TABS = [
  { key: "settings", title: "Settings" },
  { key: "history", title: "Changes made" },
  { key: "account", title: "Login and users" },
] as const;

export default function Settings({ parts }: PageProps): JSX.Element {
  // The address says which tab; a key has a dot and is looked for among the settings.
  const [at = ""] = parts;
  const tab = at === "account" || at === "history" ? at : "settings";
  const wanted = at.includes(".") ? at : "";
  const select = (key: string): void => {
    location.hash = key === "settings" ? hrefOf("settings") : hrefOf("settings", key);
  };
  const query = useQuery<SettingsPage>("/api/settings");
  return (
    <div class="stack">
      <PageHead title="Settings" />
      <div class="shrink">
        <Tabs label="Settings" tabs={TABS} current={tab} onSelect={select}>
          <div class="stack tab-body">
            {tab === "account" ? <Account /> : null}
            {tab !== "account" && query.error !== null ? <Failure error={query.error} again={query.again} /> : null}
            {tab !== "account" && query.data === null && query.error === null ? <Skeleton lines={14} /> : null}
            {tab === "settings" && query.data !== null ? (
              <Editor key={wanted} page={query.data} wanted={wanted} saved={query.again} />
            ) : null}
            {tab === "history" && query.data !== null ? <ChangesMade page={query.data} /> : null}
          </div>
        </Tabs>
      </div>
    </div>
  );
}

function Editor({ page, wanted, saved }: { page: SettingsPage; wanted: string; saved: () => void }): JSX.Element {
  const [search, setSearch] = useState(wanted);
  const [drafts, setDrafts] = useState<Drafts>({});
  const rows = found(page.settings, search, (row) => `${row.key} ${row.meaning} ${row.unit}`);
  const admin = may("admin");
  const applies = usualApplies(page.settings);
  return (
    <>
      <Faults page={page} />
      <p class="muted">
        From <code>{page.file}</code>, the environment and the defaults.{" "}
        {admin ? "Nothing is written before you have seen what changes." : "Only an admin can change them."} When a change
        counts: <Marked text={applies} />. Where a setting differs, its line says so.
      </p>
      <Field label="Look for a setting" type="search" value={search} onInput={setSearch} />
      {rows.length === 0 ? <Empty title="No such setting">Other words, or part of the key, as in max_daily_loss.</Empty> : null}
      {page.groups.map((group) => (
        <SettingList
          key={group.name}
          title={group.name}
          note={group.text}
          rows={rows.filter((row) => row.group === group.name)}
          usual={applies}
          drafts={drafts}
          onDrafts={setDrafts}
        />
      ))}
      <Secrets page={page} />
      <Review page={page} drafts={drafts} forget={() => setDrafts({})} saved={saved} />
    </>
  );
}

function Faults({ page }: { page: SettingsPage }): JSX.Element | null {
  if (page.problems.length === 0 && page.contradictions.length === 0) return null;
  return (
    <Card title="Look at this first" tone={page.problems.length > 0 ? "danger" : "amber"}>
      <ul class="warnings">
        {page.problems.map((text) => (
          <li key={text}>
            <Badge tone="danger">cannot be used</Badge> {text}
          </li>
        ))}
        {page.contradictions.map((text) => (
          <li key={text}>
            <Badge tone="amber">contradiction</Badge> {text}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Secrets({ page }: { page: SettingsPage }): JSX.Element {
  return (
    <Card title="Keys and passwords" note="their values are never sent to a page; change them with ninefifteen setup" flush>
      <SecretsTable rows={page.secrets} />
    </Card>
  );
}
