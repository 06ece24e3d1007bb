"""The broker's answers: what they change in our book, our position, and what must follow."""

from __future__ import annotations

from ninefifteen.domain.effects import Subscribe
from ninefifteen.domain.events import (
    ChangeAnswered,
    OrderAccepted,
    OrderRefused,
    OrderUpdate,
    OutcomeUnknown,
)
from ninefifteen.domain.instants import MILLISECOND, SECOND
from ninefifteen.domain.money import rupees
from ninefifteen.domain.order import OrderReport, OrderState, Role

from . import by_hand, cadence, orphans
from .closing import correct_trade, wind_up
from .entry import cancel_entry, finish
from .exits import change_refused, cover_more, keep_chasing, leave_now, repair
from .guard import end_late, keep_resting, protect
from .orders import Order
from .state import EngineState, Phase, Position, Run

_FIRST_LOOK = 300 * MILLISECOND
_TRIGGER_PATIENCE = SECOND
_DARK = (OrderState.UNKNOWN, OrderState.PARKED)
_DROPPED = {"halt": "halted", "manual": "flattened"}
"""The day's reason where an entry was given up before it filled; otherwise it was not filled."""


def on_accepted(state: EngineState, event: OrderAccepted) -> None:
    """The placing was taken."""
    order = state.orders.by_tag.get(event.tag)
    if order is None:
        state.alert("P1", f"the broker accepted an order we do not know: tag {event.tag}")
        return
    dark = _dark(order)
    order.accepted(event.order_id)
    state.note("accepted", f"order {event.order_id} accepted", tag=event.tag)
    _resolved(state, order, dark=dark)
    _unwanted(state, order)


def on_refused(state: EngineState, event: OrderRefused) -> None:
    """A definite no to a placing: an entry is spent, a protection is repaired."""
    order = state.orders.by_tag.get(event.tag)
    if order is None or order.final:
        return
    order.refused(event.message)
    state.note("refused", f"order refused: {event.message}", tag=event.tag)
    after(state, order)


def on_unknown(state: EngineState, event: OutcomeUnknown) -> None:
    """Sent, no trustworthy answer: it counts as exposure and is looked up, never sent again."""
    order = state.orders.by_tag.get(event.tag)
    if order is None or order.final:
        return
    order.lost(state.now)
    state.alert(
        "P2", f"order {event.tag}: outcome unknown ({event.detail}); looking it up, not sending again"
    )
    state.looks = 0
    state.watch_orders(_FIRST_LOOK)
    if state.careful:
        state.unreconciled = "the outcome of an order is not known"


def on_change(state: EngineState, event: ChangeAnswered) -> None:
    """The answer to a modification or cancel: only the order's own state decides what is true."""
    order = state.orders.by_tag.get(event.tag)
    if order is None or order.final or event.taken:
        return
    state.note("change_refused", f"{event.change} refused: {event.message}", tag=event.tag)
    order.message = event.message
    change_refused(state, order, event.change)
    state.read_orders()


def on_update(state: EngineState, event: OrderUpdate) -> None:
    """The broker's word on one order."""
    take(state, event.report, pushed=True)


def take(state: EngineState, report: OrderReport, *, pushed: bool = False) -> None:
    """One order as the broker reports it; an order that is not ours is left alone (I16)."""
    order = state.orders.by_tag.get(report.tag)
    if order is None:
        orphans.stranger(state, report, pushed=pushed)
        return
    wrong = orphans.impossible(report)
    if wrong:
        orphans.malformed(state, order, report, wrong)
        return
    state.books.malformed.discard(report.order_id)
    order = orphans.twin(state, order, report)
    before, dark = order.state, _dark(order)
    shown, unpriced = order.shown, order.unpriced
    changed = order.report(report)
    if changed:
        _filled(state, order, unpriced=unpriced)
    # A change that was believed lost may arrive late and overtake a newer one: the shape is news, too.
    if changed or order.state is not before or order.shown != shown:
        text = f"order {order.order_id} {order.state}, {order.filled} of {order.quantity} filled"
        text += f" at Rs {rupees(order.average)}" if order.filled else ""
        state.note("order", text, tag=order.tag, state=str(order.state), filled=order.filled)
        after(state, order)
    _resolved(state, order, dark=dark)
    _unwanted(state, order)


def _dark(order: Order) -> bool:
    """Whether we do not know what has become of it, or have only concluded it."""
    return order.state in _DARK or order.given_up


def _resolved(state: EngineState, order: Order, *, dark: bool) -> None:
    """An outcome that was not known is known now: both books are read before anything enters."""
    if dark and order.state not in _DARK:
        cadence.doubt(state, "an order's outcome has just become known")


