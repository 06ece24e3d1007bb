"""A synthetic day in a home: begun, or taken up where it was stopped, and written down at its end."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Self

import msgspec

from ninefifteen import __version__
from ninefifteen.adapters.journal import (
    FileJournal,
    Header,
    JournalContents,
    effects_bytes,
    journal_name,
    journals,
    read_journal,
    set_aside,
    settings_json,
    settings_of,
)
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.config import LoadedConfig, settings_hash
from ninefifteen.domain.events import DayOpened, Halted, Restarted
from ninefifteen.domain.instants import Instant, at, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.errors import BadInput
from ninefifteen.home import Home, write_whole
from ninefifteen.reports.background import order_documents, ranking_documents
from ninefifteen.reports.documents import Document, run_document
from ninefifteen.runtime.recovery import JournalDiffers, relive
from ninefifteen.runtime.runner import Runner
from ninefifteen.runtime.views import view_of

from .sessions import (
    Account,
    DaySession,
    day_facts,
    fresh_account,
    strategies_of,
    synthetic_session,
)

STARTS_AT = time(9, 13, 30)
"""Synthetic days begin here: early enough for the scan, late enough that nobody waits for it."""
DEMO_SEED = 142
"""The day shown when no seed is given: a losing one, which is what most days of this trade look like."""
_DATE_WIDTH = len("2026-11-23")


class DemoDay:
    """One synthetic day with its journal. Use as a context manager: it closes the journal.

    `restarts` counts how often the day was taken up again, this time included; `settings_changed` says
    that it goes on with the settings it began with although the home's differ by now.
    """

    def __init__(self, home: Home, session: DaySession, journal: FileJournal, settings: Settings) -> None:
        self.home = home
        self.session = session
        self.settings = settings
        self.restarts = 0
        self.settings_changed = False
        self._journal = journal

    @property
    def runner(self) -> Runner:
        """The line of the day."""
        return self.session.runner

    @property
    def journal_path(self) -> Path:
        """Where the day is written."""
        facts = self.session.facts
        return self.home.journal_dir / journal_name(facts.date, facts.seed)

    @property
    def document_path(self) -> Path:
        """Where the finished day's document goes."""
        return self.home.days_dir / self.journal_path.with_suffix(".json").name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def go_on(self) -> None:
        """Tell the engine that it is back, if this is not the day's first start."""
        if self.restarts:
            self.runner.take(Restarted(self.runner.inbox.now, epoch=self.restarts))

    def halt_if_asked(self, now: Instant) -> None:
        """Obey the home's HALT file (touching it stops everything, latched)."""
        if self.runner.engine.state.halted is None and self.home.halt_file.exists():
            moment = max(now, self.runner.inbox.now)
            self.runner.inbox.now = moment
            self.runner.take(Halted(moment, source="file", reason="the HALT file is there"))

    def finish(self, record: DayRecord) -> Document:
        """Close the journal, prove it by replaying it, and write the day's document; returns it.

        The file holds more than what is returned: everything `design/strategy.md` "Record" asks for.
        """
        self._journal.close()
        document = run_document(
            record,
            wiring="demo",
            events=self.runner.events,
            journal_ok=replays(self.journal_path),
            flat=self.session.flat,
        )
        kept = {**document, **self._background(), "record": record}
        write_whole(
            self.document_path, msgspec.json.format(msgspec.json.encode(kept), indent=1).decode() + "\n"
        )
        return document

    def _background(self) -> Document:
        """What the day ran on: program, settings, data source, universe, and its orders and fills."""
        facts, state = self.session.facts, self.runner.engine.state
        view = view_of(state)
        return {
            "program": __version__,
            "settings_hash": settings_hash(self.settings),
            "data_source": f"synthetic day, seed {facts.seed}, price source {facts.price_source}",
            "universe": ranking_documents(state.runs[0].ranked if state.runs else ()) or facts.universe,
            "orders": order_documents(view.orders if view is not None else ()),
            "fills": [
                {
                    "trade_id": fill.trade_id,
                    "order_id": fill.order_id,
                    "contract": fill.name,
                    "side": fill.side,
                    "at": iso_ms(fill.at),
                    "quantity": fill.quantity,
                    "price": rupees(fill.price),
                }
                for fill in self.session.exchange.trades_of_day()
            ],
        }


