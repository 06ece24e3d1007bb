"""Guarding what is held: the stop that rests at the broker, of exactly the held quantity."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.effects import Cancel
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.levels import level, stop_order_limit
from ninefifteen.domain.money import Paise, rupees, up_to_tick
from ninefifteen.domain.order import OrderState, Role

from . import proof
from .exits import BUDGET, FAST_STEPS, SEEN_AFTER, covering, leave_now, morph, sell
from .orders import Order, Shape
from .planning import make_plan
from .state import EngineState, Phase, Position, Run

_SAY_AGAIN = 60 * SECOND
_CANCEL_AGAIN = 5 * SECOND
_CANCELS_SOON = 12
_PENDING_LOOKS = 4
_RAISE_BY = Fraction(102, 100)
"""The broker's stop follows a raised one in steps of 2 %: its modifications are numbered (I17)."""
_NOT_SEEN = (OrderState.SENDING, OrderState.ACKED, OrderState.UNKNOWN, OrderState.PARKED)


def protect(state: EngineState, run: Run, position: Position) -> None:
    """Set the levels from the average fill and keep a stop-limit of exactly the held quantity."""
    _set_levels(state, run, position)
    order = state.orders.by_tag.get(run.exit_tag)
    name = run.strategy.name
    if order is None or order.final:
        sell(state, run, position, Role.PROTECT, _stop_shape(state, position, position.sellable))
    elif order.state is OrderState.OPEN:
        # The stop has triggered: a limit order cannot become a stop again, so all of it is sold.
        leave_now(state, run, position, "stop")
    else:
        morph(state, position, order, _stop_shape(state, position, covering(position, order)))
    if f"{name}:unprotected" not in state.timers:
        state.timer(f"{name}:unprotected", state.now + SEEN_AFTER)


def keep_resting(state: EngineState, run: Run, position: Position, order: Order) -> None:
    """A stop seen resting has to cover what is held at the trigger asked for; mended a second apart.

    What does not is told should it last (`unprotected`). A wrong trigger alone leaves changes for the exit.
    """
    elsewhere = _elsewhere(state, position, order)
    whole = order.quantity == covering(position, order)
    if whole and not elsewhere:
        return
    if f"{run.strategy.name}:unprotected" not in state.timers:
        state.timer(f"{run.strategy.name}:unprotected", state.now + SEEN_AFTER)
    if whole and order.modifications >= BUDGET - FAST_STEPS:
        return
    if state.now - order.last_change_at < SECOND:
        state.timer(f"{run.strategy.name}:guard", state.now + SECOND)
    else:
        protect(state, run, position)


def _elsewhere(state: EngineState, position: Position, order: Order) -> bool:
    """Whether the stop rests at a trigger that was not asked for last and is not the level either."""
    wanted = _stop_shape(state, position, order.quantity).trigger
    return order.trigger not in (order.asked.trigger, wanted)


def look_again(state: EngineState, run: Run) -> None:
    """The pause after a change of the stop is over: see that it is what it has to be."""
    position, order = run.position, state.orders.by_tag.get(run.exit_tag)
    if position is None or order is None or position.net <= 0 or run.leaving is not None:
        return
    if order.state is OrderState.TRIGGER_PENDING:
        keep_resting(state, run, position, order)


def raise_stop(state: EngineState, run: Run, position: Position, stop: Paise) -> None:
    """Raise the stop (trailing, breakeven); it is never lowered. Up to the tick, like every level."""
    tick = position.instrument.tick
    stop = up_to_tick(stop, tick)
    if stop <= position.stop:
        return
    position.stop = position.raised = stop
    order = state.orders.by_tag.get(run.exit_tag)
    if order is None or order.state is not OrderState.TRIGGER_PENDING:
        return
    if order.modifications < BUDGET - FAST_STEPS and stop >= order.trigger * _RAISE_BY:
        morph(state, position, order, _stop_shape(state, position, order.quantity))


def unprotected(state: EngineState, run: Run) -> None:
    """Five seconds after a fill a sell for all of it must work at the broker (I7); else leave and say so.

    A stop for all of it at a wrong trigger is told only: the engine itself watches the right level.
    """
    position = run.position
    if position is None or position.net <= 0:
        return
    order = state.orders.by_tag.get(run.exit_tag)
    seen = order is not None and not order.final and order.state not in _NOT_SEEN
    if order is not None and seen and order.quantity == covering(position, order):
        _tell_trigger(state, run, position, order)
        return
    state.timer(f"{run.strategy.name}:unprotected", state.now + _SAY_AGAIN)
    if run.leaving is not None:
        held = f"{position.net} {position.instrument.name}"
        state.alert("P1", f"no sell for {held} is known to work: look in the broker's app")
        return
    state.alert("P1", f"{position.instrument.name} has no full stop at the broker after 5 s: leaving")
    leave_now(state, run, position, "stop")


