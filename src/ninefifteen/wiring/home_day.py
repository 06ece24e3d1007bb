"""A day in a home: the line that runs it, its journal, and what is written down at its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import msgspec

from ninefifteen import __version__
from ninefifteen.adapters.journal import (
    FileJournal,
    Header,
    effects_bytes,
    read_journal,
    settings_json,
    settings_of,
)
from ninefifteen.config import LoadedConfig, settings_hash
from ninefifteen.domain.events import DayOpened, Halted, Restarted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.money import rupees
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.home import Home, write_whole
from ninefifteen.reports.background import FillRow, fill_documents, order_documents, ranking_documents
from ninefifteen.reports.documents import Document, run_document
from ninefifteen.runtime.runner import Runner
from ninefifteen.runtime.views import view_of
from ninefifteen.strategies.chosen import strategies_of


class Session(Protocol):
    """One day ready to run: its line, its first event, and what the place of its orders says of it."""

    @property
    def runner(self) -> Runner:
        """The line of the day."""

    @property
    def opening(self) -> DayOpened:
        """Its first event."""

    @property
    def facts(self) -> DayFacts:
        """The day's facts."""

    @property
    def flat(self) -> bool:
        """Nothing of ours is held and no order of ours is open, as far as is known there."""

    @property
    def fills(self) -> Sequence[FillRow]:
        """What was traded for us."""


class HomeDay:
    """One day with its journal. Use as a context manager: it closes the journal.

    `source` says in words where its prices come from. `restarts` counts how often the day was taken up
    again, this time included; `settings_changed` says that it goes on with the settings it began with
    although the home's differ by now.
    """

    def __init__(  # noqa: PLR0913 - a day is made of these, each by name
        self,
        home: Home,
        session: Session,
        journal: FileJournal,
        settings: Settings,
        *,
        path: Path,
        wiring: str,
        source: str,
        rehearsal: bool = False,
    ) -> None:
        self.home = home
        self.session = session
        self.settings = settings
        self.wiring = wiring
        self.source = source
        self.rehearsal = rehearsal
        self.journal_path = path
        """Where the day is written."""
        self.restarts = 0
        self.kept_aside = 0
        """Steps that the last run could not write to its journal, and that were found beside it."""
        self.settings_changed = False
        self.alarms_beside: list[str] = []
        """Alarms that did not come from the engine: of the feed, the login, this machine."""
        self._journal = journal

    @property
    def runner(self) -> Runner:
        """The line of the day."""
        return self.session.runner

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

    def halt_asked(self, now: Instant) -> Halted | None:
        """The halt that stands in the home and not in the engine (touching HALT stops everything)."""
        state = self.runner.engine.state
        if state.facts is None or state.halted is not None:
            return None
        latch = self.home.latched()
        if latch is None:
            return None
        moment = self.runner.inbox.now = max(now, self.runner.inbox.now)
        return Halted(moment, source=latch.source, reason=latch.reason)

    def halt_if_asked(self, now: Instant) -> None:
        """Obey the home's HALT file at once."""
        halted = self.halt_asked(now)
        if halted is not None:
            self.runner.take(halted)

    def finish(self, record: DayRecord) -> Document:
        """Close the journal, prove it by replaying it, and write the day's document; returns it.

        The file holds more than what is returned: everything `design/strategy.md` "Record" asks for. Raises
        OSError for a journal that could not be written to its end; the document says so then.
        """
        problem = self._closed()
        document = run_document(
            record,
            wiring=self.wiring,
            events=self.runner.events,
            journal_ok=problem is None and replays(self.journal_path),
            flat=self.session.flat,
        )
        if self.rehearsal:
            document["rehearsal"] = True
        kept = {**document, **self._background(), "record": record}
        write_whole(
            self.document_path, msgspec.json.format(msgspec.json.encode(kept), indent=1).decode() + "\n"
        )
        if problem is not None:
            raise problem
        return document

    def _closed(self) -> OSError | None:
        """Why the journal could not be closed with everything in it; None when it was."""
        try:
            self._journal.close()
        except OSError as problem:
            return problem
        return None

    def _background(self) -> Document:
        """What the day ran on: program, settings, data source, universe, and its orders and fills."""
        facts, state = self.session.facts, self.runner.engine.state
        view = view_of(state)
        return {
            "program": __version__,
            "settings_hash": settings_hash(self.settings),
            "data_source": f"{self.source}, price source {facts.price_source}",
            "universe": ranking_documents(state.runs[0].ranked if state.runs else ()) or facts.universe,
            "orders": order_documents(view.orders if view is not None else ()),
            "alarms_beside": self.alarms_beside,
            "held": [
                {
                    "contract": position.instrument.name,
                    "quantity": position.net,
                    "paid": rupees(position.buy_value - position.sell_value),
                }
                for position in (run.position for run in state.runs)
                if position is not None and position.net > 0
            ],
            "fills": fill_documents(self.session.fills),
        }


def new_journal(
    home: Home, config: LoadedConfig, path: Path, opening: DayOpened, account: str = ""
) -> FileJournal:
    """Begin the journal of the day that opens so. Raises BadInput when there is a file of that name.

    `account` is the mark of the account its orders go to.
    """
    facts = opening.facts
    header = Header(
        program=__version__,
        date=facts.date,
        synthetic=facts.synthetic,
        seed=facts.seed,
        rehearsal=home.rehearsal,
        settings=settings_json(config.settings),
        settings_hash=config.settings_hash,
        started=opening.at,
        account=account,
    )
    return FileJournal.create(path, header)


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
