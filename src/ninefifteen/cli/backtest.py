"""`ninefifteen backtest`: the strategy over stored days, with every candidate's code."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from ninefifteen.adapters.recorded import RecordedFolder
from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.cli.backtest_tables import show_days
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    SetOption,
    console,
    open_configured_home,
    parse_date,
    print_json,
)
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.reports.documents import backtest_day_document
from ninefifteen.reports.summary import Summary, summarise
from ninefifteen.research.backtest import backtest as run_backtest
from ninefifteen.wiring import UNKNOWN, Account, DaySession, fresh_account
from ninefifteen.wiring.recorded_sessions import recorded_opening, recorded_session

NO_DAILY_LIMIT = Decimal(10) ** 12
"""A daily loss that no account can have: tightening and the risk exit never act."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run: days inclusive, slippage in percent."""

    first: date
    last: date
    slippage: Decimal
    daily_limit: bool


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("backtest")(backtest)


def backtest(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder of recorded data.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, inclusive.")],
    slippage: Annotated[
        str, typer.Option("--slippage", metavar="PCT", help="How much worse than seen every fill is.")
    ] = "1",
    no_daily_limit: Annotated[
        bool, typer.Option("--no-daily-limit", help="No tightening of the stop by the daily loss limit.")
    ] = False,
    changes: SetOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Run the strategy over stored days: the same engine, every candidate's code, nothing filled in."""
    ask = Ask(
        first=parse_date(first, "--from"),
        last=parse_date(last, "--to"),
        slippage=_percent(slippage),
        daily_limit=not no_daily_limit,
    )
    if ask.first > ask.last:
        raise BadInput(f"--from {ask.first} is after --to {ask.last}")
    opened, loaded = open_configured_home(home, changes)
    rules = load_rules(opened.rules_dir)
    started = time.perf_counter()
    folder = RecordedFolder(data, rules.membership, rules.splits)
    try:
        days = _run(ask, loaded.settings, rules, folder)
    except UNKNOWN as error:
        raise BadInput(str(error)) from error
    summary = summarise(
        days,
        capital=loaded.settings.trading.paper_capital,
        slippage=ask.slippage,
        streak_limit=loaded.settings.risk.max_consecutive_losses,
    )
    elapsed = time.perf_counter() - started
    if as_json:
        print_json(_document(ask, days, summary, elapsed, folder.rows_read))
    else:
        limit = int(loaded.settings.risk.max_daily_loss * 100) if ask.daily_limit else None
        show_days(console(), [record for _, record in days], summary, daily_limit=limit)


def _percent(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadInput(f"--slippage {text}: needs a number of percent, like 1 or 0.5") from None
    if not value.is_finite() or not 0 <= value < 100:  # noqa: PLR2004 - percent
        raise BadInput(f"--slippage {text}: must be 0 or more and below 100 percent")
    return value


def _run(
    ask: Ask, settings: Settings, rules: RuleBook, folder: RecordedFolder
) -> list[tuple[DayFacts, DayRecord]]:
    ruled = settings if ask.daily_limit else _unlimited(settings)
    capital = fresh_account(settings).free_cash
    days = rules.calendar.trading_days(ask.first, ask.last)

    def open_day(day: date, net: Fraction) -> DaySession:
        account = Account(free_cash=capital + int(net // 1))
        opening = recorded_opening(day, ruled, rules, folder, account)
        return recorded_session(opening, ruled, folder, slippage=ask.slippage)

    return list(_with_progress(run_backtest(days, open_day), len(days)))


def _unlimited(settings: Settings) -> Settings:
    risk = msgspec.structs.replace(settings.risk, max_daily_loss=NO_DAILY_LIMIT)
    return msgspec.structs.replace(settings, risk=risk)


def _with_progress(days: Any, total: int) -> Any:
    screen = console()
    if not screen.is_terminal:
        yield from days
        return
    from rich.progress import track

    yield from track(days, description="days", total=total, console=screen, transient=True)


def _document(
    ask: Ask,
    days: Sequence[tuple[DayFacts, DayRecord]],
    summary: Summary,
    elapsed: float,
    rows_read: int,
) -> dict[str, Any]:
    return {
        "days": [backtest_day_document(record) for _, record in days],
        "summary": summary,
        "daily_limit": ask.daily_limit,
        "slippage_pct": float(ask.slippage),
        "elapsed_s": round(elapsed, 3),
        "rows_read": rows_read,
    }
