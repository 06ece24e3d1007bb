"""A paper day: the live market, our own simulated exchange for the orders, one home for the record.

Orders go to `simulator.Exchange` inside this process and fill against the depth the broker shows; the
broker's order endpoints are not even imported here (I9). The line, the engine and the journal are the
ones of every other way of running.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

from ninefifteen.adapters.journal import FileJournal
from ninefifteen.domain.events import DayOpened, Restarted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.ports.feed import Feed
from ninefifteen.ports.journal import Journal
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.live import Pushed
from ninefifteen.runtime.recovery import relive_at_the_exchange
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.strategies.chosen import strategies_of

from .desk import Desk
from .home_day import Session
from .market_day import MarketDay, Steps, market_facts
from .paper_account import account_before
from .sessions import NETWORK, Account, DaySession
from .theory import OpeningTheory


class PaperTrading:
    """`market_day.Trading` on our simulated exchange: it cannot lose an answer and needs no reconciling."""

    wiring = "paper"
    at_the_broker = False
    account = ""
    unwatched = "on paper no stop was watched meanwhile"

    def session(self, opening: DayOpened, settings: Settings, pushed: Pushed, feed: Feed) -> DaySession:
        """A line whose orders meet the prices that are pushed."""
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
        runner = Runner(
            engine=Engine(settings, strategies_of(settings)),
            inbox=Inbox((pushed, exchange)),
            feed=feed,
            broker=exchange,
            observers=(exchange.observe, OpeningTheory(facts, exchange).observe),
        )
        return DaySession(runner, exchange, opening)

    def relive(self, session: Session, steps: Steps) -> int:
        """The exchange lives the day again with the engine."""
        if not isinstance(session, DaySession):
            raise TypeError("a paper day has its exchange")
        return relive_at_the_exchange(session.runner, session.exchange, steps)

    def guarded(self, journal: FileJournal) -> Journal:
        """The journal as it is: what is traded on paper, nobody can take over."""
        return journal

    def emergency(self, journal: Path) -> None:
        """None: what cannot be written is not worth going on for."""

    def started(self, now: Instant, restarts: int) -> Restarted | None:
        """Restarts are counted within the day."""
        return Restarted(now, epoch=restarts) if restarts else None


class PaperDesk(Desk):
    """The desk of a home that trades on paper."""

    trading = PaperTrading()

    def account(self, day: date) -> Account:
        """The paper capital with what the paper days before have made of it."""
        return account_before(self.home, self.config.settings, day)

    async def open_day(self, day: date) -> MarketDay:
        """As `Desk.open_day`."""
        home, settings = self.home, self.config.settings
        account = self.account(day)

        def facts() -> DayFacts:
            return market_facts(
                home,
                settings,
                self.rules,
                day=day,
                account=account,
                seed=self.clock.seed,
                tell=self.tell,
            )

        return self.days.open(facts, day, self.clock.seed, self.clock.wall.now())
