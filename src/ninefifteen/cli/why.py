"""`ninefifteen why`: why this trade, or why none, with every candidate and what stopped it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
from ninefifteen.domain.record import DayRecord
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.reports.documents import candidate_documents, pick_document, trade_document
from ninefifteen.reports.plan_document import plan_document
from ninefifteen.runtime.unfinished import record_so_far


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
    result = step_again(read_journal(path))
    record = result.record or record_so_far(result.engine.state)
    if record is None:
        raise BadInput(f"{path} has no scan in it yet: run that day first")
    if as_json:
        print_json(_document(result, record))
        return
    screen = console()
    show_selection(screen, record, plan=record.plan)
    show_trades(screen, record, finished=result.record is not None)
    if result.record is None:
        show_held(screen, result.engine.state)


def _newest(home: Home) -> Path:
    found = journals(home.journal_dir)
    if not found:
        raise BadInput(f"{home.journal_dir} has no journal yet: ninefifteen run --demo makes a first day")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def _document(result: Replayed, record: DayRecord) -> dict[str, Any]:
    plan: Plan | None = record.plan
    return {
        "date": record.date.isoformat(),
        "synthetic": record.synthetic,
        "seed": record.seed,
        "finished": result.record is not None,
        "status": record.status,
        "no_trade_reason": record.reason,
        "pick": pick_document(record),
        "shadow_pick": record.shadow,
        "candidates": candidate_documents(record),
        "plan": None if plan is None else plan_document(plan),
        "trades": [trade_document(trade) for trade in record.trades],
        "unknown": list(record.unknown),
        "flat": record.flat,
        "told": list(result.lines),
    }
