/** About: which version this is, on whose work it stands, and under which licences. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { day } from "../state";
import { Card, Facts, Skeleton } from "../ui";
import { PageHead } from "./parts/head";
import "../css/pages.css";
import "../css/pages-text.css";

export default function AboutPage(): JSX.Element {
  return (
    <div class="stack">
      <PageHead title="About" />
      <Card title="ninefifteen">
        <Facts
          facts={[
            { name: "Version of the engine", value: day.value?.program ?? "no engine has spoken" },
            { name: "Licence", value: "Apache-2.0" },
          ]}
        />
        <p class="about-note">
          A program that trades options can lose the whole premium of every trade. Nothing here is advice, and nothing
          promises a profit.
        </p>
      </Card>
      <Card title="The charts">
        <p>
          TradingView Lightweight Charts™
          <br />
          Copyright (c) 2025 TradingView, Inc.{" "}
          <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            https://www.tradingview.com/
          </a>
        </p>
      </Card>
      <Licences />
    </div>
  );
}

/** The file that the build wrote from what was really bundled. */
function Licences(): JSX.Element {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    fetch("/licences.txt", { signal: stop.signal })
      .then((reply) => (reply.ok ? reply.text() : "The server has no licences.txt: this page was not built whole."))
      .then(setText, () => setText("The licences could not be read: the server is not reached."));
    return () => stop.abort();
  }, []);
  return (
    <Card title="Licences of what this page contains" actions={<a href="/licences.txt">licences.txt</a>}>
      {text === null ? (
        <Skeleton lines={8} />
      ) : (
        <pre class="licences" tabIndex={0} aria-label="Licences">
          {text}
        </pre>
      )}
    </Card>
  );
}
