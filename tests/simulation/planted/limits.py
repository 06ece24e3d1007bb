"""Broken limits: what may be sent, when, how often and at what price."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from ninefifteen.domain.instants import MINUTE
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import ApprovedOrder, OrderRequest
from ninefifteen.engine import entry, exit_price, exits, guard, monitor, risk
from ninefifteen.engine.orders import Shape
from ninefifteen.engine.state import EngineState, Position, Run

from .swapping import Swap, changed, swapped, together


def wrong_lot() -> Swap:
    """The quantity is that of another expiry: no multiple of today's lot."""
    shipped = risk.approve_entry

    def approve(state: EngineState, run: Run, request: OrderRequest) -> ApprovedOrder | risk.Refusal:
        answer = shipped(state, run, request)
        if isinstance(answer, risk.Refusal):
            return answer
        wrong = msgspec.structs.replace(request, quantity=request.quantity + 1)
        return ApprovedOrder(wrong, answer.approved_at)

    return swapped(shipped, approve)


def stop_outside_the_band() -> Swap:
    """The stop's limit is a tenth of its trigger, "to be sure that it sells"."""
    shipped = guard._stop_shape

    def stop_shape(state: EngineState, position: Position, quantity: int) -> Shape:
        shape, tick = shipped(state, position, quantity), position.instrument.tick
        return msgspec.structs.replace(shape, limit=max(shape.trigger // 10 // tick * tick, tick))

    return swapped(shipped, stop_shape)


def entry_after_the_window() -> Swap:
    """Nobody looks at the clock before an entry, and the cutoff comes five minutes late."""
    shipped = entry.close_window

    def close_window(state: EngineState, run: Run) -> None:
        if state.now < run.hours.cutoff_at + 5 * MINUTE:
            state.timer(f"{run.strategy.name}:cutoff", state.now + 5 * MINUTE)
        else:
            shipped(state, run)

    return together(swapped(shipped, close_window), swapped(risk._window, lambda state, run: None))


def stale_prices() -> Swap:
    """Prices of an hour ago are as good as new ones."""
    return together(changed(entry, "FRESH", 60 * MINUTE), changed(monitor, "FRESH", 60 * MINUTE))


def no_budget() -> Swap:
    """An order may be changed as often as it takes."""
    return together(changed(exits, "BUDGET", 10**6), changed(guard, "BUDGET", 10**6))


def repairs_without_a_pause() -> Swap:
    """A sale that is refused is tried again at once, for ever."""
    return changed(exits, "_REPAIRS_AT_ONCE", 10**6)


def too_much_protected() -> Swap:
    """The stop covers what was ordered, not what was filled."""
    shipped = guard._stop_shape

    def stop_shape(state: EngineState, position: Position, quantity: int) -> Shape:
        ordered = max(order.request.quantity for order in state.orders.by_tag.values())
        return shipped(state, position, max(quantity, ordered))

    return together(
        swapped(shipped, stop_shape),
        swapped(risk.approve_exit, lambda state, run, request: ApprovedOrder(request, state.now)),
    )


def alarm_swallowed() -> Swap:
    """Nobody is told that something is still held after the square-off time."""
    shipped = EngineState.alert

    def alert(state: EngineState, severity: str, text: str) -> None:
        runs = [run for run in state.runs if state.now >= run.hours.exit_at]
        if not runs:
            shipped(state, severity, text)

    return changed(EngineState, "alert", alert)


def never_leaves_at_exit_at() -> Swap:
    """The square-off time comes and goes."""

    def time_is_up(state: EngineState, run: Run) -> None:
        run.time_due = True

    return together(swapped(monitor.time_is_up, time_is_up), alarm_swallowed())


def local_stop_never_runs() -> Swap:
    """The second line behind the broker's stop is not there."""
    return together(
        swapped(monitor._stop_touched, lambda state, run, position, quote: False),
        swapped(guard.triggered, lambda state, run: None),
        swapped(guard.unprotected, lambda state, run: None),
    )


def half_price_ladder() -> Swap:
    """The exit goes to half the bid at once and forgets price protection."""

    def price(state: EngineState, run: Run, position: Position, step: int) -> Paise:
        quote, tick = state.quotes.get(position.instrument.name), position.instrument.tick
        base = (quote.bid or quote.last) if quote is not None else position.average
        return max(int(base * Fraction(45, 100)) // tick * tick, tick)

    return together(
        swapped(exit_price.exit_price, price),
        swapped(exit_price.inside, lambda state, position, limit: limit),
    )
