"""`ninefifteen replay DATE`: a journaled day through a fresh engine, compared byte for byte."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from ninefifteen.adapters.journal import (
    Header,
    JournalContents,
    effects_bytes,
    find_journal,
    read_journal,
    settings_of,
)
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    LARGEST_SEED,
    HomeOption,
    JsonOption,
    open_home,
    parse_date,
    print_json,
    say,
)
from ninefifteen.domain.effects import Alert, EndDay, Note
from ninefifteen.domain.instants import Instant, clock_of
from ninefifteen.domain.record import DayRecord
from ninefifteen.engine import Engine
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring import strategies_of

DIFFERENT = 1
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=LARGEST_SEED, help="Which synthetic day, where a date has several."),
]


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A journal stepped again: how far, whether the effects are the same, and the day's record.

    `until` is the instant of the last step (None: there is none); `torn`: the last write was cut.
    `first_difference` is the number of the first step with other effects; `record` is None for a day
    that has not ended; `lines` are what the engine told, with their times.
    """

    header: Header
    engine: Engine
    steps: int
    until: Instant | None
    torn: bool
    first_difference: int | None
    record: DayRecord | None
    lines: tuple[str, ...]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("replay")(replay)


def replay(
    day: Annotated[str, typer.Argument(metavar="DATE", help="The day, YYYY-MM-DD.")],
    seed: SeedOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Step a journaled day through a fresh engine and compare every effect."""
    path = journal_of(open_home(home), parse_date(day, "DATE"), seed)
    result = step_again(read_journal(path))
    if as_json:
        print_json(_document(result))
    else:
        mark = f"[synthetic {result.header.seed}] " if result.header.synthetic else ""
        for line in result.lines:
            say(mark + line)
        verdict = "the same effects, byte for byte"
        if result.first_difference is not None:
            verdict = f"DIFFERENT effects, first at step {result.first_difference}"
        say(f"{mark}{_how_far(result)}: {verdict}")
    if result.first_difference is not None:
        raise typer.Exit(DIFFERENT)


def journal_of(home: Home, day: date, seed: int | None) -> Path:
    """The journal of that day; raises BadInput when the home has none."""
    path = find_journal(home.journal_dir, day, seed)
    if path is None:
        which = f"{day}" if seed is None else f"{day} with seed {seed}"
        raise BadInput(f"{home.journal_dir} has no journal of {which}: run that day first")
    return path


def step_again(contents: JournalContents) -> Replayed:
    """Step every event of a journal through a fresh engine with the settings of its header."""
    settings = settings_of(contents.header)
    engine = Engine(settings, strategies_of(settings))
    different: int | None = None
    until: Instant | None = None
    record: DayRecord | None = None
    lines: list[str] = []
    for step in contents.steps:
        effects, until = engine.step(step.event), step.event.at
        if different is None and effects_bytes(effects) != effects_bytes(step.effects):
            different = step.seq
        for effect in effects:
            if isinstance(effect, EndDay):
                record = effect.record
            elif isinstance(effect, Note | Alert):
                lines.append(f"{clock_of(step.event.at):%H:%M:%S} {effect.text}")
    return Replayed(
        header=contents.header,
        engine=engine,
        steps=len(contents.steps),
        until=until,
        torn=contents.torn,
        first_difference=different,
        record=record,
        lines=tuple(lines),
    )


def _how_far(result: Replayed) -> str:
    """How many steps were replayed, and what is missing behind them."""
    steps = f"{result.steps} steps replayed"
    if result.until is not None and (result.torn or result.record is None):
        steps = f"{steps} up to {clock_of(result.until):%H:%M:%S}"
    if result.torn:
        steps = f"the journal's end is torn: {steps}"
    return steps if result.record is not None else f"{steps}, the day is unfinished"


def _document(result: Replayed) -> dict[str, Any]:
    header = result.header
    return {
        "date": header.date.isoformat(),
        "synthetic": header.synthetic,
        "seed": header.seed,
        "steps": result.steps,
        "torn": result.torn,
        "same": result.first_difference is None,
        "first_difference": result.first_difference,
        "finished": result.record is not None,
        "status": None if result.record is None else result.record.status,
    }
