"""Looking at the broker's order book: when in doubt often, while something rests now and then.

A failed read changes nothing (I12). An order that is not found is not gone: an entry is parked and
its day is spent, a sale is proved absent before another one may take its place (4a.5, 4a.6).
"""

from __future__ import annotations

from ninefifteen.domain.events import OrdersRead
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.order import OrderState, Role

from . import cadence, reconcile
from .answers import after, take
from .orders import Order
from .state import EngineState

_IN_DOUBT = tuple(ms * MILLISECOND for ms in (300, 700, 1500, 3000, 5000))
"""The pauses between looks while anything is in doubt; the last one repeats (4a.5)."""
_WORKING = 5 * SECOND
_BLIND = 15 * SECOND
_PARK_AFTER = 30 * SECOND
_ABSENT_AFTER = 120 * SECOND
_ABSENCES = 3
_BETWEEN_ABSENCES = 10 * SECOND
_MISSING_ALARM = 10 * SECOND
_SAY_AGAIN = 60 * SECOND
_UNSURE = frozenset({
    OrderState.SENDING,
    OrderState.UNKNOWN,
    OrderState.PARKED,
    OrderState.MODIFYING,
    OrderState.CANCELLING,
})  # fmt: skip


def look(state: EngineState) -> None:
    """Read the order book if anything in it calls for it, and look again should the answer be lost."""
    if _pause(state):
        state.looks += 1
        state.read_orders()
        state.watch_orders(_WORKING)


def on_read(state: EngineState, event: OrdersRead) -> None:
    """The whole book of the day; a read that fails changes nothing but how long we have been blind (4c)."""
    if event.ok:
        # What is not in our book goes first: a sell that was forgotten must be known before one is sent.
        for report in sorted(event.reports, key=lambda report: report.tag in state.orders.by_tag):
            take(state, report)
        found, ids = {report.tag for report in event.reports}, {report.order_id for report in event.reports}
        for order in state.orders.living():
            if order.tag not in found:
                _not_found(state, order)
            if state.careful and order.order_id:
                _missing(state, order, missing=order.order_id not in ids)
    reconcile.on_orders(state, event)
    pause = _pause(state)
    if pause:
        state.timer("book:look", state.now + pause)


def _pause(state: EngineState) -> Instant:
    """How long until the next look; 0 when none is needed."""
    living = state.orders.living()
    states = {order.state for order in living}
    if states and cadence.long_blind(state):
        return _BLIND
    if states & _UNSURE:
        return _IN_DOUBT[min(state.looks, len(_IN_DOUBT) - 1)]
    state.looks = 0
    if states - {OrderState.TRIGGER_PENDING} or any(order.unpriced for order in state.orders.every()):
        return _WORKING
    if any(order.missing_since is not None for order in living):
        return _WORKING
    return 0  # what merely rests is read as often as the day says (`cadence`)


def _missing(state: EngineState, order: Order, *, missing: bool) -> None:
    """A living order that the broker itself has numbered must be in its book: else the book is in doubt.

    The order counts as before, whatever the book says. One reading may have been on its way when the order
    was taken, so the next one decides.
    """
    if not missing:
        order.missing_since = None
    elif order.missing_since is None:
        order.missing_since = state.now
    elif state.now - order.missing_since >= SECOND:
        if not state.unreconciled:
            state.unreconciled = "an order of ours is missing from the broker's order book"
        state.books.doubted_at = state.now
        _tell_missing(state, order, state.now - order.missing_since)


def _tell_missing(state: EngineState, order: Order, missing: Instant) -> None:
    if missing < _MISSING_ALARM or state.now - order.told_at < _SAY_AGAIN:
        return
    order.told_at = state.now
    name = order.request.instrument.name
    state.alert(
        "P1",
        f"order {order.order_id} ({order.remaining} {name}) is missing from the broker's order book since"
        f" {missing // SECOND} s: look in the broker's app; it counts as before",
    )


def _not_found(state: EngineState, order: Order) -> None:
    if order.unknown_since is None:
        return
    if order.request.role is Role.ENTRY:
        if order.state is OrderState.UNKNOWN and state.now - order.unknown_since >= _PARK_AFTER:
            order.state = OrderState.PARKED
            state.by_strategy[order.request.strategy].drop = "late"  # found later it is sold at once (4b)
            state.alert("P1", f"entry {order.tag} was not found for 30 s: parked, today's entry is spent")
        return
    if state.now - order.missed_at < _BETWEEN_ABSENCES:
        return
    order.absences, order.missed_at = order.absences + 1, state.now
    if order.absences >= _ABSENCES and state.now - order.sent_at >= _ABSENT_AFTER:
        order.give_up("proved never to have reached the broker")
        after(state, order)