def _unwanted(state: EngineState, order: Order) -> None:
    """An entry found late or given up on its way, or a sell in whose place another is: cancel it at once."""
    run = state.by_strategy[order.request.strategy]
    if order.doubled:
        orphans.end_twin(state, order)
        return
    if order.final:
        return
    if order.request.role is not Role.ENTRY:
        if order.tag != run.exit_tag:
            end_late(state, run, order)
        return
    if run.drop or (run.cancel_wanted and order.state is not OrderState.CANCELLING):
        cancel_entry(state, run)


def _filled(state: EngineState, order: Order, *, unpriced: bool) -> None:
    run = state.by_strategy[order.request.strategy]
    position = run.position
    if position is None:
        position = run.position = Position(order.request.instrument, state.now)
    units = (position.bought, position.own_sold)
    _add_up(state, run, position)
    more = units != (position.bought, position.own_sold)
    if more:
        state.books.filled_at[order.request.instrument.name] = state.now
        _tell_odd_lot(state, order)
    if run.trade is not None:
        _after_the_trade(state, run, position, order, known=unpriced and not more)
    elif order.request.side == "BUY":
        cadence.wake(state)
        if run.phase is Phase.DONE:  # its market data were given up
            state.emit(Subscribe((order.request.instrument.name,)))
        run.phase = Phase.HOLDING if run.leaving is None else Phase.EXITING
    else:
        if position.net < 0 and position.by_hand:
            by_hand.was_ours(state, position)
        _tell_oversold(state, position)


def _tell_oversold(state: EngineState, position: Position) -> None:
    if position.net < 0:
        state.halted = state.halted or "engine: more was sold than was held"
        name = position.instrument.name
        state.alert("P1", f"{-position.net} {name} sold too many: buy them back by hand")


def _add_up(state: EngineState, run: Run, position: Position) -> None:
    """Bought and sold are what the fills of all orders of this strategy add up to."""
    mine = [o for o in state.orders.every() if o.request.strategy == run.strategy.name]
    buys = [o for o in mine if o.request.side == "BUY"]
    sells = [o for o in mine if o.request.side == "SELL"]
    position.bought, position.buy_value = sum(o.filled for o in buys), sum(o.value for o in buys)
    position.own_sold, position.own_value = sum(o.filled for o in sells), sum(o.value for o in sells)


def _tell_odd_lot(state: EngineState, order: Order) -> None:
    if order.filled % order.request.instrument.lot_size:
        state.alert(
            "P1",
            f"order {order.order_id} has filled {order.filled}, not in whole lots: only whole lots are sold,"
            " sell the rest by hand",
        )


def _after_the_trade(state: EngineState, run: Run, position: Position, order: Order, *, known: bool) -> None:
    """News of a fill after the trade was booked: a missing price puts it right, the rest is a person's."""
    if known and run.trade is not None:
        correct_trade(state, run, position, run.trade)
        return
    state.alert(
        "P1",
        f"order {order.order_id} has changed after the trade was booked: look at the broker's positions",
    )
    _tell_oversold(state, position)


def after(state: EngineState, order: Order) -> None:
    """What an order's new state asks for."""
    run = state.by_strategy[order.request.strategy]
    position = run.position
    if run.trade is not None:
        return
    if position is None:
        _unfilled(state, run, order)
    elif order.request.side == "BUY":
        _after_buy(state, run, position, order)
    else:
        _after_sell(state, run, position, order)


def _unfilled(state: EngineState, run: Run, entry: Order) -> None:
    if entry.doubled:
        return
    if entry.state is OrderState.REJECTED:
        finish(state, run, "order_refused", entry.message)
    elif entry.final:
        reason = _DROPPED.get(run.drop, "not_filled")
        finish(state, run, reason, f"the entry has ended without a fill: {entry.message or entry.state}")


def _after_buy(state: EngineState, run: Run, position: Position, order: Order) -> None:
    if position.net <= 0:
        wind_up(state, run, position, order)
    elif run.leaving is not None:
        cover_more(state, run, position)
    elif state.halted is not None or run.drop or run.time_due:
        reason = "halt" if state.halted is not None else run.drop or "time"
        leave_now(state, run, position, reason)
    else:
        protect(state, run, position)


def _after_sell(state: EngineState, run: Run, position: Position, order: Order) -> None:
    if position.sold:
        cancel_entry(state, run)
    if position.net <= 0:
        wind_up(state, run, position, order)
    elif order.doubled and run.leaving is None:
        protect(state, run, position)
    elif order.tag != run.exit_tag or order.doubled:
        cover_more(state, run, position)
    elif order.final:
        repair(state, run, position, f"{order.state}: {order.message}" if order.message else str(order.state))
    elif order.state in (OrderState.OPEN, OrderState.PENDING) and run.leaving is None:
        state.timer(f"{run.strategy.name}:triggered", state.now + _TRIGGER_PATIENCE)
    elif order.state in (OrderState.OPEN, OrderState.TRIGGER_PENDING) and run.leaving is not None:
        keep_chasing(state, run, order)
    elif order.state is OrderState.TRIGGER_PENDING:
        keep_resting(state, run, position, order)
