"""`ninefifteen why`: why this trade, or why none, with every candidate and what stopped it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ninefifteen.adapters.journal import journals, read_journal
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    console,
    open_home,
    parse_date,
    print_json,
)
from ninefifteen.cli.replay import Replayed, SeedOption, journal_of, step_again
from ninefifteen.cli.selection_table import show_held, show_selection, show_trades
from ninefifteen.domain.candidate import Plan
from ninefifteen.domain.instants import Instant, clock_of
from ninefifteen.domain.record import DayRecord
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.reports.documents import candidate_documents, pick_document, trade_document
from ninefifteen.reports.plan_document import plan_document
from ninefifteen.runtime.unfinished import record_so_far

if TYPE_CHECKING:
    from rich.console import Console


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("why")(why)


def why(
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The day; the newest one without it.")
    ] = None,
    seed: SeedOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Say why the day traded what it traded, or why it did not."""
    opened = open_home(home)
    wanted = parse_date(day) if day is not None else None
    path = _newest(opened) if wanted is None else journal_of(opened, wanted, seed)
    contents = read_journal(path)
    result = step_again(contents)
    record = result.record or record_so_far(result.engine.state)
    if as_json:
        print_json(_document(result, record))
        return
    screen = console()
    if record is None or not record.candidates:
        _show_notes(screen, result)
    if record is None:
        last = contents.steps[-1].event.at if len(contents.steps) else contents.header.started
        _show_stop(screen, opened, result.header.date, last)
        return
    if record.candidates:
        show_selection(screen, record, plan=record.plan)
    show_trades(screen, record, finished=result.record is not None)
    if result.record is None:
        show_held(screen, result.engine.state)


def _show_notes(screen: Console, result: Replayed) -> None:
    """Print what the engine told on a day that has no ranking to show."""
    header = result.header
    mark = f"  SYNTHETIC DAY, seed {header.seed}" if header.synthetic else ""
    screen.print(f"{header.date}{mark}", style="bold", highlight=False)
    for line in result.lines:
        screen.print(line, markup=False, highlight=False)


def _show_stop(screen: Console, home: Home, day: date, last: Instant) -> None:
    """Print of an unfinished day where its journal ends, and where the program's own words are."""
    screen.print(
        f"no trade so far: the day is not finished, its journal ends at {clock_of(last):%H:%M:%S} without a"
        f" scan. {home.logs_dir / 'audit.log'} has what the program said on {day}.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _newest(home: Home) -> Path:
    found = journals(home.journal_dir)
    if not found:
        raise BadInput(f"{home.journal_dir} has no journal yet: ninefifteen run --demo makes a first day")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def _document(result: Replayed, record: DayRecord | None) -> dict[str, Any]:
    """The day as one document; without a record, of a day stopped before its scan, nearly empty."""
    header = result.header
    said = {"finished": result.record is not None, "told": list(result.lines)}
    if record is None:
        return {
            "date": header.date.isoformat(),
            "synthetic": header.synthetic,
            "seed": header.seed,
            "status": "unfinished",
            **dict.fromkeys(("no_trade_reason", "pick", "shadow_pick", "plan")),
            "candidates": [],
            "trades": [],
            "unknown": [],
            "flat": True,
            **said,
        }
    plan: Plan | None = record.plan
    return {
        "date": record.date.isoformat(),
        "synthetic": record.synthetic,
        "seed": record.seed,
        "status": record.status,
        "no_trade_reason": record.reason,
        "pick": pick_document(record),
        "shadow_pick": record.shadow,
        "candidates": candidate_documents(record),
        "plan": None if plan is None else plan_document(plan),
        "trades": [trade_document(trade) for trade in record.trades],
        "unknown": list(record.unknown),
        "flat": record.flat,
        **said,
    }
