/** Help: what a broker's message means, and the words of the field in plain ones. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { useQuery } from "../query";
import { hrefOf } from "../routes";
import type { ErrorHelp, Help } from "../shapes";
import { Badge, Card, Empty, Field, Loaded } from "../ui";
import { PageHead } from "./parts/head";
import { Marked } from "./parts/marked";
import { found, translated } from "./parts/translate";
import "../css/pages.css";
import "../css/pages-text.css";

export default function HelpPage(): JSX.Element {
  const query = useQuery<Help>("/api/help");
  return (
    <div class="stack">
      <PageHead title="Help" />
      <Keys />
      <Loaded query={query} lines={12}>
        {(help) => (
          <>
            <Translator errors={help.errors} />
            <Glossary terms={help.terms} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Keys(): JSX.Element {
  return (
    <Card title="First of all">
      <p>
        <kbd>Shift</kbd> + <kbd>K</kbd> opens the stop dialog on every page, also with the server gone. What to do when
        something is wrong stands under <a href={hrefOf("emergency")}>Emergency</a>; print it before you need it.
      </p>
    </Card>
  );
}

function Translator({ errors }: { errors: readonly ErrorHelp[] }): JSX.Element {
  const [text, setText] = useState("");
  const meant = translated(errors, text);
  const shown = text.trim() === "" ? errors : meant !== null ? [meant] : found(errors, text, wordsOf);
  return (
    <Card title="What does this message mean?">
      <Field label="Paste the broker's words" value={text} onInput={setText} placeholder="as they stand under Orders or in the log" />
      {shown.length === 0 ? (
        <Empty title="This message is not known here">
          The whole message is in the log. Ask the broker with its exact words and the order's number.
        </Empty>
      ) : (
        <ul class="errors" aria-live="polite">
          {shown.map((entry) => (
            <One key={entry.code} entry={entry} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function wordsOf(entry: ErrorHelp): string {
  return `${entry.match.join(" ")} ${entry.means} ${entry.do} ${entry.broker}`;
}

function One({ entry }: { entry: ErrorHelp }): JSX.Element {
  return (
    <li>
      <p class="row">
        <Badge tone="muted">{entry.broker}</Badge>
        <q>{entry.match[0]}</q>
      </p>
      <p>
        <Marked text={entry.means} />
      </p>
      <p class="strong">
        <Marked text={entry.do} />
      </p>
    </li>
  );
}

function Glossary({ terms }: { terms: Help["terms"] }): JSX.Element {
  const [wanted, setWanted] = useState("");
  const shown = found(terms, wanted, (term) => `${term.term} $<Marked text={term.meaning} />`);
  return (
    <Card title="Glossary">
      <Field label="Look for a word" type="search" value={wanted} onInput={setWanted} />
      {shown.length === 0 ? (
        <Empty title="No such word here" />
      ) : (
        <dl class="glossary">
          {shown.map((term) => (
            <div key={term.term}>
              <dt>{term.term}</dt>
              <dd>
                <Marked text={term.meaning} />
                {term.see.length > 0 ? <span class="muted"> See: {term.see.join(", ")}.</span> : null}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
