"""`ninefifteen scan`: a dry run of the selection for one day; nothing is bought."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from ninefifteen.adapters.recorded import RecordedFolder
from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    LARGEST_SEED,
    HomeOption,
    JsonOption,
    SetOption,
    console,
    open_configured_home,
    parse_date,
    print_json,
)
from ninefifteen.cli.selection_table import show_selection
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.engine.state import Phase
from ninefifteen.errors import BadInput
from ninefifteen.reports.documents import candidate_documents, pick_document
from ninefifteen.reports.plan_document import plan_document
from ninefifteen.reports.words import words
from ninefifteen.runtime.runner import Runner
from ninefifteen.runtime.unfinished import record_so_far
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring import UNKNOWN, DaySession, fresh_account
from ninefifteen.wiring.demo import DEMO_SEED, synthetic_day_session
from ninefifteen.wiring.recorded_sessions import recorded_opening, recorded_session


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("scan")(scan)


def scan(
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="The trading day; with --demo the seed's own."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Recorded data that holds the day.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The synthetic day that run --demo trades.")] = False,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Which synthetic day.")
    ] = DEMO_SEED,
    changes: SetOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Rank, test and plan as the day would at 09:14, with the code of every candidate."""
    if data is not None and demo:
        raise BadInput("--data and --demo exclude each other: give one of them")
    if day is None and not demo:
        raise BadInput("scan needs --date DATE: which day (or --demo for a synthetic one)")
    asked = None if day is None else parse_date(day)
    opened, loaded = open_configured_home(home, changes)
    rules = load_rules(opened.rules_dir)
    try:
        wanted = asked or demo_date(seed, load_rules().calendar)
        if not rules.calendar.is_trading_day(wanted):
            raise BadInput(f"--date {wanted} is not a trading day (calendar show --date {wanted} says why)")
        session = _session(wanted, loaded.settings, rules, data, seed if demo else None)
    except UNKNOWN as error:
        raise BadInput(str(error)) from error
    record = _selected(session.runner, wanted)
    if as_json:
        print_json(_document(record))
    else:
        show_selection(console(), record, plan=record.plan)


def _session(
    day: date, settings: Settings, rules: RuleBook, data: Path | None, seed: int | None
) -> DaySession:
    if data is not None:
        folder = RecordedFolder(data, rules.membership, rules.splits)
        opening = recorded_opening(day, settings, rules, folder, fresh_account(settings))
        return recorded_session(opening, settings, folder)
    if seed is None:
        raise BadInput(
            f"no data for {day}: give --data DIR with recorded data, or --demo for a synthetic day"
        )
    return synthetic_day_session(settings, rules, day, seed)


def _selected(runner: Runner, day: date) -> DayRecord:
    """Run the day until its selection is made; raises BadInput when the day's data cannot give one."""
    done = (Phase.ARMED, Phase.DONE)
    while runner.record is None and not any(run.phase in done for run in runner.engine.state.runs):
        runner.take_next()
    record = record_so_far(runner.engine.state) or runner.record
    if record is None or (record.status == "no_data" and not record.candidates):
        reason = record.reason if record is not None and record.reason is not None else "no_candidate"
        raise BadInput(
            f"{day} cannot be scanned: {words('no_trade', reason)} ({reason}); data list shows the days"
        )
    return record


def _document(record: DayRecord) -> dict[str, Any]:
    return {
        "date": record.date.isoformat(),
        "synthetic": record.synthetic,
        "seed": record.seed,
        "price_source": record.price_source,
        "pick": pick_document(record),
        "no_trade_reason": record.reason if record.pick is None else None,
        "shadow_pick": record.shadow,
        "candidates": candidate_documents(record),
        "plan": None if record.plan is None else plan_document(record.plan),
    }
