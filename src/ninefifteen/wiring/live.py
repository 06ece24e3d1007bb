"""A day at the broker: the live market, real orders, one home for the record.

In this version it is wired in rehearsal homes only, whose broker is our own exchange: gates and arming
do not exist yet. Orders leave by `adapters.zerodha.orders`, behind the home's fence (I13).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ninefifteen.adapters.emergency_file import EmergencyFile, emergency_path
from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.journal import FileJournal, account_mark
from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.order_rows import TradeRow
from ninefifteen.adapters.zerodha.orders import ZerodhaOrders
from ninefifteen.domain.events import DayOpened, Paused, Restarted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.ports.feed import Feed
from ninefifteen.ports.journal import Journal
from ninefifteen.reports.background import FillRow
from ninefifteen.runtime.fencing import FencedBroker, FencedJournal
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.live import Pushed
from ninefifteen.runtime.recovery import relive_alone
from ninefifteen.runtime.runner import Runner
from ninefifteen.strategies.chosen import strategies_of

from .home_day import Session
from .market_day import Steps
from .yesterday import YESTERDAY


class LiveSession:
    """`home_day.Session` at the broker. `trades` are the broker's own, once they have been read."""

    def __init__(self, runner: Runner, orders: ZerodhaOrders, opening: DayOpened) -> None:
        self.runner = runner
        self.orders = orders
        self.opening = opening
        self.trades: tuple[TradeRow, ...] = ()
        self.looked_back = False
        """Whether the day's journal holds that the day before it did not end flat."""

    @property
    def facts(self) -> DayFacts:
        """The day's facts."""
        return self.opening.facts

    @property
    def flat(self) -> bool:
        """The engine has no order that may still trade and holds nothing, by what the broker has told it."""
        state = self.runner.engine.state
        return not state.orders.living() and not any(
            run.position is not None and run.position.net for run in state.runs
        )

    @property
    def fills(self) -> Sequence[FillRow]:
        """The broker's trades of our own orders."""
        ours = {order.order_id for order in self.runner.engine.state.orders.by_tag.values()}
        return [
            FillRow(
                trade_id=trade.trade_id,
                order_id=trade.order_id,
                contract=trade.symbol,
                side=trade.side,
                at=trade.at,
                quantity=trade.quantity,
                price=trade.price,
            )
            for trade in self.trades
            if trade.order_id in ours
        ]


class LiveTrading:
    """`market_day.Trading` at the broker, behind the fence of the home."""

    wiring = "live"
    at_the_broker = True
    unwatched = "only the stop at the broker watched meanwhile"

    def __init__(
        self, client: KiteClient, fence: Fence, user: Callable[[], str | None] = lambda: None
    ) -> None:
        self._client, self._fence, self._user = client, fence, user
        client.may_write = fence.holds  # once more, when the order has waited for its turn

    @property
    def account(self) -> str:
        """The mark of whoever is known to be logged in; empty while nobody is."""
        user = self._user()
        return account_mark("zerodha", user) if user else ""

    def session(self, opening: DayOpened, settings: Settings, pushed: Pushed, feed: Feed) -> LiveSession:
        """A line whose orders go to the broker, and whose answers are pushed."""
        orders = ZerodhaOrders(self._client, pushed.push, self._client.clock)
        runner = Runner(
            engine=Engine(settings, strategies_of(settings)),
            inbox=Inbox((pushed,)),
            feed=feed,
            broker=FencedBroker(orders, self._fence),
        )
        return LiveSession(runner, orders, opening)

    def relive(self, session: Session, steps: Steps) -> int:
        """The engine lives the day again alone; its orders are known again by their ids."""
        starts = relive_alone(session.runner, _looking(session, steps))
        known = session.runner.engine.state.orders.by_tag.values()
        if isinstance(session, LiveSession):
            session.orders.remember({order.order_id: order.tag for order in known if order.order_id})
        return max(1, starts)

    def guarded(self, journal: FileJournal) -> Journal:
        """Nothing is written once somebody has taken over."""
        return FencedJournal(journal, self._fence)

    def emergency(self, journal: Path) -> EmergencyFile:
        """Beside the journal: what is held is left whatever the disk does (I18)."""
        return EmergencyFile(emergency_path(journal))

    def started(self, now: Instant, restarts: int) -> Restarted:  # noqa: ARG002 - counted by the fence
        """Every start, the first one too, has a number higher than ever before."""
        return Restarted(now, epoch=self._fence.number)


def _looking(session: Session, steps: Steps) -> Steps:
    """The steps as they are, while the session learns what was told before it stopped."""
    for event, effects in steps:
        if isinstance(event, Paused) and event.source == YESTERDAY and isinstance(session, LiveSession):
            session.looked_back = True
        yield event, effects