def synthetic_day_session(settings: Settings, rules: RuleBook, day: date, seed: int) -> DaySession:
    """A synthetic day that leaves no trace: no journal, a fresh account."""
    opening = _opening(settings, rules, day, seed, fresh_account(settings))
    return synthetic_session(opening, settings, rules)


def unfinished_day(home: Home, seed: int) -> date | None:
    """The synthetic day of this seed that was stopped last and has not ended; None when there is none."""
    ending = journal_name(date.min, seed).removeprefix(date.min.isoformat())
    found = [path for path in journals(home.journal_dir) if path.name[_DATE_WIDTH:] == ending]
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    if newest is None or read_journal(newest).finished:
        return None
    return date.fromisoformat(newest.name[:_DATE_WIDTH])


def open_demo_day(
    home: Home,
    config: LoadedConfig,
    rules: RuleBook,
    *,
    day: date,
    seed: int,
    account: Account,
) -> DemoDay:
    """Begin this synthetic day, or go on with it where its journal ends.

    A finished one is set aside and run again. Raises BadInput when the journal cannot be gone on with.
    """
    path = home.journal_dir / journal_name(day, seed)
    if path.exists():
        contents = read_journal(path)
        if not contents.finished:
            return _resumed(home, config, rules, path, contents, account)
        set_aside(path)
    opening = _opening(config.settings, rules, day, seed, account)
    session = synthetic_session(opening, config.settings, rules)
    header = Header(
        program=__version__,
        date=day,
        synthetic=True,
        seed=seed,
        rehearsal=home.rehearsal,
        settings=settings_json(config.settings),
        settings_hash=config.settings_hash,
        started=opening.at,
    )
    journal = session.runner.journal = FileJournal.create(path, header)
    return DemoDay(home, session, journal, config.settings)


def _opening(settings: Settings, rules: RuleBook, day: date, seed: int, account: Account) -> DayOpened:
    facts = day_facts(
        day,
        rules=rules,
        settings=settings,
        account=account,
        universe=rules.membership.on(day),
        price_source="quotes",
        seed=seed,
    )
    return DayOpened(at(day, STARTS_AT), facts=facts)


def _resumed(
    home: Home,
    config: LoadedConfig,
    rules: RuleBook,
    path: Path,
    contents: JournalContents,
    account: Account,
) -> DemoDay:
    """Live the day again as far as it was written; only then is its journal opened for writing."""
    settings = settings_of(contents.header)
    session = synthetic_session(_first_event(contents, settings, rules, account), settings, rules)
    restarts = 0
    if len(contents.steps):
        try:
            restarts = relive(session.runner, ((step.event, step.effects) for step in contents.steps))
        except JournalDiffers as differs:
            raise BadInput(
                f"{path} cannot be gone on with: at {differs} this program gives something else"
                f" (written by version {contents.header.program}); move the file away to start the day anew"
            ) from differs
    journal = session.runner.journal = FileJournal.behind(path, contents)
    demo = DemoDay(home, session, journal, settings)
    demo.restarts = restarts
    demo.settings_changed = settings_hash(settings) != config.settings_hash
    return demo


def _first_event(
    contents: JournalContents, settings: Settings, rules: RuleBook, account: Account
) -> DayOpened:
    """How the day began; a journal without a step has not told it yet."""
    header = contents.header
    first = contents.steps[0].event if len(contents.steps) else None
    if isinstance(first, DayOpened):
        return first
    if header.seed is None:
        raise BadInput(f"the journal of {header.date} is not one of a synthetic day")
    return _opening(settings, rules, header.date, header.seed, account)


def replays(path: Path) -> bool:
    """Whether the journal, stepped through a fresh engine, gives the effects it holds byte for byte."""
    contents = read_journal(path)
    if contents.torn:
        return False
    settings = settings_of(contents.header)
    engine = Engine(settings, strategies_of(settings))
    return all(
        effects_bytes(engine.step(step.event)) == effects_bytes(step.effects) for step in contents.steps
    )
