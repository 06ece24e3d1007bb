"""What a day at the broker needs beside the line: money, a number, a warm connection, hints, its end."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import msgspec

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.adapters.zerodha.account import funds
from ninefifteen.adapters.zerodha.errors import BrokerProblem
from ninefifteen.adapters.zerodha.portfolio import trades
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.effects import URGENT
from ninefifteen.domain.events import Paused, Reconnected
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.exposed import exposed, held
from ninefifteen.runtime.fencing import guard
from ninefifteen.runtime.live import LiveLine

from .clocks import HomeClock
from .desk import Companion, Desk
from .epochs import take_number
from .heartbeat import HEARTBEAT
from .live import LiveSession, LiveTrading
from .live_heart import Heart
from .market_day import MarketDay, MarketDays, Tell, market_facts
from .paper_account import account_before
from .sessions import RECONCILE_EVERY, Account
from .yesterday import YESTERDAY, left_open

_WARM = 10 * SECOND
"""So long before orders are due their connection is opened; the broker keeps it for about a minute."""
_LAST_READING_S = 10.0


class LiveDays(MarketDays):
    """The days at the broker. Closing one that was left behind is a start, too, with a number of its own."""

    def __init__(self, home: Home, config: LoadedConfig, trading: LiveTrading, fence: Fence) -> None:
        super().__init__(home, config, trading)
        self._fence = fence

    def close_out(self, path: Path) -> Document:
        """As `MarketDays.close_out`."""
        take_number(self._home, self._fence)
        return super().close_out(path)


class LiveDesk(Desk):
    """The desk of a home that trades at its broker."""

    def __init__(
        self, home: Home, config: LoadedConfig, rules: RuleBook, clock: HomeClock, tell: Tell
    ) -> None:
        super().__init__(home, config, rules, clock, tell)
        self.fence = Fence(home.path / "epoch")
        self.trading: LiveTrading = LiveTrading(self.client, self.fence, lambda: self.keeper.user_id)

    @property
    def days(self) -> LiveDays:
        """Where this home's days at the broker are kept."""
        return LiveDays(self.home, self.config, self.trading, self.fence)

    def account(self, day: date) -> Account:
        """No more than the paper capital, and the losing trades in a row of the days at the broker."""
        before = account_before(self.home, self.config.settings, day, "live")
        capital = int(self.config.settings.trading.paper_capital * 100)
        return Account(free_cash=capital, losing_streak=before.losing_streak)

    async def open_day(self, day: date) -> MarketDay:
        """As `Desk.open_day`, under a number of its own; what it may spend is asked of the broker."""
        account, path = self.account(day), self.journal_path(day)
        take_number(self.home, self.fence)
        if not path.exists():
            account = msgspec.structs.replace(account, free_cash=await self._free_cash(account.free_cash))

        def facts() -> DayFacts:
            found = market_facts(
                self.home,
                self.config.settings,
                self.rules,
                day=day,
                account=account,
                seed=self.clock.seed,
                tell=self.tell,
            )
            return msgspec.structs.replace(found, reconcile_every=RECONCILE_EVERY)

        market = self.days.open(facts, day, self.clock.seed, self.clock.wall.now())
        lived_under = market.runner.engine.state.orders.epoch
        if self.fence.number <= lived_under:  # a file from a backup, or written by hand
            self.fence.take(above=lived_under)
        self._look_back(market, day)
        return market

    def _look_back(self, market: MarketDay, day: date) -> None:
        """Behind a day that did not end flat nothing enters until somebody has looked and says `resume`.

        It is told once in a day: the journal of a day that is gone on with shows whether it was.
        """
        session, left = market.home_day.session, left_open(self.home, day)
        if not left or not isinstance(session, LiveSession) or session.looked_back:
            return
        text = (
            f"{left}: look at positions and open orders in the broker's app; nothing enters until"
            " `ninefifteen resume`"
        )
        self.tell(URGENT, text)
        market.home_day.alarms_beside.append(text)
        inbox = market.runner.inbox
        inbox.put(Paused(max(self.clock.wall.now(), inbox.now), source=YESTERDAY, reason=left))

    async def _free_cash(self, most: int) -> int:
        """The smaller of `most` and what is free at the broker; nothing where that is not known."""
        try:
            return min(most, (await funds(self.client)).free_cash)
        except BrokerProblem as problem:
            self.tell("alarm", f"the free cash is not known, so nothing is bought today: {problem}")
            return 0

    def companion(self, market: MarketDay) -> Companion:
        """What goes on beside a day at the broker."""
        session = market.home_day.session
        if not isinstance(session, LiveSession):
            raise TypeError("a day at the broker has its orders")
        return LiveCompanion(self, market, session)


class LiveCompanion(Companion):
    """Beside one day at the broker."""

    def __init__(self, desk: LiveDesk, market: MarketDay, session: LiveSession) -> None:
        self._desk, self._market, self._session = desk, market, session
        self._was_live = False
        self._was_lost = False
        self._heart = Heart(desk.home.path / HEARTBEAT)

    async def beside(self, line: LiveLine) -> None:  # noqa: ARG002 - those of paper need none of it
        """Open the connection for orders shortly before the entry, and again before the exit."""
        facts, wall = self._market.facts, self._desk.clock.wall
        for due in (facts.open_at, facts.exit_at):
            if wall.now() < due:
                await wall.sleep_until(due - _WARM)
                try:
                    await self._desk.client.warm()
                except BrokerProblem as problem:
                    self._desk.tell("data", f"the connection for orders is not open yet: {problem}")

    def on_order(self, data: object) -> None:
        """An order of ours has changed, or somebody trades while we hold: ask book and positions at once."""
        orders, now = self._session.orders, self._desk.clock.wall.now()
        if orders.hint(data) or held(self._market.runner.engine.state):
            orders.read_orders(now)
            orders.read_positions(now)

    def on_ticker(self, *, live: bool) -> None:
        """What was pushed while it was away is lost: the engine looks for itself."""
        if live and self._was_lost:
            self._reconnected()
        self._was_live = self._was_live or live
        self._was_lost = self._was_live and not live

    def logged_in(self) -> None:
        """What was asked without a session was not answered.

        Raises BadInput when the day's orders went to another account: it was not known whose login it is.
        """
        self._desk.days.refuse_foreign(self._market.home_day.journal_path)
        self._reconnected()

    def woken(self) -> None:
        """Whatever happened meanwhile, nobody here has seen it; somebody may have taken over."""
        guard(self._desk.fence)
        self._reconnected()

    def look(self, now: Instant) -> None:  # noqa: ARG002 - this machine's time counts here
        """Say that this engine lives; raises Fenced once somebody else has taken over."""
        guard(self._desk.fence)
        state = self._market.runner.engine.state
        self._heart.beat(self._desk.fence.number, held(state), holding=exposed(state))

    def _reconnected(self) -> None:
        """Tell the engine before anything that waits: it reads orders and positions."""
        inbox = self._market.runner.inbox
        inbox.put(Reconnected(max(self._desk.clock.wall.now(), inbox.now)))
        self._market.pushed.wake()

    async def settle(self) -> None:
        """Read the broker's trades for the day's document."""
        try:
            async with asyncio.timeout(_LAST_READING_S):
                self._session.trades = await trades(self._desk.client)
        except (BrokerProblem, TimeoutError) as problem:
            self._desk.tell("data", f"the day's trades cannot be read for its record: {problem}")

    async def end(self) -> None:
        """Answers under way are waited for a little; they are looked up at the next start otherwise."""
        await self._session.orders.close()
        self._heart.stop()
