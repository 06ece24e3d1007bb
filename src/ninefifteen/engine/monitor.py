"""The position monitor: on each observation, in this order: halt, stop, target, risk, time."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.events import Bar, EndOfData, LastPrice, Quote
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.levels import cost, level

from .exits import leave, leave_now, move_stop
from .state import EngineState, Phase, Position, Run

_STOP_GRACE = SECOND
"""The broker's stop gets this long to trigger before the engine leaves by itself."""


def on_quote(state: EngineState, run: Run, quote: Quote) -> None:
    """A book of the held contract."""
    position = run.position
    if position is None or position.net <= 0 or quote.name != position.instrument.name:
        return
    if run.leaving is not None:
        return
    if state.halted is not None:
        leave_now(state, run, "halt")
    elif _stop_touched(state, run, position, quote):
        leave_now(state, run, "stop")
    elif quote.bid >= position.target and quote.bid_quantity >= position.net:
        leave(state, run, "target", position.target)
    elif _loss_limit_reached(state, run, position, quote):
        leave_now(state, run, "risk")
    elif run.time_due:
        leave_now(state, run, "time")
    else:
        _trail(state, run, position, quote)


def _stop_touched(state: EngineState, run: Run, position: Position, quote: Quote) -> bool:
    """The second line behind the broker's own stop: two books in a row at the level, one second on."""
    if quote.bid <= 0 or quote.ask <= 0 or quote.bid + quote.ask > 2 * position.stop:
        run.stop_seen = None
        return False
    since, count = run.stop_seen if run.stop_seen is not None else (state.now, 0)
    run.stop_seen = (since, count + 1)
    return count + 1 >= 2 and state.now - since >= _STOP_GRACE


def _loss_limit_reached(state: EngineState, run: Run, position: Position, quote: Quote) -> bool:
    """Marked at the bid with charges, on two two-sided books at least one second apart."""
    if quote.bid <= 0 or quote.ask <= 0:
        return False
    if state.net_today + open_result(state, position, quote.bid) > -state.max_daily_loss:
        run.loss_seen_at = None
        return False
    if run.loss_seen_at is None:
        run.loss_seen_at = state.now
    return state.now - run.loss_seen_at >= SECOND


def open_result(state: EngineState, position: Position, price: int) -> Fraction:
    """What the position would have earned, in paise after charges, if the rest were sold at `price`."""
    sell_value = position.sell_value + position.net * price
    return sell_value - position.buy_value - cost(state.day.rates, position.buy_value, sell_value)


def _trail(state: EngineState, run: Run, position: Position, quote: Quote) -> None:
    exits = run.strategy.exits
    if quote.bid <= position.best_bid:
        return
    position.best_bid = quote.bid
    tick = position.instrument.tick
    if exits.trail_pct:
        move_stop(state, run, level(quote.bid, -exits.trail_pct, tick))
    if exits.breakeven_pct and quote.bid >= level(position.average, exits.breakeven_pct, tick):
        move_stop(state, run, position.average)


def on_last(state: EngineState, run: Run, event: LastPrice) -> None:
    """A recorded last price of the held contract (X2): time first once it is due, else stop, target."""
    position = run.position
    if position is None or position.net <= 0 or event.name != position.instrument.name:
        return
    if run.leaving is not None or event.at <= position.entry_at:
        return
    _observed(run, position, event.at, event.price)
    if state.halted is not None:
        leave(state, run, "halt", event.price)
    elif run.time_due:
        leave(state, run, "time", event.price)
    elif event.price <= position.stop:
        leave(state, run, "stop", event.price)
    elif event.price >= position.target:
        leave(state, run, "target", position.target)


def _observed(run: Run, position: Position, at: int, price: int) -> None:
    position.observed += 1
    position.longest_gap = max(position.longest_gap, at - position.last_observed_at)
    position.last_observed_at = at
    run.seen_price = (at, price)


def on_bar(state: EngineState, run: Run, bar: Bar) -> None:
    """A bar of the held contract (X4): a gap at its open, then stop before target, then time.

    The path inside a bar is unknown, so a stop or target exit has no time.
    """
    position = run.position
    if (
        position is None
        or position.net <= 0
        or bar.name != position.instrument.name
        or run.leaving is not None
    ):
        return
    _observed(run, position, bar.at, bar.close)
    if not bar.opening and bar.open <= position.stop:
        leave(state, run, "stop", bar.open)
    elif not bar.opening and bar.open >= position.target:
        leave(state, run, "target", bar.open)
    elif bar.low <= position.stop:
        run.ambiguous = bar.high >= position.target
        run.exit_time_unknown = True
        leave(state, run, "stop", position.stop)
    elif bar.high >= position.target:
        run.exit_time_unknown = True
        leave(state, run, "target", position.target)
    elif run.time_due or bar.at >= run.hours.exit_at:
        leave(state, run, "time", bar.close)


def on_end_of_data(state: EngineState, run: Run, event: EndOfData) -> None:
    """Nothing more will be seen: leave at the last price seen after the entry, or say there was none."""
    position = run.position
    if run.phase is Phase.WATCHING:
        return
    if position is None or position.net <= 0 or run.leaving is not None:
        return
    if run.seen_price is None:
        run.no_data = "no_exit_observation"
        run.phase = Phase.DONE
        return
    seen_at, price = run.seen_price
    position.exit_at = seen_at
    run.notes.append("no observation at or after exit_at: left at the last one before it")
    leave(state, run, "time", price)


def time_is_up(state: EngineState, run: Run) -> None:
    """The square-off time: leave at once where there is a book, else on the next observation."""
    run.time_due = True
    position = run.position
    if position is None or position.net <= 0 or run.leaving is not None:
        return
    if position.instrument.name in state.quotes:
        leave_now(state, run, "time")
