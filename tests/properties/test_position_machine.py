"""Whatever the broker answers and in whatever order: never short, filled monotone, final sticky, counted.

A machine plays a broker that loses answers, repeats them, answers late, fills in parts and refuses,
a market that jumps, and somebody who sells in the broker's app. It keeps the truth; the engine only
hears of it, by words on orders and by readings of both books that can fail or be old.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import FINAL, Holding, OrderReport, OrderState
from ninefifteen.engine import Engine
from ninefifteen.strategies.nine_fifteen import NineFifteen
from tests.engine.builders import CALL, LOT, Desk

LOTS = 3


class Truth:
    """One order as it really is at the broker."""

    def __init__(self, number: int, request: Any) -> None:
        self.order_id = f"id{number}"
        self.tag, self.side = request.tag, request.side
        self.type, self.quantity = request.type, request.quantity
        self.limit, self.trigger = request.limit, request.trigger
        self.filled = self.value = 0
        self.status = OrderState.TRIGGER_PENDING if request.type == "SL" else OrderState.OPEN

    @property
    def living(self) -> bool:
        return self.status not in FINAL

    def report(self) -> OrderReport:
        return OrderReport(
            order_id=self.order_id,
            tag=self.tag,
            status=self.status,
            quantity=self.quantity,
            filled=self.filled,
            average=self.value // self.filled if self.filled else 0,
            limit=self.limit,
            trigger=self.trigger,
        )


class Broker(RuleBasedStateMachine):
    """The engine between a hostile broker and a jumping market."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(strategy={"lots": LOTS, "target_pct": 8}, risk={"max_daily_loss": "20000"})
        self.on_the_way: list[ef.Effect] = []
        self.truths: dict[str, Truth] = {}
        self.old_words: list[OrderReport] = []
        self.seen = 0
        self.best: dict[str, int] = {}
        self.finals: dict[str, OrderState] = {}
        self.by_hand = self.hand_value = 0
        self.old_holding = Holding(name=CALL, net=0)

    @initialize(lots_filled=st.integers(0, LOTS))
    def the_entry_has_left(self, lots_filled: int) -> None:
        self.desk.open(reconcile_every=5 * SECOND)
        self.desk.read().positions()
        self.desk.scan().read().positions().go("09:15:00").stocks()
        self.both_books()
        self.desk.quote(4_950, 5_000)
        self.collect()
        self.placed()
        if lots_filled:
            self.fill(next(iter(self.truths)), lots_filled)

    # ---- what the engine asked for

    def collect(self) -> None:
        for effect in self.desk.told[self.seen :]:
            if isinstance(effect, ef.Submit | ef.Modify | ef.Cancel):
                self.on_the_way.append(effect)
        self.seen = len(self.desk.told)

    def placed(self) -> None:
        effect = self.on_the_way.pop(0)
        assert isinstance(effect, ef.Submit)
        request = effect.order.request
        assert request.tag not in self.truths, "one order per intent"
        self.truths[request.tag] = Truth(len(self.truths) + 1, request)

    @precondition(lambda self: self.on_the_way)
    @rule(reaches=st.booleans(), taken=st.booleans(), heard=st.booleans())
    def the_next_request_arrives_or_is_lost(self, reaches: bool, taken: bool, heard: bool) -> None:
        head = self.on_the_way[0]
        if isinstance(head, ef.Submit):
            self.a_placing(reaches, taken, heard)
        else:
            self.on_the_way.pop(0)
            assert isinstance(head, ef.Modify | ef.Cancel)
            self.a_change(head, reaches, taken, heard)
        self.collect()

    def a_placing(self, reaches: bool, taken: bool, heard: bool) -> None:
        head = self.on_the_way[0]
        assert isinstance(head, ef.Submit)
        tag, now = head.order.request.tag, self.desk.now
        if reaches and taken:
            self.placed()
            truth = self.truths[tag]
            if heard:
                self.desk.step(ev.OrderAccepted(now, tag, truth.order_id))
            else:
                self.desk.step(ev.OutcomeUnknown(now, tag, "timed out"))
            return
        self.on_the_way.pop(0)
        if reaches:
            self.desk.step(ev.OrderRefused(now, tag, "refused"))
        else:
            self.desk.step(ev.OutcomeUnknown(now, tag, "lost"))

    def a_change(self, change: ef.Modify | ef.Cancel, reaches: bool, taken: bool, heard: bool) -> None:
        truth = self.truths[change.tag]
        possible = reaches and taken and truth.living
        if possible and isinstance(change, ef.Cancel):
            truth.status = OrderState.CANCELLED
        elif possible and isinstance(change, ef.Modify):
            possible = change.quantity > truth.filled and not (
                truth.status is OrderState.OPEN and change.order_type == "SL"
            )
            if possible:
                truth.type, truth.quantity = change.order_type, change.quantity
                truth.limit, truth.trigger = change.limit, change.trigger
                truth.status = OrderState.TRIGGER_PENDING if change.order_type == "SL" else OrderState.OPEN
        if heard and reaches:
            self.desk.step(ev.ChangeAnswered(self.desk.now, change.tag, "change", taken=possible))

    @rule(lots=st.integers(0, LOTS))
    def for_once_everything_works(self, lots: int) -> None:
        """Every request arrives, the first open order fills that much, and the book is read."""
        self.everything_arrives()
        open_ones = [truth.tag for truth in self.in_state(OrderState.OPEN)]
        if lots and open_ones:
            self.fill(open_ones[0], lots)
        self.the_book()
        self.everything_arrives()
        self.the_book()

    def everything_arrives(self) -> None:
        while self.on_the_way:
            head = self.on_the_way[0]
            if isinstance(head, ef.Submit):
                self.a_placing(reaches=True, taken=True, heard=True)
            else:
                self.on_the_way.pop(0)
                assert isinstance(head, ef.Modify | ef.Cancel)
                self.a_change(head, reaches=True, taken=True, heard=True)
            self.collect()

    # ---- what the market does

    def fill(self, tag: str, lots: int) -> None:
        truth = self.truths[tag]
        units = min(lots * LOT, truth.quantity - truth.filled)
        truth.filled += units
        truth.value += units * truth.limit
        if truth.filled == truth.quantity:
            truth.status = OrderState.COMPLETE

    def net(self) -> int:
        """Units held at the broker."""
        own = sum(t.filled if t.side == "BUY" else -t.filled for t in self.truths.values())
        return own - self.by_hand

    def holding(self) -> Holding:
        """The broker's row of the contract as it is."""
        sells = [t for t in self.truths.values() if t.side == "SELL"]
        return Holding(
            name=CALL,
            net=self.net(),
            sold=sum(t.filled for t in sells) + self.by_hand,
            sell_value=sum(t.value for t in sells) + self.hand_value,
        )

    def in_state(self, state: OrderState) -> list[Truth]:
        return [truth for truth in self.truths.values() if truth.status is state]

    @precondition(lambda self: self.in_state(OrderState.OPEN))
    @rule(data=st.data(), lots=st.integers(1, LOTS))
    def an_order_fills_in_part(self, data: st.DataObject, lots: int) -> None:
        open_ones = [truth.tag for truth in self.in_state(OrderState.OPEN)]
        self.fill(data.draw(st.sampled_from(open_ones)), lots)

    @precondition(lambda self: self.in_state(OrderState.TRIGGER_PENDING))
    @rule(survives=st.booleans())
    def the_stop_triggers(self, survives: bool) -> None:
        waiting = self.in_state(OrderState.TRIGGER_PENDING)
        waiting[0].status = OrderState.OPEN if survives else OrderState.CANCELLED

    @rule(bid=st.sampled_from([1_000, 3_000, 4_100, 4_900, 5_100, 5_400, 6_000]), seconds=st.integers(0, 4))
    def the_market_moves(self, bid: int, seconds: int) -> None:
        self.desk.wait(seconds).quote(bid, bid + 20)
        self.collect()

    @rule(seconds=st.sampled_from([0.3, 1, 2, 5, 12, 40]))
    def time_passes(self, seconds: float) -> None:
        self.desk.wait(seconds)
        self.collect()

    # ---- what the engine hears

    @precondition(lambda self: self.truths)
    @rule(data=st.data())
    def the_broker_tells_an_order(self, data: st.DataObject) -> None:
        truth = self.truths[data.draw(st.sampled_from(sorted(self.truths)))]
        word = truth.report()
        self.old_words.append(word)
        self.desk.step(ev.OrderUpdate(self.desk.now, word))
        self.collect()

    @precondition(lambda self: self.old_words)
    @rule(data=st.data())
    def an_old_word_arrives_again(self, data: st.DataObject) -> None:
        """Pushes are delayed and repeated, but a broker never tells a final state that was not reached."""
        self.desk.step(ev.OrderUpdate(self.desk.now, data.draw(st.sampled_from(self.old_words))))
        self.collect()

    @rule(ok=st.booleans())
    def the_book_is_read(self, ok: bool) -> None:
        reports = tuple(truth.report() for truth in self.truths.values())
        self.desk.step(ev.OrdersRead(self.desk.now, ok=ok, reports=reports if ok else ()))
        self.collect()

    @rule(ok=st.booleans(), old=st.booleans())
    def the_positions_are_read(self, ok: bool, old: bool) -> None:
        """Fresh, failed, or as they were at the last reading."""
        if not old:
            self.old_holding = self.holding()
        self.desk.positions(*((self.old_holding,) if ok else ()), ok=ok)
        self.collect()

    @rule()
    def both_books(self) -> None:
        """Both books as they are."""
        self.the_book()
        self.old_holding = self.holding()
        self.desk.positions(self.old_holding)
        self.collect()

    # ---- what people do

    @precondition(lambda self: self.net() >= LOT)
    @rule(lots=st.integers(1, LOTS))
    def somebody_sells_in_the_app(self, lots: int) -> None:
        units = min(lots * LOT, self.net())
        self.by_hand += units
        self.hand_value += units * 5_000
        self.desk.step(ev.OrderUpdate(self.desk.now, self.word_of_the_app(units)))
        self.collect()

    def word_of_the_app(self, units: int) -> OrderReport:
        return OrderReport(
            order_id=f"app{self.by_hand}",
            tag="",
            status=OrderState.COMPLETE,
            quantity=units,
            filled=units,
            average=5_000,
            limit=5_000,
        )

    @rule()
    def the_line_comes_back(self) -> None:
        self.desk.step(ev.Reconnected(self.desk.now))
        self.collect()

    @rule()
    def somebody_halts(self) -> None:
        self.desk.step(ev.Halted(self.desk.now, "sms", "stop"))
        self.collect()

    @rule()
    def the_engine_restarts(self) -> None:
        self.desk.step(ev.Restarted(self.desk.now, 1))
        self.collect()

    # ---- what must hold

    @invariant()
    def nothing_is_ever_short(self) -> None:
        bought = sum(t.filled for t in self.truths.values() if t.side == "BUY")
        sold = sum(t.filled for t in self.truths.values() if t.side == "SELL")
        selling = sum(t.quantity - t.filled for t in self.truths.values() if t.side == "SELL" and t.living)
        assert sold + selling <= bought, "whatever a hand does, we sell no more than we bought"

    @invariant()
    def one_entry_a_day(self) -> None:
        entries = [s for s in self.desk.all(ef.Submit) if s.order.request.side == "BUY"]
        assert len(entries) <= 1

    @invariant()
    def filled_is_monotone_and_final_is_sticky(self) -> None:
        for order in self.desk.orders:
            assert order.filled >= self.best.get(order.tag, 0)
            self.best[order.tag] = order.filled
            if self.finals.get(order.tag) is OrderState.EXPIRED:
                continue  # our own conclusion from many readings: the broker may still show the order
            if order.tag in self.finals:
                assert order.state is self.finals[order.tag]
            elif order.final:
                self.finals[order.tag] = order.state

    @invariant()
    def what_is_open_or_unknown_is_counted(self) -> None:
        for order in self.desk.orders:
            truth = self.truths.get(order.tag)
            if order.request.side == "BUY" and truth is not None and truth.living:
                assert not order.final
                unfilled = (truth.quantity - truth.filled) * truth.limit
                assert self.desk.engine.state.orders.exposure() >= min(
                    unfilled, order.remaining * order.limit
                )

    @invariant()
    def changes_are_bounded(self) -> None:
        assert all(order.modifications <= 23 for order in self.desk.orders)

    def teardown(self) -> None:
        """Faults end: after honest answers the engine is flat or guarded, and knows the truth."""
        if self.truths:
            self.settle()
            self.truth_and_belief_agree()
        self.replays_byte_for_byte()

    def settle(self) -> None:
        for _ in range(400):
            self.everything_arrives()
            for truth in self.truths.values():
                if truth.side == "SELL" and truth.status is OrderState.OPEN:
                    self.fill(truth.tag, LOTS)
            self.desk.wait(1).quote(4_900, 4_920)
            self.collect()
            self.both_books()
        self.both_books()

    def the_book(self) -> None:
        reports = tuple(truth.report() for truth in self.truths.values())
        self.desk.step(ev.OrdersRead(self.desk.now, ok=True, reports=reports))
        self.collect()

    def truth_and_belief_agree(self) -> None:
        for order in self.desk.orders:
            truth = self.truths.get(order.tag)
            if truth is not None:
                assert order.filled == truth.filled
                assert order.final or truth.living
        bought = sum(t.filled for t in self.truths.values() if t.side == "BUY")
        sold = sum(t.filled for t in self.truths.values() if t.side == "SELL")
        guarded = sum(t.quantity - t.filled for t in self.truths.values() if t.side == "SELL" and t.living)
        held = bought - sold - self.by_hand
        assert guarded <= max(held, 0), "no sell of ours offers what a hand has sold"
        if held >= 0 and self.desk.run.trade is None:
            assert held == guarded

    def replays_byte_for_byte(self) -> None:
        again = Engine(self.desk.settings, [NineFifteen(self.desk.settings)])
        effects = [effect for event in self.desk.events for effect in again.step(event)]
        assert msgspec.json.encode(effects) == msgspec.json.encode(self.desk.told)


TestBroker = Broker.TestCase
TestBroker.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
