/** The plan with its three losses: at the stop, where the stop's limit ends, and the whole premium. */

import { percent, rupees } from "../../format";
import type { Plan, Strategy } from "../../live-types";
import { planOf } from "../../state";
import { Badge, Card, Empty } from "../../ui";

export function PlanCard({ run }: { run: Strategy | null }) {
  const plan = run ? planOf(run.strategy) : null;
  return (
    <Card title="Plan" note={plan?.contract ?? ""} actions={plan?.tightened ? <Badge tone="accent">stop tightened</Badge> : null} class="card-plan">
      {plan ? <Figures plan={plan} run={run} /> : <Empty title="No plan yet">After the scan: what is bought, where it is sold, and what it may lose, in rupees.</Empty>}
    </Card>
  );
}

function Figures({ plan, run }: { plan: Plan; run: Strategy | null }) {
  const bought = run?.position?.average ?? run?.trade?.entry;
  const lines = [
    { name: "Target", at: plan.target, amount: plan.profit_at_target, way: "up", note: "profit there" },
    { name: "Stop", at: plan.stop, amount: plan.loss_at_stop, way: "down", note: "loss there" },
    { name: "Stop's limit", at: plan.stop_order_limit, amount: plan.loss_at_stop_limit, way: "down", note: "loss if the price runs through the stop" },
    { name: "Zero", at: null, amount: plan.loss_of_premium, way: "down", note: "loss of the whole premium: the worst" },
  ] as const;
  return (
    <div class="plan">
      <p class="plan-entry">
        {bought ? "Bought" : "Buy"} <b class="strong">{plan.quantity}</b> {bought ? "at" : "at about"} <b class="strong">{rupees(bought ?? plan.entry)}</b>
      </p>
      <table class="table plan-table">
        <caption class="hidden-text">Exits of the plan and what each means in rupees</caption>
        <thead>
          <tr>
            <th scope="col">Exit</th>
            <th scope="col" class="right">
              At
            </th>
            <th scope="col" class="right">
              Rupees
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <th scope="row">
                {line.name} <small class="muted">{line.note}</small>
              </th>
              <td class="right">{line.at === null ? "0" : rupees(line.at)}</td>
              <td class={`right ${line.way}`}>
                {line.way === "up" ? "+" : "−"}
                {rupees(line.amount)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="plan-even">
        To come out even it has to win <b class="strong">{percent(plan.break_even_win_rate)}</b> of such trades.
        {plan.tightened ? ` The stop would lie at ${rupees(plan.stop_without_tightening)}; it was moved up so that the loss fits in the daily limit.` : ""}
      </p>
    </div>
  );
}
