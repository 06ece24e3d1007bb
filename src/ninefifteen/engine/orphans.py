"""What the broker tells of orders that do not fit our own book: nothing is let pass in silence.

- An order with a tag of our form that this day has not sent is left alone: nothing enters today, a person
  looks (I16), and is told so each minute while it lives or what it has bought is held. Another program with
  our prefix may have sent it, `halt --direct` for one. A living sell among them may be selling what we hold,
  so what it offers is not offered again (I2); where we hold its contract it becomes our exit (`adoption`),
  and what it offers beyond what is held is taken off it (`forgotten`).
- A second order under a tag of ours means that one intent has become two (I1 is broken at the broker, a
  request was doubled on its way). It carries our tag, so it is ours: its fills and its exposure count like
  those of the first, and the second to be heard of is cancelled at once, whatever its side.
- A row that cannot be true (more filled than ordered, a negative figure) is no news at all: what was
  believed before stays, so it never lowers the exposure.
- An order without a tag of our form belongs to somebody else: never touched. While we hold something it is
  a hint that somebody trades by hand, and the books are read.
"""

from __future__ import annotations

import re

from ninefifteen.domain.effects import Cancel
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import FINAL, OrderReport, OrderState

from . import cadence, strays
from .orders import Order
from .state import EngineState

_OURS = re.compile(r"x\d\d[a-z2-7]{7}[epr]")
TIMER = "book:orphans"
_CANCEL_AGAIN = 5 * SECOND
_SAY_AGAIN = 60 * SECOND


def stranger(state: EngineState, report: OrderReport, *, pushed: bool) -> None:
    """An order whose tag is not in our book."""
    if _OURS.fullmatch(report.tag):
        _orphan(state, report)
        if pushed and state.careful:
            cadence.ask(state)
    elif pushed and state.careful and cadence.exposed(state):
        cadence.ask(state)


def _orphan(state: EngineState, report: OrderReport) -> None:
    orphans = state.books.orphans
    known = report.order_id in orphans
    orphans[report.order_id] = report
    if known:
        return
    state.unreconciled = "an order with our tag is at the broker that this day has not sent"
    state.note(
        "orphan",
        f"order {report.order_id} has a tag of ours, {report.tag}, but was not sent by this day:"
        f" {report.status}, {report.filled} of {report.quantity} filled; not touched",
        tag=report.tag,
        order_id=report.order_id,
    )
    state.alert(
        "P1",
        f"order {report.order_id} with our tag {report.tag} is not in our book: nothing enters today;"
        " look at it in the broker's app",
    )
    state.timer(TIMER, state.now + _SAY_AGAIN)


def tell_again(state: EngineState) -> None:
    """A minute later: what is still there is told again."""
    if state.books.orphans:
        tell_left(state)
        state.timer(TIMER, state.now + _SAY_AGAIN)


def tell_left(state: EngineState) -> None:
    """Say what is there that this day will not close by itself, and what closes it."""
    there = strays.left(state)
    if there:
        state.alert("P1", f"{there}: this day does not touch it; `ninefifteen halt --direct` closes it")


def impossible(report: OrderReport) -> str:
    """Why a row cannot be true; empty when it can."""
    figures = (report.quantity, report.filled, report.average, report.limit, report.trigger, report.value)
    if min(figures) < 0:
        return "a figure is negative"
    if report.filled > report.quantity:
        return f"{report.filled} filled of {report.quantity}"
    if not report.quantity and report.status not in FINAL:
        return "a living order of no units"
    if report.status is OrderState.COMPLETE and report.filled < report.quantity:
        return f"complete with {report.filled} filled of {report.quantity}"
    return ""


def malformed(state: EngineState, order: Order, report: OrderReport, why: str) -> None:
    """A row of ours that cannot be true: told once per order, and nothing is changed by it."""
    known = report.order_id in state.books.malformed
    state.books.malformed.add(report.order_id)
    if known:
        return
    state.note("malformed", f"order {report.order_id}: {why}; the row is not believed", tag=order.tag)
    state.alert(
        "P1", f"the broker's row of order {report.order_id} cannot be true ({why}): nothing is changed"
    )


def twin(state: EngineState, order: Order, report: OrderReport) -> Order:
    """The order this report is about: the one we know, or the second one under its tag."""
    if not order.order_id or not report.order_id or report.order_id == order.order_id:
        return order
    known = state.orders.twins.get(report.order_id)
    if known is not None:
        return known
    state.unreconciled = "two orders are at the broker under one tag"
    state.note(
        "doubled",
        f"tag {order.tag} stands for two orders: {order.order_id} and {report.order_id}",
        tag=order.tag,
        order_id=report.order_id,
    )
    state.alert("P1", f"two orders under the tag {order.tag}: {report.order_id} is cancelled, nothing enters")
    return state.orders.add_twin(order, report.order_id)


def end_twin(state: EngineState, order: Order) -> None:
    """A living second order is cancelled, and again when the cancel was lost."""
    asked = order.state is OrderState.CANCELLING or order.cancelled_at
    if order.final or (asked and state.now - order.cancelled_at < _CANCEL_AGAIN):
        return
    order.state, order.cancelled_at = OrderState.CANCELLING, state.now
    state.watch_orders()
    state.emit(Cancel(order.tag, order.order_id))
