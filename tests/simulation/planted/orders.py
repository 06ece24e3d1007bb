"""Broken order protocols: what a careful programmer gets wrong about answers that do not come."""

from __future__ import annotations

import msgspec

from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Cancel, Submit
from ninefifteen.domain.order import FINAL, ApprovedOrder, OrderReport, OrderState, Role
from ninefifteen.engine import answers, entry, exits, looking, risk
from ninefifteen.engine.orders import Order, OrderBook, Shape
from ninefifteen.engine.state import EngineState, Position, Run

from .swapping import Swap, changed, swapped


def _again(state: EngineState, run: Run, order: Order) -> None:
    """The same order once more, under a new tag."""
    tag = state.orders.new_tag(state.day.date.toordinal(), order.request.role)
    approved = ApprovedOrder(msgspec.structs.replace(order.request, tag=tag), state.now)
    state.orders.add(approved)
    if order.request.role is Role.ENTRY:
        run.entry_tag = tag
    else:
        run.exit_tag = tag
    state.emit(Submit(approved))


def blind_retry() -> Swap:
    """An entry whose outcome is unknown is sent again under a new tag."""
    shipped = answers.on_unknown

    def on_unknown(state: EngineState, event: ev.OutcomeUnknown) -> None:
        order = state.orders.by_tag.get(event.tag)
        shipped(state, event)
        if order is not None and order.request.role is Role.ENTRY and order.state is OrderState.UNKNOWN:
            _again(state, state.by_strategy[order.request.strategy], order)

    return swapped(shipped, on_unknown)


def impatient_resend() -> Swap:
    """A sale that one look at the book does not find is taken for lost and sent again."""
    shipped = looking._not_found

    def not_found(state: EngineState, order: Order) -> None:
        if order.unknown_since is None or order.request.role is Role.ENTRY:
            shipped(state, order)
        else:
            order.state, order.message = OrderState.EXPIRED, "not in the book"
            answers.after(state, order)

    return swapped(shipped, not_found)


def unknown_as_rejected() -> Swap:
    """No trustworthy answer is taken for a no."""
    shipped = answers.on_unknown

    def on_unknown(state: EngineState, event: ev.OutcomeUnknown) -> None:
        answers.on_refused(state, ev.OrderRefused(event.at, event.tag, event.detail))

    return swapped(shipped, on_unknown)


def orphan_stop() -> Swap:
    """The exit is a second order beside the stop, which stays at the broker."""
    shipped, approve = exits.work_exit, risk.approve_exit

    def work_exit(state: EngineState, run: Run, position: Position, price: int) -> None:
        order = state.orders.by_tag.get(run.exit_tag)
        if order is None or order.final or order.asked.type == "LIMIT":
            shipped(state, run, position, price)
        else:
            with swapped(approve, lambda state, run, request: ApprovedOrder(request, state.now)):
                exits.sell(state, run, position, Role.REPAIR, Shape("LIMIT", position.net, price))

    return swapped(shipped, work_exit)


def exit_before_cancel_proof() -> Swap:
    """The stop is asked to be cancelled and the exit sent at once, as if asking were having."""
    shipped = exits.work_exit

    def work_exit(state: EngineState, run: Run, position: Position, price: int) -> None:
        order = state.orders.by_tag.get(run.exit_tag)
        if order is not None and not order.final and order.order_id and order.asked.type == "SL":
            state.emit(Cancel(order.tag, order.order_id))
            order.state = OrderState.CANCELLED
        shipped(state, run, position, price)

    return swapped(shipped, work_exit)


def cancel_as_final() -> Swap:
    """A cancel that was asked for is taken for the end of the entry."""
    shipped = entry._cancel

    def cancel(state: EngineState, run: Run, order: Order) -> None:
        shipped(state, run, order)
        order.state = OrderState.CANCELLED
        answers.after(state, order)

    return swapped(shipped, cancel)


def parked_forgotten() -> Swap:
    """An entry that is not found for 30 s is forgotten instead of parked."""
    shipped = looking._not_found

    def not_found(state: EngineState, order: Order) -> None:
        shipped(state, order)
        if order.state is OrderState.PARKED:
            order.state = OrderState.EXPIRED
            answers.after(state, order)

    return swapped(shipped, not_found)


def fills_go_down() -> Swap:
    """The last word on an order is believed, also where it is an older one with fewer fills."""
    shipped = Order.report

    def report(order: Order, word: OrderReport) -> bool:
        if word.filled < order.filled and not order.final:
            order.filled, order.value = word.filled, word.filled * word.average
            order.state = word.status
            return True
        return shipped(order, word)

    return changed(Order, "report", report)


def final_not_sticky() -> Swap:
    """An older word that comes late makes a finished order live again."""
    shipped = Order.report

    def report(order: Order, word: OrderReport) -> bool:
        told = shipped(order, word)
        if order.final and word.status not in FINAL:
            order.state = word.status
        return told

    return changed(Order, "report", report)


def same_tag_again() -> Swap:
    """The counter of tags does not count: a second order of a role has the name of the first."""
    shipped = OrderBook.new_tag

    def new_tag(book: OrderBook, day_number: int, role: str) -> str:
        book._count = 0
        tag = shipped(book, day_number, role)
        book.by_tag.pop(tag, None)
        return tag

    return changed(OrderBook, "new_tag", new_tag)
