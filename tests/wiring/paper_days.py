"""A paper day lived through the live line in no time: a synthetic market, pushed as its clock goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from random import Random

from ninefifteen.adapters.journal import journal_name
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.events import Restarted
from ninefifteen.domain.instants import Instant, at
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.live import LiveLine, Pushed, hot_window
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.synthetic import SyntheticDay
from ninefifteen.wiring.market_day import MarketDay, MarketDays, market_facts
from ninefifteen.wiring.paper import PaperTrading
from ninefifteen.wiring.paper_account import account_before
from ninefifteen.wiring.sessions import DaySession
from tests.simulator.synthetic_facts import rules

DAY, LATER = date(2026, 12, 7), date(2026, 12, 8)
SEED = 7
"""A losing trade on both days: on the first from 09:15:11 to 09:17:57, on the second until 09:19:17."""
_LOOK: Instant = 20_000
"""What a look at the clock costs: whoever polls it gets on."""


class Stopped(Exception):
    """The process has ended here."""


class Market:
    """The wall clock of a day whose prices come as it goes on, and the feed of that day.

    Whoever sleeps is there at once, or where the next price comes first; with `chance` a little late.
    At `stops` the process ends.
    """

    def __init__(
        self, facts: DayFacts, now: Instant, *, stops: Instant | None = None, chance: Random | None = None
    ) -> None:
        assert facts.seed is not None
        self.day = SyntheticDay(facts.seed, facts)
        self.pushed: Pushed | None = None
        self._at = now
        self._stops = stops
        self._chance = chance

    def now(self) -> Instant:
        """The instant it is now; a little later at every look."""
        return self._go(self._at + _LOOK)

    async def sleep_until(self, until: Instant) -> None:
        """Leap there, or to the next price if that comes first."""
        price = self.day.next_at()
        target = until if price is None else min(until, price)
        late = self._chance.randrange(30_000_000) if self._chance is not None else 0
        self._go(max(target + late, self._at + _LOOK))
        await asyncio.sleep(0)
        if self._stops is not None and self._at >= self._stops:
            raise Stopped

    @contextmanager
    def working(self) -> Iterator[None]:
        """This clock waits for nobody."""
        yield

    def _go(self, to: Instant) -> Instant:
        self._at = to
        if self.pushed is not None:
            while (due := self.day.next_at()) is not None and due <= to:
                self.pushed.push(self.day.pop())
        return to


def morning(day: date = DAY) -> Instant:
    """When the day begins here."""
    return at(day, time(9, 13, 30))


def facts_for(
    home: Home, settings: Settings, day: date = DAY, seed: int = SEED, told: list[str] | None = None
) -> DayFacts:
    """The day's facts as the program makes them, with what the paper days before have left."""
    lines: list[str] = [] if told is None else told
    return market_facts(
        home,
        settings,
        rules(),
        day=day,
        account=account_before(home, settings, day),
        seed=seed,
        tell=lambda kind, text: lines.append(f"{kind}: {text}"),
    )


def days_of(home: Home, config: LoadedConfig) -> MarketDays:
    """The home's days on paper."""
    return MarketDays(home, config, PaperTrading())


def exchange_of(paper: MarketDay) -> Exchange:
    """The simulated exchange of a paper day."""
    session = paper.home_day.session
    assert isinstance(session, DaySession)
    return session.exchange


def opened(
    home: Home, config: LoadedConfig, day: date = DAY, seed: int = SEED, now: Instant | None = None
) -> MarketDay:
    """The day, begun or gone on with."""
    moment = morning(day) if now is None else now
    return days_of(home, config).open(lambda: facts_for(home, config.settings, day, seed), day, seed, moment)


def live(
    paper: MarketDay,
    *,
    now: Instant | None = None,
    stops: Instant | None = None,
    chance: Random | None = None,
    beside: Callable[[Instant], None] = lambda now: None,
) -> DayRecord | None:
    """Live through the day as the program does, up to `stops`; None when it was stopped before its end."""
    facts = paper.facts
    market = Market(facts, morning(facts.date) if now is None else now, stops=stops, chance=chance)
    market.pushed = paper.pushed
    paper.late_feed.connect(market.day)
    if paper.home_day.restarts:
        moment = max(market.now(), paper.runner.inbox.now)
        paper.runner.inbox.put(Restarted(moment, epoch=paper.home_day.restarts))
    line = LiveLine(paper.runner, paper.pushed, market, precise=hot_window(facts.open_at), idle=beside)
    with paper.home_day:
        try:
            return asyncio.run(line.run())
        except Stopped:
            return None


def whole_day(home: Home, config: LoadedConfig, day: date = DAY, seed: int = SEED) -> Document:
    """The day from its beginning to its document."""
    paper = opened(home, config, day, seed)
    record = live(paper)
    assert record is not None
    return paper.home_day.finish(record)


def journal(home: Home, day: date = DAY, seed: int = SEED) -> Path:
    """Where the day is written."""
    return home.journal_dir / journal_name(day, seed, rehearsal=True)
