/** The ranked stocks with the test that stopped each. */

import { clock, percent } from "../../format";
import type { Candidate, Strategy } from "../../live-types";
import { book, candidatesOf } from "../../state";
import { Card, Empty } from "../../ui";
import { words } from "../../words";

export function Candidates({ run }: { run: Strategy | null }) {
  const rows = run ? candidatesOf(run.strategy) : [];
  return (
    <Card title="Candidates" note={rows.length ? `ranked at ${clock(run?.scan_at)}` : ""} flush class="card-candidates">
      {rows.length && run ? <Ranking rows={rows} run={run} /> : <Nothing run={run} />}
    </Card>
  );
}

function Nothing({ run }: { run: Strategy | null }) {
  if (!book.value?.date || !run) return <Empty title="No ranking yet">The 50 stocks of the NIFTY are ranked at 09:14 IST; each shows here with the test that stopped it.</Empty>;
  if (run.phase === "done") return <Empty title="Nothing was ranked today">{words("no_trade", run.done_reason)}</Empty>;
  return <Empty title={`The scan runs at ${clock(run.scan_at)} IST`}>Each stock then shows with the test that stopped it.</Empty>;
}

/** What became of a candidate, in words: the code of its test, or its part in the day. */
export function verdictOf(one: Candidate, run: Strategy): string {
  if (one.code !== "ok") return words("code", one.code);
  const bought = run.position ?? run.trade;
  if (run.current === one.symbol) return words("verdict", bought ? "bought" : run.phase === "done" ? "not_bought" : "pick");
  if (!run.picks.includes(one.symbol)) return words("verdict", "passes");
  const current = run.picks.indexOf(run.current ?? "");
  return words("verdict", run.picks.indexOf(one.symbol) < current || current < 0 ? "given_up" : "prepared");
}

function Ranking({ rows, run }: { rows: readonly Candidate[]; run: Strategy }) {
  return (
    <div class="ranking" tabIndex={0} role="region" aria-label="Ranking of the candidates">
      <table class="table">
        <caption class="hidden-text">Candidates in the order of their pre-open gain</caption>
        <thead>
          <tr>
            <th scope="col" class="right">
              #
            </th>
            <th scope="col">Stock</th>
            <th scope="col" class="right">
              Gain
            </th>
            <th scope="col" class="right pcr">
              <abbr title="put/call ratio of open interest">PCR</abbr>
            </th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => {
            const picked = one.code === "ok";
            return (
              <tr key={one.symbol} class={picked && run.current === one.symbol ? "tone-accent" : ""} title={one.detail ?? ""}>
                <td class="right muted">{one.rank}</td>
                <th scope="row">{one.symbol}</th>
                <td class="right">{percent(one.gain, 2, true)}</td>
                <td class="right pcr">{one.pcr == null ? "–" : one.pcr.toFixed(2)}</td>
                <td class={picked ? "strong" : "muted"}>
                  {picked ? "✓ " : ""}
                  {verdictOf(one, run)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