def _tell_trigger(state: EngineState, run: Run, position: Position, order: Order) -> None:
    name, changing = f"{run.strategy.name}:unprotected", order.state is OrderState.MODIFYING
    if run.leaving is not None or not _elsewhere(state, position, order):
        return
    state.timer(name, state.now + (SEEN_AFTER if changing else _SAY_AGAIN))
    if order.state is OrderState.TRIGGER_PENDING:
        at, asked = rupees(order.trigger), rupees(order.asked.trigger)
        state.alert("P1", f"the stop of {position.instrument.name} rests at Rs {at}, not at Rs {asked}")


def triggered(state: EngineState, run: Run) -> None:
    """The broker's stop triggered a second ago and is still open: go after the bid.

    A status that tells neither (pending) is looked up every second; if it stays, somebody has to look.
    """
    position, order = run.position, state.orders.by_tag.get(run.exit_tag)
    if position is None or order is None or position.net <= 0:
        return
    if order.state is OrderState.OPEN:
        leave_now(state, run, position, "stop")
    if order.state is not OrderState.PENDING or run.leaving is not None:
        position.pending_looks = 0
        return
    position.pending_looks += 1
    if position.pending_looks == _PENDING_LOOKS:
        state.alert("P1", f"the stop of {position.instrument.name} neither rests nor trades ({order.state})")
    state.read_orders()
    pause = SECOND if position.pending_looks <= _PENDING_LOOKS else SEEN_AFTER
    state.timer(f"{run.strategy.name}:triggered", state.now + pause)


def end_late(state: EngineState, run: Run, order: Order) -> None:
    """A sell that was given up is at the broker after all, and another has its place: cancel it, and say so.

    Again and again until its last word; meanwhile nothing is proved flat.
    """
    if run.phase is Phase.DONE:
        proof.begin(state, run.strategy.name, state.now)
    if state.now - order.told_at >= _SAY_AGAIN:
        order.told_at = state.now
        units = f"{order.remaining} {order.request.instrument.name}"
        state.alert(
            "P1",
            f"order {order.order_id}, given up as lost, is at the broker and may sell {units}: cancelling it,"
            " look in the broker's app",
        )
    pause = _CANCEL_AGAIN if order.cancels < _CANCELS_SOON else _SAY_AGAIN
    if order.remaining and state.now - order.cancelled_at >= pause:
        order.cancels += 1
        order.state, order.cancelled_at = OrderState.CANCELLING, state.now
        state.watch_orders()
        state.emit(Cancel(order.tag, order.order_id))


def _stop_shape(state: EngineState, position: Position, quantity: int) -> Shape:
    instrument = position.instrument
    lowest = up_to_tick(instrument.band_low, instrument.tick)
    stop = max(position.stop, lowest)  # a trigger outside the band is refused
    limit = stop_order_limit(stop, instrument.tick, position.best_bid or position.average, state.day.limits)
    return Shape("SL", quantity, min(max(limit, lowest), stop), stop)


def _half_spread(state: EngineState, position: Position) -> Fraction:
    """Half the spread of the last book, which selling costs on top; 0 where there is no two-sided one."""
    quote = state.quotes.get(position.instrument.name)
    if quote is None or quote.bid <= 0 or quote.ask <= 0:
        return Fraction(0)
    return Fraction(quote.ask - quote.bid, 2)


def _set_levels(state: EngineState, run: Run, position: Position) -> None:
    exits, tick, average = run.strategy.exits, position.instrument.tick, position.average
    position.target = level(average, exits.target_pct, tick)
    widest = level(average, -exits.stop_pct, tick)
    plan = make_plan(state, run, position.instrument, position.bought, average, _half_spread(state, position))
    if plan is not None:
        position.plan, planned = plan, plan.stop
    else:
        # Filled worse than any stop can make fit: keep the stop that was planned, and say so.
        planned = run.plan.stop if run.plan is not None else widest
        state.alert("P2", "the fill leaves no stop that fits in the daily limit; the planned stop is kept")
    position.stop = max(widest, planned, position.raised)
