"""Whatever is asked of the exchange in whatever order: what must hold at every step, holds."""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import ChangeAnswered, Event, OrderAccepted, OrderRefused, OrderUpdate
from ninefifteen.domain.instants import MILLISECOND
from ninefifteen.domain.order import FINAL, OrderReport, OrderState
from ninefifteen.simulator.wire import Latency
from tests.simulator.exchange_desk import CALL, LOT, Desk

CASH = 12 * LOT * 10_000
PRICES = st.integers(1_600, 2_400).map(lambda ticks: ticks * 5)
LOTS = st.integers(1, 6).map(lambda lots: lots * LOT)
SIDES = st.sampled_from(["BUY", "SELL"])
PICK = st.integers(0, 50)


class AnyDay(RuleBasedStateMachine):
    """A market that jumps, and a client that asks for anything, sometimes before the answers are there."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(cash=CASH, latency=Latency(40 * MILLISECOND, 20 * MILLISECOND), reference=10_000)
        self.asked = 0
        self.answered = 0
        self.updates: dict[str, OrderReport] = {}
        self.truth: dict[str, OrderReport] = {}
        self.last_at = 0

    # ------------------------------------------------------------------------------------ what can happen

    @rule(bid=PRICES, spread=st.integers(1, 60), size=st.integers(0, 5 * LOT), moved=st.booleans())
    def the_market_moves(self, bid: int, spread: int, size: int, moved: bool) -> None:
        last = bid if moved else 0
        ask = bid + 5 * spread
        self.desk.quote(
            bid, ask, last=last, size=size, more_bids=((bid - 25, LOT),), more_asks=((ask + 25, 2 * LOT),)
        )

    @rule(price=PRICES)
    def a_last_price_comes(self, price: int) -> None:
        self.desk.last(price)

    @rule(milliseconds=st.sampled_from([1, 20, 39, 40, 60, 1_000, 30_000, 1_000_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.desk.now += milliseconds * MILLISECOND
        while (due := self.desk.exchange.next_at()) is not None and due <= self.desk.now:
            self.take(self.desk.exchange.pop())

    @rule(side=SIDES, limit=PRICES, quantity=LOTS)
    def somebody_places_a_limit(self, side: str, limit: int, quantity: int) -> None:
        self.desk.exchange.request(self.desk.now, self.desk.request(side, limit, quantity))
        self.asked += 1

    @rule(side=SIDES, trigger=PRICES, distance=st.integers(0, 400), quantity=LOTS)
    def somebody_places_a_stop(self, side: str, trigger: int, distance: int, quantity: int) -> None:
        limit = trigger + 5 * distance if side == "BUY" else trigger - 5 * distance
        request = self.desk.request(side, limit, quantity, type="SL", trigger=trigger)
        self.desk.exchange.request(self.desk.now, request)
        self.asked += 1

    @rule(pick=PICK, limit=PRICES, quantity=LOTS, stop=st.booleans(), trigger=PRICES)
    def somebody_modifies(self, pick: int, limit: int, quantity: int, stop: bool, trigger: int) -> None:
        change = Modify(
            tag="t",
            order_id=self.an_order(pick),
            order_type="SL" if stop else "LIMIT",
            quantity=quantity,
            limit=limit,
            trigger=trigger,
        )
        self.desk.exchange.modify(self.desk.now, change)
        self.asked += 1

    @rule(pick=PICK)
    def somebody_cancels(self, pick: int) -> None:
        self.desk.exchange.cancel(self.desk.now, Cancel(tag="t", order_id=self.an_order(pick)))
        self.asked += 1

    def an_order(self, pick: int) -> str:
        orders = self.desk.exchange.orders_of_day()
        return orders[pick % len(orders)].order_id if orders else "none"

    def take(self, event: Event) -> None:
        assert event.at >= self.last_at, "answers keep their order"
        self.last_at = event.at
        self.answered += isinstance(event, OrderAccepted | OrderRefused | ChangeAnswered)
        if isinstance(event, OrderUpdate):
            self.monotone(self.updates.get(event.report.order_id), event.report)
            self.updates[event.report.order_id] = event.report

    @staticmethod
    def monotone(before: OrderReport | None, after: OrderReport) -> None:
        if before is not None:
            assert after.filled >= before.filled, "the filled quantity never falls"
            assert before.status not in FINAL or after == before, "a final state is sticky"

    # ------------------------------------------------------------------------------------- what must hold

    @invariant()
    def orders_only_move_forward(self) -> None:
        for order in self.desk.exchange.orders_of_day():
            self.monotone(self.truth.get(order.order_id), order)
            self.truth[order.order_id] = order
            assert 0 <= order.filled <= order.quantity
            assert (order.status is OrderState.COMPLETE) == (order.filled == order.quantity)
            assert order.filled % LOT == 0

    @invariant()
    def trades_sum_to_what_is_filled_within_the_limits(self) -> None:
        filled: Counter[str] = Counter()
        for trade in self.desk.exchange.trades_of_day():
            filled[trade.order_id] += trade.quantity
            assert trade.quantity > 0
            assert trade.quantity % LOT == 0
        assert all(order.filled == filled[order.order_id] for order in self.truth.values())

    @invariant()
    def nothing_is_short_and_open_sells_are_covered(self) -> None:
        exchange = self.desk.exchange
        working = [o for o in exchange.orders_of_day() if o.status not in FINAL]
        sides = {order_id: order.shape.side for order_id, order in exchange.register.orders.items()}
        net = exchange.net(CALL.name)
        signed = [t.quantity if t.side == "BUY" else -t.quantity for t in exchange.trades_of_day()]
        assert net == sum(signed) >= 0
        resting = sum(o.quantity - o.filled for o in working if sides[o.order_id] == "SELL")
        assert resting <= net
        assert exchange.is_flat() == (not working and net == 0)

    @invariant()
    def cash_is_what_the_trades_left_and_never_overdrawn(self) -> None:
        exchange = self.desk.exchange
        paid = sum(t.quantity * t.price * (1 if t.side == "BUY" else -1) for t in exchange.trades_of_day())
        assert exchange.cash == CASH - paid
        assert 0 <= exchange.free_cash <= exchange.cash

    def teardown(self) -> None:
        for event in self.desk.drain():
            self.take(event)
        assert self.answered == self.asked, "every request has exactly one answer"
        assert self.updates == {o.order_id: o for o in self.desk.exchange.orders_of_day()}


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
