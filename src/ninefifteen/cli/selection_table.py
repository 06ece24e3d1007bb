"""A day's selection and trades as people read them: every candidate, its figures, what stopped it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.instants import clock_of
from ninefifteen.domain.money import rupees
from ninefifteen.domain.record import DayRecord
from ninefifteen.engine.state import EngineState
from ninefifteen.reports.words import words
from ninefifteen.runtime.views import view_of


def show_selection(console: Console, record: DayRecord, *, plan: Plan | None) -> None:
    """Print the ranking with codes, what is unknown of the day, and the plan with its three losses."""
    mark = f"  SYNTHETIC DAY, seed {record.seed}" if record.synthetic else ""
    table = Table(title=f"{record.date}{mark}", header_style="bold", box=None, pad_edge=False)
    for name, side in (
        ("rank", "right"),
        ("stock", "left"),
        ("gain", "right"),
        ("put/call", "right"),
        ("", "left"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left", no_wrap=bool(name))
    for index, candidate in enumerate(record.candidates):
        table.add_row(*_row(candidate, picked=index == record.pick))
    console.print(table)
    console.print(Text("put/call: open interest of yesterday, this expiry, all strikes", style="dim"))
    if record.unknown:
        console.print(Text(f"unknown today, so not tested: {', '.join(record.unknown)}", style="dim"))
    if record.shadow is not None:
        console.print(Text(f"without the put/call filter the pick would be {record.shadow}", style="dim"))
    if plan is not None:
        _show_plan(console, plan)


def show_trades(console: Console, record: DayRecord, *, finished: bool) -> None:
    """Print what became of it."""
    if record.synthetic:
        console.print(Text("SYNTHETIC DAY: invented prices, no market, no money", style="bold"))
    if not finished:
        console.print("the day is not finished")
    for trade in record.trades:
        net = round((trade.gross * UNITS_PER_PAISA - trade.charges.total) / UNITS_PER_PAISA)
        left = "at an unknown time" if trade.exit_at is None else f"at {clock_of(trade.exit_at):%H:%M:%S}"
        console.print(
            f"bought {trade.quantity} {trade.instrument.name} at Rs {rupees(trade.entry)},"
            f" left {left} at Rs {rupees(trade.exit)} ({trade.exit_reason}):"
            f" Rs {rupees(net)} after charges of Rs {rupees(trade.charges.total_paise)}"
        )
    if not record.trades and record.reason is not None:
        console.print(f"no trade: {words('no_trade', record.reason)} ({record.reason})")


def show_held(console: Console, state: EngineState) -> None:
    """Print what an unfinished day holds."""
    view = view_of(state)
    for run in view.runs if view is not None else ():
        if run.position is not None:
            held = run.position
            console.print(
                f"held: {held.quantity} {held.name}, bought at Rs {rupees(held.average)},"
                f" stop Rs {rupees(held.stop)}, target Rs {rupees(held.target)}"
            )


def _row(candidate: Candidate, *, picked: bool) -> tuple[str | Text, ...]:
    ratio = candidate.pcr
    verdict = candidate.code if not candidate.detail else f"{candidate.code}: {candidate.detail}"
    style = "bold green" if picked else "" if candidate.code == "ok" else "dim"
    return (
        str(candidate.rank),
        Text(candidate.symbol, style=style),
        f"{float(candidate.gain):+.2%}",
        "-" if ratio is None else f"{float(ratio):.2f}",
        Text("picked" if picked else verdict, style=style),
    )


def _show_plan(console: Console, plan: Plan) -> None:
    tightened = f" (tightened from Rs {rupees(plan.untightened_stop)})" if plan.tightened else ""
    console.print(
        f"plan: buy {plan.quantity} {plan.instrument.name} near Rs {rupees(plan.entry)},"
        f" target Rs {rupees(plan.target)}, stop Rs {rupees(plan.stop)}{tightened}"
    )
    console.print(
        f"      planned loss Rs {rupees(plan.loss_at_stop)}; at the stop order's limit Rs"
        f" {rupees(plan.loss_at_stop_limit)}; the whole premium Rs {rupees(plan.loss_of_premium)};"
        f" needs {plan.break_even:.0%} wins to break even"
    )
