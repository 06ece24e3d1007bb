/** A plan: entry, exits, and what it can lose, in three sizes. */

import type { JSX } from "preact";

import { percent, rupees } from "../../format";
import type { PlanFigures } from "../../shapes";
import { Card, Facts } from "../../ui";

export function PlanCard({ plan }: { plan: PlanFigures }): JSX.Element {
  return (
    <Card title="Plan" note={`${plan.quantity} × ${plan.contract}`}>
      <div class="grid-2">
        <Facts
          facts={[
            { name: "Entry, at most", value: rupees(plan.entry) },
            { name: "Target", value: rupees(plan.target) },
            { name: plan.tightened ? "Stop, tightened to the daily limit" : "Stop", value: rupees(plan.stop) },
            ...(plan.tightened ? [{ name: "Stop without tightening", value: rupees(plan.stop_without_tightening) }] : []),
          ]}
        />
        <Facts
          facts={[
            { name: "Profit at the target", value: <span class="up">+{rupees(plan.profit_at_target)}</span> },
            { name: "Loss at the stop", value: <Loss amount={plan.loss_at_stop} /> },
            { name: `Loss at the stop order's limit, ${rupees(plan.stop_order_limit)}`, value: <Loss amount={plan.loss_at_stop_limit} /> },
            { name: "Loss of the whole premium", value: <Loss amount={plan.loss_of_premium} /> },
            { name: "Wins needed to break even", value: percent(plan.break_even_win_rate) },
          ]}
        />
      </div>
    </Card>
  );
}

function Loss({ amount }: { amount: string }): JSX.Element {
  return <span class="down">−{rupees(amount.replace("-", ""))}</span>;
}
