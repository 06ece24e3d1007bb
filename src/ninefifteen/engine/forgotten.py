"""Sells of ours that this day has forgotten offer more than the account holds: they shrink, or go (I2).

Somebody has sold in the broker's app what such a stop was for, or two of them offer the same units. No other
order of this day will ever take it away, and what it sells then makes the account short. It carries our tag,
so it is ours to end, but only with proof: the positions show all that our orders in the contract have bought,
and three seconds later both books, asked for again, still say the same. A list that lags or is not whole
takes no stop away (I12). Where we hold the contract ourselves, it is the exit (`adoption`).
"""

from __future__ import annotations

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import FINAL, OrderReport, OrderState

from . import by_hand, cadence
from .books import Suspicion, is_sell
from .orphans import impossible
from .state import EngineState

_SETTLES = 3 * SECOND
"""So long the positions may lag behind the order book, and the order book behind the positions."""
_AGAIN = 5 * SECOND
_SELDOM = 60 * SECOND
_SOON = 12
_CHANGES = 3
"""So often it is asked to shrink; then all of it is cancelled, for a short is worse than no stop."""


def shrink(state: EngineState) -> None:
    """After a reading: bring forgotten sells down to what is held, once that is certain."""
    if not state.careful:
        return
    books = state.books
    living = [row for row in books.orphans.values() if _sells(row)]
    beyond = {name: _beyond(state, name, living) for name in sorted({row.name for row in living})}
    books.beyond = {name: seen for name, seen in books.beyond.items() if beyond.get(name) == seen.units}
    for name, units in beyond.items():
        seen = books.beyond.get(name)
        if units > 0 and seen is None:
            books.beyond[name] = Suspicion(units, state.now)
            state.timer(cadence.TICK, state.now + _SETTLES)
        elif seen is not None and _read_since(state) >= seen.since + _SETTLES:
            _cut(state, units, [row for row in living if row.name == name])


def _sells(row: OrderReport) -> bool:
    return is_sell(row) and row.status not in FINAL and not impossible(row)


def _beyond(state: EngineState, name: str, living: list[OrderReport]) -> int:
    """Units that such sells offer beyond what is held; 0 where the positions do not prove it."""
    holding = state.books.holdings.get(name)
    if holding is None or any(position.net > 0 for _, position in by_hand.holders(state, name)):
        return 0
    orders = [order for order in state.orders.every() if order.request.instrument.name == name]
    bought = sum(order.filled for order in orders if order.request.side == "BUY")
    bought += sum(r.filled for r in state.books.orphans.values() if r.name == name and not is_sell(r))
    if not 0 < bought <= holding.net + holding.sold:
        return 0
    offered = sum(row.quantity - row.filled for row in living if row.name == name)
    return max(offered - max(holding.net, 0), 0)


def _read_since(state: EngineState) -> int:
    return min(state.books.orders.asked_at, state.books.positions.asked_at)


def _cut(state: EngineState, beyond: int, rows: list[OrderReport]) -> None:
    """Take so many units off these sells: off stops first, for a limit may be an exit under way."""
    for row in sorted(rows, key=lambda row: (_rests(row), row.order_id), reverse=True):
        remaining = row.quantity - row.filled
        units = min(remaining, beyond)
        beyond -= units
        if units:
            _ask(state, row, remaining - units)


def _rests(row: OrderReport) -> bool:
    return row.trigger > 0 and row.status is not OrderState.OPEN


def _ask(state: EngineState, row: OrderReport, keep: int) -> None:
    asked_at, count = state.books.cuts.get(row.order_id, (0, 0))
    if count and state.now - asked_at < (_AGAIN if count < _SOON else _SELDOM):
        return
    state.books.cuts[row.order_id] = state.now, count + 1
    shrinks = keep > 0 and count < _CHANGES
    if not count:
        doing = f"it is changed to sell {keep}" if shrinks else "it is cancelled"
        state.alert(
            "P1",
            f"order {row.order_id} with our tag, which this day has not sent, offers more {row.name} than are"
            f" held: {doing}; look in the broker's app",
        )
    if not shrinks:
        state.emit(Cancel(row.tag, row.order_id))
    elif _rests(row):
        state.emit(Modify(row.tag, row.order_id, "SL", row.filled + keep, row.limit, row.trigger))
    else:
        state.emit(Modify(row.tag, row.order_id, "LIMIT", row.filled + keep, row.limit, 0))
