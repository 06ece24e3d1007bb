"""The emergency core against brokers drawn at random: lost answers, hidden orders, fills, sales by hand.

Whatever happens, no act sells more than the smaller of what is held and what is ours, no second sell is
sent while one lives or may live, and it comes to an end.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.emergency import Emergency
from ninefifteen.engine.emergency_acts import Act, Answer, Line, Move, Pull, Reading, Send, Stake
from ninefifteen.engine.emergency_prices import Shown
from tests.engine.emergencies import CALL, LIMITS, PRODUCT, T0, bought, stop

LOT = 100
LONGEST = 120 * SECOND
FATES = ("taken", "taken", "taken", "lost", "never", "refused", "hidden", "late")
"""lost: done without an answer; never: not done, without an answer; hidden: done, and shown much later."""


class Market:
    """One broker with one contract; `draw` decides what becomes of everything."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.orders: dict[str, Line] = {}
        self.hidden: dict[str, int] = {}
        self.to_come: list[tuple[int, Line]] = []
        self.sold_by_hand = 0
        self.foreign = LOT * draw(st.integers(0, 2))
        self.bid = 10_000
        self.round = 0
        lots = draw(st.integers(1, 4))
        filled = LOT * draw(st.integers(0, lots))
        state = OrderState.COMPLETE if filled == lots * LOT else OrderState.OPEN
        self._put(bought(lots * LOT, filled=filled, state=state))
        if filled and draw(st.booleans()):
            self._put(stop(filled))

    @property
    def net(self) -> int:
        net: int = self.ours + self.foreign - self.sold_by_hand
        return net

    @property
    def ours(self) -> int:
        return sum(line.filled if line.side == "BUY" else -line.filled for line in self.orders.values())

    @property
    def living_sells(self) -> list[Line]:
        there = [*self.orders.values(), *(line for _, line in self.to_come)]
        return [line for line in there if line.side == "SELL" and line.living]

    def _put(self, line: Line) -> None:
        self.orders[line.order_id] = line

    def _change(self, order_id: str, **changed: Any) -> None:
        self.orders[order_id] = msgspec.structs.replace(self.orders[order_id], **changed)

    def reading(self) -> Reading | None:
        """What is shown now; None where the reading fails."""
        if not self.draw(st.integers(0, 9)):
            return None
        lines = [line for line in self.orders.values() if self.hidden.get(line.order_id, 0) <= self.round]
        shown = {CALL: Shown(bid=self.bid)} if self.draw(st.booleans()) else {}
        stakes = (Stake(name=CALL, product=PRODUCT, net=self.net, last=self.bid),)
        return Reading(at=T0 + self.round * SECOND, lines=tuple(lines), stakes=stakes, shown=shown)

    def turn(self) -> None:
        """A second passes: late orders arrive, living orders fill, somebody sells by hand, the bid moves."""
        self.round += 1
        self.bid = max(500, self.bid + 50 * self.draw(st.integers(-10, 6)))
        for due, line in list(self.to_come):
            if due <= self.round:
                self.to_come.remove((due, line))
                self._put(line)
        for line in list(self.orders.values()):
            if not line.living or line.stop:
                continue
            meets = line.side == "BUY" or line.limit <= self.bid
            units = min(line.open, LOT * self.draw(st.integers(0, 4))) if meets else 0
            done = line.filled + units == line.quantity
            state = OrderState.COMPLETE if done else line.state
            self._change(line.order_id, filled=line.filled + units, state=state)
        if self.net >= LOT and not self.draw(st.integers(0, 7)):
            self.sold_by_hand += LOT

    def take(self, act: Act, fate: str) -> Answer:
        """What the broker does with it, and what it answers."""
        if fate == "refused":
            return "refused"
        if fate != "never":
            self._do(act, fate)
        return "taken" if fate in ("taken", "hidden") else "unknown"

    def _do(self, act: Act, fate: str) -> None:
        if isinstance(act, Pull):
            if self.orders[act.order_id].living:
                self._change(act.order_id, state=OrderState.CANCELLED)
        elif isinstance(act, Move):
            order = self.orders[act.order_id]
            if order.living and act.quantity > order.filled:
                self._change(
                    act.order_id, quantity=act.quantity, limit=act.limit, stop=False, state=OrderState.OPEN
                )
        else:
            order_id = str(100 + len(self.orders) + len(self.to_come))
            line = stop(act.quantity, order_id=order_id, tag=act.tag, limit=act.limit, stop=False)
            line = msgspec.structs.replace(line, state=OrderState.OPEN)
            if fate == "late":
                self.to_come.append((self.round + self.draw(st.integers(1, 90)), line))
            else:
                self.hidden[order_id] = self.round + (
                    self.draw(st.integers(1, 90)) if fate == "hidden" else 0
                )
                self._put(line)


def _keeps_the_rules(market: Market, reading: Reading, act: Act, core: Emergency) -> None:
    """An act sells at most the smaller of held and ours, as it was read, and never beside another sell."""
    ours = sum(one.filled if one.side == "BUY" else -one.filled for one in reading.lines)
    most = min(reading.stakes[0].net, ours)
    if isinstance(act, Send):
        assert not market.living_sells
        assert 0 < act.quantity <= most
        assert act.tag not in {line.tag for line in market.orders.values()}
    elif isinstance(act, Move):
        line = next(line for line in reading.lines if line.order_id == act.order_id)
        assert line.tag
        assert line.side == "SELL"
        assert 0 < act.quantity - line.filled <= most
    assert core.next_at > reading.at


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_happens_nothing_is_sold_twice_and_it_ends(data: st.DataObject) -> None:
    market = Market(data.draw)
    core = Emergency(LIMITS, day_number=5, epoch=7, longest=LONGEST)
    calm = data.draw(st.integers(0, 60))
    while not core.over(at := T0 + market.round * SECOND):
        reading = market.reading()
        if reading is None:
            core.failed(at, "no answer")
        else:
            for act in core.look(reading):
                _keeps_the_rules(market, reading, act, core)
                fate = "taken" if market.round >= calm else data.draw(st.sampled_from(FATES))
                core.answered(act, market.take(act, fate))
        market.turn()
        assert len([line for line in market.orders.values() if line.side == "SELL" and line.living]) <= 1
        assert market.ours >= 0
        assert market.round <= LONGEST // SECOND + 1
    if core.proved:
        assert not any(line.living for line in market.orders.values())
        assert not market.to_come
        assert min(market.net, market.ours) <= 0


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_at_a_broker_that_answers_it_is_flat_within_the_minute(data: st.DataObject) -> None:
    market = Market(data.draw)
    core = Emergency(LIMITS, day_number=5, epoch=7, longest=LONGEST)
    while not core.over(T0 + market.round * SECOND) and market.round < 60:
        reading = Reading(
            at=T0 + market.round * SECOND,
            lines=tuple(market.orders.values()),
            stakes=(Stake(name=CALL, product=PRODUCT, net=market.net, last=market.bid),),
            shown={CALL: Shown(bid=market.bid)},
        )
        for act in core.look(reading):
            core.answered(act, market.take(act, "taken"))
        market.round += 1
        for line in list(market.orders.values()):
            if line.living and line.side == "SELL" and not line.stop and line.limit <= market.bid:
                market._change(line.order_id, filled=line.quantity, state=OrderState.COMPLETE)
    assert core.proved
