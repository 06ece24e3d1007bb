/** Go-live gates: not reckoned in this version. */

import type { JSX } from "preact";

import { hrefOf } from "../routes";
import { Later } from "./parts/later";
import "../css/pages.css";
import "../css/pages-text.css";

export default function GatesPage(): JSX.Element {
  return (
    <Later
      title="Go-live gates"
      missing="This version does not reckon the gates, so nothing here says that you may go live, and real money stays locked."
      will={[
        "Each gate with its value, what is needed, and how sure the value is: trades, win rate, drawdown, Sharpe ratio, losses in a row, result after charges.",
        "How many paper trades are missing, and the date on which they may be there.",
        "Whether the records were tampered with, and when the stop was last practised.",
        "Arming for live trading, which ends by itself every day.",
      ]}
      today={
        <>
          Every day of paper trading is already kept and will count: see <a href={hrefOf("history")}>History</a>. Invented
          and rehearsed days never count. How long the gates may take at best stands under <a href={hrefOf("setup")}>Set-up</a>.
        </>
      }
    />
  );
}
