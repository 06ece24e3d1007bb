"""A day on the live market in one home: begun, gone on with where its journal ends, closed by others.

Where its orders go is a part of its own (`Trading`): to our simulated exchange on paper, to the broker
live. The line, the engine, the journal and the market data are the same, and the ones of every other way
of running.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Protocol

import msgspec

from ninefifteen.adapters.day_files import day_lists
from ninefifteen.adapters.emergency_file import KeptStep, emergency_path, kept_behind
from ninefifteen.adapters.journal import (
    FileJournal,
    JournalContents,
    JournalTail,
    check_belongs,
    journal_name,
    journals,
    named_day,
    read_journal,
    set_aside,
    settings_of,
)
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.config import LoadedConfig, settings_hash
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import DayClosed, DayOpened, Event, Restarted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.ports.emergency import Emergency
from ninefifteen.ports.feed import Feed
from ninefifteen.ports.journal import Journal
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.live import Pushed
from ninefifteen.runtime.recovery import JournalDiffers
from ninefifteen.runtime.runner import Runner

from .home_day import HomeDay, Session, new_journal
from .sessions import Account, day_facts

Tell = Callable[[str, str], None]
"""Tells people a line: its kind and its text. "alarm" is one of severity P2, `URGENT` one of P1."""
Steps = Iterable[tuple[Event, tuple[Effect, ...]]]


class LateFeed:
    """A feed that is connected once the market behind it is there; what is asked until then waits."""

    def __init__(self) -> None:
        self._feed: Feed | None = None
        self._waiting: list[Callable[[Feed], None]] = []

    def connect(self, feed: Feed) -> None:
        """From now on this feed answers; it is asked what has waited."""
        self._feed = feed
        waiting, self._waiting = self._waiting, []
        for ask in waiting:
            ask(feed)

    def ask_pre_open(self, at: Instant) -> None:
        """As the feed behind it."""
        self._ask(lambda feed: feed.ask_pre_open(at))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        """As the feed behind it."""
        self._ask(lambda feed: feed.ask_chains(at, symbols, expiry))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """As the feed behind it."""
        self._ask(lambda feed: feed.subscribe(at, names))

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """As the feed behind it."""
        self._ask(lambda feed: feed.unsubscribe(at, names))

    def subscribe_stocks(self, at: Instant) -> None:
        """As the feed behind it."""
        self._ask(lambda feed: feed.subscribe_stocks(at))

    def _ask(self, ask: Callable[[Feed], None]) -> None:
        if self._feed is None:
            self._waiting.append(ask)
        else:
            ask(self._feed)


class Trading(Protocol):
    """Where the orders of a day go, and all that follows from it."""

    @property
    def wiring(self) -> str:
        """How the day's document names this way of running."""

    @property
    def at_the_broker(self) -> bool:
        """Whether orders go to the broker: the journals are named so."""

    @property
    def account(self) -> str:
        """The mark of the account its orders go to; empty on paper, and while nobody is logged in."""

    @property
    def unwatched(self) -> str:
        """What it meant for a position that this machine slept, in words."""

    def session(self, opening: DayOpened, settings: Settings, pushed: Pushed, feed: Feed) -> Session:
        """A fresh line with its broker; market data, and answers of a real broker, are pushed."""

    def relive(self, session: Session, steps: Steps) -> int:
        """Live journaled steps again; how often the day was taken up again, this time included.

        Raises JournalDiffers.
        """

    def guarded(self, journal: FileJournal) -> Journal:
        """The journal as the line writes to it."""

    def emergency(self, journal: Path) -> Emergency | None:
        """Where steps go that the journal does not take in time; None: the day ends over its disk."""

    def started(self, now: Instant, restarts: int) -> Restarted | None:
        """What the engine is told of this start; None when it need not know."""


