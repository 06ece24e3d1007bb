"""The broker's answers: what they change in our book, our position, and what must follow."""

from __future__ import annotations

from ninefifteen.domain.effects import Cancel, ReadOrders
from ninefifteen.domain.events import (
    ChangeAnswered,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    OutcomeUnknown,
)
from ninefifteen.domain.instants import MILLISECOND, SECOND
from ninefifteen.domain.money import rupees
from ninefifteen.domain.order import FINAL, OrderReport, OrderState, Role

from .closing import close_trade
from .entry import finish
from .exits import chase, protect, repair
from .orders import Order
from .state import EngineState, Phase, Position, Run

_POLLS = (300, 700, 1500, 3000, 5000)
"""When an unknown placing is looked up, milliseconds after the loss; then every 5 s (4a.5)."""
_PARK_AFTER = 30 * SECOND
_TRIGGER_PATIENCE = SECOND


def on_accepted(state: EngineState, event: OrderAccepted) -> None:
    """The placing was taken."""
    order = state.orders.by_tag.get(event.tag)
    if order is None:
        state.alert("P1", f"the broker accepted an order we do not know: tag {event.tag}")
        return
    parked = order.state is OrderState.PARKED
    order.accepted(event.order_id)
    state.note("accepted", f"order {event.order_id} accepted", tag=event.tag)
    if parked or _entry_too_late(state, order):
        state.emit(Cancel(order.tag, order.order_id))


def _entry_too_late(state: EngineState, order: Order) -> bool:
    run = _run_of(state, order)
    return order.request.role is Role.ENTRY and run is not None and run.cancel_sent


def on_refused(state: EngineState, event: OrderRefused) -> None:
    """A definite no to a placing: an entry is spent, a protection is repaired."""
    order = state.orders.by_tag.get(event.tag)
    if order is None or order.final:
        return
    order.refused(event.message)
    state.note("refused", f"order refused: {event.message}", tag=event.tag)
    _after(state, order)


def on_unknown(state: EngineState, event: OutcomeUnknown) -> None:
    """Sent, no trustworthy answer: it counts as exposure and is looked up, never sent again."""
    order = state.orders.by_tag.get(event.tag)
    if order is None or order.final:
        return
    order.lost(state.now)
    state.alert(
        "P2", f"order {event.tag}: outcome unknown ({event.detail}); looking it up, not sending again"
    )
    state.timer("book:look", state.now + _POLLS[0] * MILLISECOND)


def on_change(state: EngineState, event: ChangeAnswered) -> None:
    """The answer to a modification or cancel: only the order's own state decides what is true."""
    order = state.orders.by_tag.get(event.tag)
    if order is None or order.final or event.taken:
        return
    state.note("change_refused", f"{event.change} refused: {event.message}", tag=event.tag)
    order.message = event.message
    state.emit(ReadOrders())


def on_update(state: EngineState, event: OrderUpdate) -> None:
    """The broker's word on one order."""
    _take(state, event.report)


def on_read(state: EngineState, event: OrdersRead) -> None:
    """The whole book. A failed read changes nothing (I12)."""
    if event.ok:
        for report in event.reports:
            _take(state, report)
    for order in state.orders.living():
        _still_unknown(state, order)
    if _needs_looking(state):
        state.timer("book:look", state.now + _next_look(state))


def look(state: EngineState) -> None:
    """Time to read the order book, if anything in it is still in doubt."""
    if _needs_looking(state):
        state.emit(ReadOrders())


def _needs_looking(state: EngineState) -> bool:
    doubtful = (
        OrderState.SENDING,
        OrderState.UNKNOWN,
        OrderState.PARKED,
        OrderState.MODIFYING,
        OrderState.CANCELLING,
    )
    return any(order.state in doubtful for order in state.orders.living())


def _next_look(state: EngineState) -> int:
    polls = max((o.polls for o in state.orders.living()), default=0)
    step = _POLLS[min(polls, len(_POLLS) - 1)]
    return step * MILLISECOND


