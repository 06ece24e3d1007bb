"""A paper day: the live market, our own simulated exchange for the orders, one home for the record.

Orders go to `simulator.Exchange` inside this process and fill against the depth the broker shows; the
broker's order endpoints are not even constructed here (I9). The line, the engine and the journal are the
ones of every other way of running.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import msgspec

from ninefifteen.adapters.day_files import day_lists
from ninefifteen.adapters.journal import (
    FileJournal,
    journal_name,
    journals,
    read_journal,
    set_aside,
    settings_of,
)
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.config import LoadedConfig, settings_hash
from ninefifteen.domain.events import DayClosed, DayOpened
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.ports.feed import Feed
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.live import Pushed
from ninefifteen.runtime.recovery import JournalDiffers, relive_at_the_exchange
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills

from .home_day import HomeDay, new_journal
from .sessions import NETWORK, Account, DaySession, day_facts, strategies_of
from .theory import OpeningTheory

Tell = Callable[[str, str], None]


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


class PaperDay:
    """A paper day ready to run: its home day, where the market pushes, and the feed to be connected."""

    def __init__(self, home_day: HomeDay, pushed: Pushed, late_feed: LateFeed) -> None:
        self.home_day = home_day
        self.pushed = pushed
        self.late_feed = late_feed

    @property
    def facts(self) -> DayFacts:
        """The day's facts."""
        return self.home_day.session.facts

    @property
    def runner(self) -> Runner:
        """The line of the day."""
        return self.home_day.runner


def paper_facts(  # noqa: PLR0913 - a day is made of these, each by name
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


def journal_of(home: Home, day: date, seed: int | None) -> str:
    """The name of the day's journal in this home."""
    return journal_name(day, seed, rehearsal=home.rehearsal)


def open_paper_day(
    home: Home, config: LoadedConfig, facts: Callable[[], DayFacts], day: date, seed: int | None, now: Instant
) -> PaperDay:
    """Begin the day, or go on with it where its journal ends.

    `facts` are asked for only when the day begins. Raises BadInput when the journal cannot be gone on with.
    """
    path = home.journal_dir / journal_of(home, day, seed)
    if path.exists():
        return _resumed(home, config, path, facts)
    opening = DayOpened(now, facts=facts())
    session, pushed, late = _session(opening, config.settings)
    session.runner.inbox.put(opening)
    journal = session.runner.journal = new_journal(home, config, path, opening)
    return PaperDay(_day(home, session, journal, config.settings), pushed, late)


def _resumed(home: Home, config: LoadedConfig, path: Path, facts: Callable[[], DayFacts]) -> PaperDay:
    """Live the day again as far as it was written; only then is its journal opened for writing."""
    contents = read_journal(path)
    settings = settings_of(contents.header)
    first = contents.steps[0].event if len(contents.steps) else None
    opening = first if isinstance(first, DayOpened) else DayOpened(contents.header.started, facts=facts())
    session, pushed, late = _session(opening, settings)
    restarts = 0
    if first is None:
        session.runner.inbox.put(opening)
    else:
        try:
            steps = ((step.event, step.effects) for step in contents.steps)
            restarts = relive_at_the_exchange(session.runner, session.exchange, steps)
        except JournalDiffers as differs:
            raise BadInput(
                f"{path} cannot be gone on with: at {differs} this program gives something else"
                f" (written by version {contents.header.program}); move the file away to leave that day"
            ) from differs
    journal = session.runner.journal = FileJournal.behind(path, contents)
    home_day = _day(home, session, journal, settings)
    home_day.restarts = restarts
    home_day.settings_changed = settings_hash(settings) != config.settings_hash
    return PaperDay(home_day, pushed, late)


def close_out(home: Home, config: LoadedConfig, path: Path) -> Document:
    """End a day that was left unfinished: its market has closed without us, and its record says so.

    What was held then is told as held: the record is not flat. A day that had ended and only left no
    document gets it now. Raises BadInput when the journal cannot be gone on with, or is of no day.
    """

    def no_facts() -> DayFacts:
        raise BadInput(f"{path} holds no step of its day: move it away")

    paper = _resumed(home, config, path, no_facts)
    with paper.home_day as home_day:
        runner = paper.runner
        if runner.record is None:
            runner.inbox.now = max(runner.inbox.now, paper.facts.close_at)
            runner.take(DayClosed(runner.inbox.now))
        if runner.record is None:
            raise RuntimeError("the close of a day leaves its record")
        return home_day.finish(runner.record)


def unfinished_before(home: Home, day: date) -> list[Path]:
    """Journals of this home's paper days that want their end, oldest first.

    These are earlier days that have not ended, and days up to this one that have ended and left no
    document: what they earned would be missing from the account. A journal without a step is no day.
    """
    found = []
    for path in journals(home.journal_dir):
        ours = ".rehearsal" in path.name if home.rehearsal else ".synthetic" not in path.name
        if not ours or ".run-" in path.name or _document_of(home, path).exists():
            continue
        contents = read_journal(path)
        wants = contents.header.date <= day if contents.finished else contents.header.date < day
        if wants and len(contents.steps):
            found.append(path)
    return found


def set_aside_rehearsal(home: Home, path: Path) -> None:
    """A rehearsed day is played again: its journal and document make room, numbered, nothing is lost."""
    document = _document_of(home, path)
    moved = set_aside(path)
    if document.exists():
        document.rename(_document_of(home, moved))


def _document_of(home: Home, journal: Path) -> Path:
    return home.days_dir / journal.with_suffix(".json").name


def _session(opening: DayOpened, settings: Settings) -> tuple[DaySession, Pushed, LateFeed]:
    facts = opening.facts
    exchange = Exchange(
        open_at=facts.open_at,
        close_at=facts.close_at,
        fills=DepthFills(),
        free_cash=facts.free_cash,
        limits=facts.limits,
        latency=NETWORK,
        chance=Random(facts.date.toordinal()),  # noqa: S311 - seeded latency, not a secret
    )
    pushed, late = Pushed(), LateFeed()
    inbox = Inbox((pushed, exchange))
    inbox.schedule(DayClosed(facts.close_at))
    runner = Runner(
        engine=Engine(settings, strategies_of(settings)),
        inbox=inbox,
        feed=late,
        broker=exchange,
        observers=(exchange.observe, OpeningTheory(facts, exchange).observe),
    )
    return DaySession(runner, exchange, opening), pushed, late


def _day(home: Home, session: DaySession, journal: FileJournal, settings: Settings) -> HomeDay:
    seed = session.facts.seed
    return HomeDay(
        home,
        session,
        journal,
        settings,
        wiring="paper",
        source="live data of zerodha" if seed is None else f"simulated exchange, seed {seed}",
        rehearsal=home.rehearsal,
    )
