"""Why a strategy traded what it traded, or why it did not, in one or two plain sentences."""

from __future__ import annotations

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.charges import net_units, to_paise
from ninefifteen.domain.instants import clock_of
from ninefifteen.domain.record import Trade
from ninefifteen.reports.figures import amount, percent
from ninefifteen.reports.words import words
from ninefifteen.runtime.views import RunView


def why(run: RunView) -> str:
    """The decision, and what became of it."""
    return " ".join(part for part in (_decision(run), _outcome(run)) if part)


def _decision(run: RunView) -> str:
    if not run.candidates:
        return ""
    if run.current is None:
        tried = f"{len(run.candidates)} stocks were examined"
        return f"{tried}, and none may be bought: {_stopped(run.candidates)}."
    pick = run.candidates[run.current]
    ratio = "" if pick.pcr is None else f", put/call ratio {float(pick.pcr):.2f}"
    text = f"{pick.symbol} is the pick: rank {pick.rank}, pre-open gain {percent(pick.gain, 2)}{ratio}."
    before = [one for one in run.candidates if one.rank < pick.rank and one.code != "ok"]
    return f"{text} Before it {_stopped(before)}." if before else text


def _stopped(candidates: tuple[Candidate, ...] | list[Candidate]) -> str:
    """Who was stopped by what, the first three by name."""
    failed = [one for one in candidates if one.code != "ok"]
    named = [f"{one.symbol} was stopped ({words('code', one.code)})" for one in failed[:3]]
    if len(failed) > len(named):
        named.append(f"{len(failed) - len(named)} more were stopped")
    return ", ".join(named) or "no stock was examined"


def _outcome(run: RunView) -> str:
    if run.trade is not None:
        return _traded(run.trade)
    if run.position is not None:
        held = run.position
        return (
            f"{held.quantity} {held.name} are held, bought at {amount(held.average)};"
            f" the stop is {amount(held.stop)}, the target {amount(held.target)}."
        )
    if run.done_reason is not None:
        return f"No trade: {words('no_trade', run.done_reason)}."
    if run.waiting:
        return f"The entry waits: {words('waiting', run.waiting)}."
    return "" if run.candidates else "Nothing has been ranked yet."


def _traded(trade: Trade) -> str:
    net = to_paise(net_units(trade.buy_value, trade.sell_value, trade.charges.total))
    when = "" if trade.exit_at is None else f" at {clock_of(trade.exit_at):%H:%M:%S}"
    return (
        f"Bought {trade.quantity} {trade.instrument.name} at {amount(trade.entry)} at"
        f" {clock_of(trade.entry_at):%H:%M:%S}, sold at {amount(trade.exit)}{when}:"
        f" {words('exit', trade.exit_reason)}. {'Gain' if net > 0 else 'Loss'} {amount(abs(net))}"
        f" after charges of {amount(trade.charges.total_paise)}."
    )