def _still_unknown(state: EngineState, order: Order) -> None:
    if order.state not in (OrderState.UNKNOWN, OrderState.PARKED) or order.unknown_since is None:
        return
    order.polls += 1
    waited = state.now - order.unknown_since
    if order.request.role is Role.ENTRY and order.state is OrderState.UNKNOWN and waited >= _PARK_AFTER:
        order.state = OrderState.PARKED
        state.alert("P1", f"entry {order.tag} was not found for 30 s: parked, today's entry is spent")


def _take(state: EngineState, report: OrderReport) -> None:
    order = state.orders.by_tag.get(report.tag)
    if order is None or order.final:
        return
    before = order.state
    new = order.report(report)
    run = _run_of(state, order)
    if run is None:
        return
    if new:
        _filled(state, run, order)
    if order.state != before or new:
        _state_note(state, order)
        _after(state, order)
    if before is OrderState.PARKED and not order.final:
        state.emit(Cancel(order.tag, order.order_id))


def _state_note(state: EngineState, order: Order) -> None:
    text = f"order {order.order_id} {order.state}, {order.filled} of {order.quantity} filled"
    if order.filled:
        text += f" at Rs {rupees(order.average)}"
    state.note("order", text, tag=order.tag, state=str(order.state), filled=order.filled)


def _filled(state: EngineState, run: Run, order: Order) -> None:
    value = order.filled * order.average
    if order.request.side == "BUY":
        if run.position is None:
            run.position = Position(order.request.instrument, state.now)
        run.position.bought, run.position.buy_value = order.filled, value
        if run.phase in (Phase.ENTERING, Phase.WATCHING, Phase.DONE):
            run.phase = Phase.HOLDING
        return
    position = run.position
    if position is None:
        return
    sells = [
        o
        for o in state.orders.by_tag.values()
        if o.request.side == "SELL" and o.request.strategy == order.request.strategy
    ]
    position.sold = sum(o.filled for o in sells)
    position.sell_value = sum(o.filled * o.average for o in sells)


def _after(state: EngineState, order: Order) -> None:
    """What an order's new state asks for."""
    run = _run_of(state, order)
    if run is None:
        return
    if order.request.side == "BUY":
        _after_buy(state, run, order)
    else:
        _after_sell(state, run, order)


def _after_buy(state: EngineState, run: Run, order: Order) -> None:
    if run.position is not None and run.position.net > 0:
        if state.halted is not None and order.final:
            repair(state, run, "bought while halted")
        elif run.leaving is None:
            protect(state, run)
    elif order.state is OrderState.REJECTED:
        finish(state, run, "order_refused", order.message)
    elif order.final:
        finish(state, run, "not_filled", f"not filled by the cutoff: {order.message or 'cancelled'}")


def _after_sell(state: EngineState, run: Run, order: Order) -> None:
    position = run.position
    if position is None:
        return
    if position.net <= 0:
        entry = state.orders.by_tag.get(run.entry_tag)
        if entry is None or entry.final:
            close_trade(state, run, order)
    elif order.state in FINAL:
        repair(state, run, f"{order.state}: {order.message}" if order.message else str(order.state))
    elif order.state is OrderState.OPEN and run.leaving is None and order.type == "SL":
        state.timer(f"{run.strategy.name}:triggered", state.now + _TRIGGER_PATIENCE)
    elif order.state is OrderState.TRIGGER_PENDING:
        _resting(state, run, order, position)


def _resting(state: EngineState, run: Run, order: Order, position: Position) -> None:
    if run.leaving is not None:
        chase(state, run)
    elif order.quantity - order.filled != position.net or order.trigger < position.stop:
        protect(state, run)


def _run_of(state: EngineState, order: Order) -> Run | None:
    for run in state.runs:
        if run.strategy.name == order.request.strategy:
            return run
    return None
