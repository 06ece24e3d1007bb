/** Performance: not reckoned in this version. */

import type { JSX } from "preact";

import { hrefOf } from "../routes";
import { Later } from "./parts/later";
import "../css/pages.css";
import "../css/pages-text.css";

export default function PerformancePage(): JSX.Element {
  return (
    <Later
      title="Performance"
      missing="This version draws no curve over many days: a handful of days would say nothing and look like something."
      will={[
        "Equity and drawdown over the days, with deposits and withdrawals left out.",
        "Results by day, by reason of the exit, by stock and by size of the gain.",
        "Win rate with its range of doubt, expectancy after charges, profit factor.",
        "What running the program costs beside what it earns.",
      ]}
      today={
        <>
          Each day with its result, charges line by line and reasons is under <a href={hrefOf("history")}>History</a>.
          Recorded days are counted up by <code>ninefifteen backtest</code>.
        </>
      }
    />
  );
}