class MarketDay:
    """A day ready to run: its home day, where the market pushes, and the feed to be connected."""

    def __init__(self, home_day: HomeDay, pushed: Pushed, late_feed: LateFeed, trading: Trading) -> None:
        self.home_day = home_day
        self.pushed = pushed
        self.late_feed = late_feed
        self.trading = trading

    @property
    def facts(self) -> DayFacts:
        """The day's facts."""
        return self.home_day.session.facts

    @property
    def runner(self) -> Runner:
        """The line of the day."""
        return self.home_day.runner


def market_facts(  # noqa: PLR0913 - a day is made of these, each by name
    home: Home,
    settings: Settings,
    rules: RuleBook,
    *,
    day: date,
    account: Account,
    seed: int | None,
    tell: Tell,
) -> DayFacts:
    """The rules' facts of the day, with the lists that were dropped into the home.

    `seed` marks the day synthetic: the simulated exchange of a rehearsal plays it.
    """
    facts = day_facts(
        day,
        rules=rules,
        settings=settings,
        account=account,
        universe=rules.membership.on(day),
        price_source="quotes",
        seed=seed,
    )
    lists = day_lists(home.rules_dir, day, facts.previous_day)
    for note in lists.notes:
        tell("lists", note)
    return msgspec.structs.replace(facts, banned=lists.banned, events=lists.events)


