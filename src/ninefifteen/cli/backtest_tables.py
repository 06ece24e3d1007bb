"""What a backtest looks like to people: a line per day, the result as it grew, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.record import DayRecord
from ninefifteen.reports.summary import Summary, net_units

_BLOCKS = "▁▂▃▄▅▆▇█"
_SOURCES = {"last": "last", "bhavcopy": "bhav", "quotes": "quote", "model": "model"}


def show_days(
    console: Console, records: Sequence[DayRecord], summary: Summary, *, daily_limit: Paise | None
) -> None:
    """Print the days, the equity line and the summary; `daily_limit` is None where it was switched off."""
    if not records:
        console.print("no trading day in this range (calendar show lists them)")
        return
    console.print(_days_table(records))
    nets = [sum(net_units(t) for t in record.trades) / UNITS_PER_PAISA for record in records]
    if any(nets):
        console.print(Text("result so far  ") + Text(_line(list(accumulate(nets)))))
    console.print(_summary_table(summary))
    if summary.ambiguous_days:
        console.print("stop?: both levels lay in the day's range; the stop was assumed.")
    _say_limit(console, nets, daily_limit)
    console.print(
        "Every candidate of a day and its reason: ninefifteen scan --date DAY --data DIR, or --json."
    )
    console.print("Past days are no promise; charges and slippage are included.")


def _say_limit(console: Console, nets: Sequence[float], daily_limit: Paise | None) -> None:
    """The limit plans the stop; it cannot stop a price that jumps over it."""
    if daily_limit is None:
        console.print("Run WITHOUT the daily loss limit.")
        return
    beyond = sum(net < -daily_limit for net in nets)
    jumped = f"; {beyond} days lost more: the next price seen lay beyond the stop" if beyond else ""
    console.print(f"Stops planned for a daily loss limit of Rs {rupees(daily_limit)}{jumped}.")


def _days_table(records: Sequence[DayRecord]) -> Table:
    table = Table(title="Recorded days", header_style="bold", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("day", "prices", "contract, or why not", "entry", "exit", "", "net Rs"):
        right = column in {"entry", "exit", "net Rs"}
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    for record in records:
        table.add_row(*_day_row(record))
    return table


def _day_row(record: DayRecord) -> tuple[str | Text, ...]:
    head = (record.date.isoformat(), _SOURCES.get(record.price_source or "", "none"))
    if not record.trades:
        return (*head, Text(f"{record.status}: {record.reason}", style="dim"), "", "", "", "")
    trade = record.trades[0]
    net = round(net_units(trade) / UNITS_PER_PAISA)
    reason = trade.exit_reason + ("?" if trade.ambiguous else "")
    return (
        *head,
        trade.instrument.name,
        rupees(trade.entry),
        rupees(trade.exit),
        reason,
        Text(("▲ +" if net > 0 else "▼ ") + rupees(net), style="green" if net > 0 else "red"),
    )


def _line(values: list[float]) -> str:
    """The running result in one line of blocks, lowest to highest."""
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low or 1.0
    return "".join(_BLOCKS[round((value - low) / span * (len(_BLOCKS) - 1))] for value in values)


def _summary_table(summary: Summary) -> Table:
    table = Table(title="Summary", show_header=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    rate = "-"
    if (
        summary.win_rate is not None
        and summary.win_rate_low is not None
        and summary.win_rate_high is not None
    ):
        rate = f"{summary.win_rate:.1%} ({summary.win_rate_low:.1%} to {summary.win_rate_high:.1%}, 95 %)"
    rows = (
        (
            "days: traded / no trade / no data",
            f"{summary.traded_days} / {summary.no_trade_days} / {summary.no_data_days}",
        ),
        ("trades, wins", f"{summary.trades}, {summary.wins}"),
        ("win rate", rate),
        ("net after charges", _rupees(summary.net)),
        ("charges", _rupees(summary.charges)),
        ("expectancy of a trade", _rupees(summary.expectancy) if summary.expectancy is not None else "-"),
        ("max drawdown", f"{summary.max_drawdown:.2%}"),
        ("Sharpe", f"{summary.sharpe:.2f}" if summary.sharpe is not None else "-"),
        ("profit factor", f"{summary.profit_factor:.2f}" if summary.profit_factor is not None else "-"),
        ("longest losing streak", str(summary.longest_loss_streak)),
        ("days a losing streak would have paused", str(summary.days_paused_by_streak)),
        (
            "entered within 60 s: trades, wins, net",
            f"{summary.prompt_trades}, {summary.prompt_wins}, {_rupees(summary.prompt_net)}",
        ),
        (
            "ambiguous days; net if they were targets",
            f"{summary.ambiguous_days}; {_rupees(summary.net_ambiguous_as_target)}",
        ),
    )
    for name, value in rows:
        table.add_row(name, value)
    return table


def _rupees(amount: str) -> str:
    """An amount of four places as people read it."""
    return f"Rs {Decimal(amount):,.2f}"
