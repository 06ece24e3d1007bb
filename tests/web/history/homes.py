"""Homes with days in them: a traded synthetic day, a quiet one, and days cut off in the middle."""

from __future__ import annotations

import shutil
from datetime import date, time
from pathlib import Path

from ninefifteen.adapters.journal import FileJournal, JournalTail, settings_of
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import at
from ninefifteen.engine import Engine
from ninefifteen.home import Home
from ninefifteen.strategies.chosen import strategies_of
from ninefifteen.web.history.records import Records
from ninefifteen.wiring.demo import DEMO_SEED

TRADED, QUIET = date(2026, 12, 4), date(2026, 11, 19)
TRADED_SEED, QUIET_SEED = DEMO_SEED, 7
TRADED_RUN = f"{TRADED}.synthetic-{TRADED_SEED}"
QUIET_RUN = f"{QUIET}.synthetic-{QUIET_SEED}"


def copied(lived: Path, to: Path) -> Records:
    """The records of a copy of that home, which the test may change."""
    shutil.copytree(lived, to)
    return Records(Home.open(to), {})


def journal(records: Records, run: str = TRADED_RUN) -> Path:
    """The journal of that run."""
    return records.home.journal_dir / f"{run}.journal"


def cut_off(path: Path, clock: time, day: date = TRADED) -> bytes:
    """Cut the journal behind the last step before this time of its day; returns what was cut off."""
    tail, until = JournalTail(path), at(day, clock)
    end = tail.offset
    for step in tail.more():
        if step.event.at > until:
            break
        end = tail.offset
    data = path.read_bytes()
    path.write_bytes(data[:end])
    return data[end:]


def running(lived: Path, to: Path, clock: time) -> Records:
    """A home in which the traded day has come so far; its ledger and day file are not there yet."""
    records = copied(lived, to)
    cut_off(journal(records), clock)
    for path in (*records.home.days_dir.iterdir(), *records.home.path.glob("ninefifteen.db*")):
        path.unlink()
    return records


def goes_on(path: Path, *events: Event) -> None:
    """Let the engine of a cut journal take these events too, and write them down as a run would."""
    file, contents = FileJournal.reopen(path)
    settings = settings_of(contents.header)
    engine = Engine(settings, strategies_of(settings))
    for step in contents.steps:
        engine.step(step.event)
    with file:
        for event in events:
            file.record(event, engine.step(event))