class MarketDays:
    """The days of one home that are traded in one way: opened, ended late, set aside."""

    def __init__(self, home: Home, config: LoadedConfig, trading: Trading) -> None:
        self._home, self._config, self._trading = home, config, trading

    def journal(self, day: date, seed: int | None) -> Path:
        """Where the day is, or would be, written."""
        orders = self._trading.at_the_broker
        return self._home.journal_dir / journal_name(day, seed, rehearsal=self._home.rehearsal, live=orders)

    def open(self, facts: Callable[[], DayFacts], day: date, seed: int | None, now: Instant) -> MarketDay:
        """Begin the day, or go on with it where its journal ends.

        `facts` are asked for only when the day begins. Raises BadInput when the journal cannot be gone
        on with.
        """
        path = self.journal(day, seed)
        if path.exists():
            return self._resumed(path, facts)
        opening = DayOpened(now, facts=facts())
        settings = self._config.settings
        pushed, late = Pushed(), LateFeed()
        session = self._session(opening, settings, pushed, late)
        session.runner.inbox.put(opening)
        journal = new_journal(self._home, self._config, path, opening, self._trading.account)
        return MarketDay(self._day(session, journal, path, settings), pushed, late, self._trading)

    def read(self, path: Path) -> JournalContents:
        """A journal of these days; raises BadInput for one that cannot be read or came from elsewhere."""
        self.refuse_foreign(path)
        return read_journal(path)

    def refuse_foreign(self, path: Path) -> None:
        """Raise BadInput, in one line, for a journal of another day, kind of home or account."""
        header, account = JournalTail(path).header, self._trading.account
        check_belongs(path, header, day=named_day(path), rehearsal=self._home.rehearsal, account=account)

    def _resumed(self, path: Path, facts: Callable[[], DayFacts]) -> MarketDay:
        """Live the day again as far as it was written; only then is its journal opened for writing."""
        contents = self.read(path)
        settings = settings_of(contents.header)
        first = contents.steps[0].event if len(contents.steps) else None
        opening = first if isinstance(first, DayOpened) else DayOpened(contents.header.started, facts=facts())
        pushed, late = Pushed(), LateFeed()
        session = self._session(opening, settings, pushed, late)
        aside = kept_behind(emergency_path(path), len(contents.steps)) if first is not None else []
        restarts = 0
        if first is None:
            session.runner.inbox.put(opening)
        else:
            restarts = self._relived(session, contents, aside, path)
        journal = FileJournal.behind(path, contents)
        _take_in(journal, aside, path)
        home_day = self._day(session, journal, path, settings)
        home_day.restarts, home_day.kept_aside = restarts, len(aside)
        home_day.settings_changed = settings_hash(settings) != self._config.settings_hash
        return MarketDay(home_day, pushed, late, self._trading)

    def _relived(
        self, session: Session, contents: JournalContents, aside: Sequence[KeptStep], path: Path
    ) -> int:
        written = ((step.event, step.effects) for step in contents.steps)
        beside = ((step.event, step.effects) for step in aside)
        try:
            return self._trading.relive(session, chain(written, beside))
        except JournalDiffers as differs:
            raise BadInput(
                f"{path} cannot be gone on with: at {differs} this program gives something else"
                f" (written by version {contents.header.program}); move the file away to leave that day"
            ) from differs

    def _session(self, opening: DayOpened, settings: Settings, pushed: Pushed, late: LateFeed) -> Session:
        session = self._trading.session(opening, settings, pushed, late)
        session.runner.inbox.schedule(DayClosed(opening.facts.close_at))
        return session

    def _day(self, session: Session, journal: FileJournal, path: Path, settings: Settings) -> HomeDay:
        session.runner.journal = self._trading.guarded(journal)
        seed = session.facts.seed
        return HomeDay(
            self._home,
            session,
            journal,
            settings,
            path=path,
            wiring=self._trading.wiring,
            source="live data of zerodha" if seed is None else f"simulated exchange, seed {seed}",
            rehearsal=self._home.rehearsal,
        )

    # ------------------------------------------------------------------------------------- days left behind

    def close_out(self, path: Path) -> Document:
        """End a day that was left unfinished: its market has closed without us, and its record says so.

        What was held then is told as held: the record is not flat. A day that had ended and only left no
        document gets it now. Raises BadInput when the journal cannot be gone on with, or is of no day.
        """

        def no_facts() -> DayFacts:
            raise BadInput(f"{path} holds no step of its day: move it away")

        market = self._resumed(path, no_facts)
        with market.home_day as home_day:
            runner = market.runner
            if runner.record is None:
                runner.inbox.now = max(runner.inbox.now, market.facts.close_at)
                runner.take(DayClosed(runner.inbox.now))
            if runner.record is None:
                raise RuntimeError("the close of a day leaves its record")
            return home_day.finish(runner.record)

    def unfinished_before(self, day: date) -> list[Path]:
        """Journals of this home's days that want their end, oldest first.

        These are earlier days that have not ended, and days up to this one that have ended and left no
        document: what they earned would be missing from the account. A journal without a step is no day.
        Raises BadInput for one that cannot be read or came from elsewhere.
        """
        found = []
        for path in journals(self._home.journal_dir):
            if not self._is_ours(path.name) or self._document_of(path).exists():
                continue
            contents = self.read(path)
            wants = contents.header.date <= day if contents.finished else contents.header.date < day
            if wants and len(contents.steps):
                found.append(path)
        return found

    def set_aside(self, path: Path) -> None:
        """A rehearsed day is played again: journal and document make room, numbered, nothing is lost."""
        document = self._document_of(path)
        moved = set_aside(path)
        if document.exists():
            document.rename(self._document_of(moved))

    def _is_ours(self, name: str) -> bool:
        kind = ".rehearsal" in name if self._home.rehearsal else ".synthetic" not in name
        return kind and (".live." in name) == self._trading.at_the_broker and ".run-" not in name

    def _document_of(self, journal: Path) -> Path:
        return self._home.days_dir / journal.with_suffix(".json").name


def _take_in(journal: FileJournal, aside: Sequence[KeptStep], path: Path) -> None:
    """Put into the journal what its disk did not take last time; the file beside it is kept as used."""
    try:
        for step in aside:
            journal.write(step.event, step.effects)
        journal.sync()
        with contextlib.suppress(FileNotFoundError):
            emergency_path(path).replace(path.with_suffix(".emergency-used"))
    except OSError:
        journal.close()
        raise
