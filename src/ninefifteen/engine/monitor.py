"""The position monitor: on each observation, in this order: stop, target, risk, time.

A halt does not wait for an observation: the command itself starts the exit.
"""

from __future__ import annotations

from ninefifteen.domain.events import Bar, LastPrice, Quote
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.levels import level

from .entry import FRESH
from .exits import leave, leave_now, press_on
from .exposure import day_result
from .guard import raise_stop
from .state import EngineState, Phase, Position, Run

_STOP_GRACE = SECOND
"""The broker's stop gets this long to trigger before the engine leaves by itself."""


def on_quote(state: EngineState, run: Run, quote: Quote) -> None:
    """A book of the held contract; a stale one decides nothing (I11)."""
    position = run.position
    if position is None or position.net <= 0 or quote.name != position.instrument.name:
        return
    if quote.bid > 0 and state.quotes.get(quote.name) is quote:  # not one from before the opening
        position.seen_bid = (quote.exchange_at, quote.bid)
    if run.leaving is not None or state.now - quote.exchange_at > FRESH:
        return
    if _stop_touched(state, run, position, quote):
        leave_now(state, run, position, "stop")
    elif _bid_for(quote, position.target) >= position.net:
        leave(state, run, position, "target", position.target)
    elif quote.bid > 0 and quote.ask > 0 and _loss_limit_reached(state, run):
        leave_now(state, run, position, "risk")
    else:
        _trail(state, run, position, quote)


def _stop_touched(state: EngineState, run: Run, position: Position, quote: Quote) -> bool:
    """The second line behind the broker's own stop: books at the level for at least one second."""
    if quote.bid <= 0 or quote.ask <= 0 or quote.bid + quote.ask > 2 * position.stop:
        run.stop_seen_at = None
        return False
    if run.stop_seen_at is None:
        run.stop_seen_at = state.now
    return state.now - run.stop_seen_at >= _STOP_GRACE


def _bid_for(quote: Quote, price: int) -> int:
    """Units the visible book would take at `price` or better."""
    levels = ((quote.bid, quote.bid_quantity), *quote.more_bids)
    return sum(quantity for bid, quantity in levels if bid >= price)


def _loss_limit_reached(state: EngineState, run: Run) -> bool:
    """The whole day marked at the bid with charges, on two two-sided books at least one second apart."""
    if day_result(state) > -state.max_daily_loss:
        run.loss_seen_at = None
        return False
    if run.loss_seen_at is None:
        run.loss_seen_at = state.now
    return state.now - run.loss_seen_at >= SECOND


def _trail(state: EngineState, run: Run, position: Position, quote: Quote) -> None:
    exits, tick = run.strategy.exits, position.instrument.tick
    if quote.bid <= position.best_bid:
        return
    position.best_bid = quote.bid
    if exits.trail_pct:
        raise_stop(state, run, position, level(quote.bid, -exits.trail_pct, tick))
    if exits.breakeven_pct and quote.bid >= level(position.average, exits.breakeven_pct, tick):
        raise_stop(state, run, position, position.average)


def on_last(state: EngineState, run: Run, event: LastPrice) -> None:
    """A recorded last price of the held contract (X2): time first once it is due, else stop, target."""
    position = run.position
    if position is None or position.net <= 0 or event.name != position.instrument.name:
        return
    if run.leaving is not None or event.at <= position.entry_at:
        return
    _observed(run, position, event.at, event.price)
    if run.time_due:
        leave(state, run, position, "time", event.price)
    elif event.price <= position.stop:
        leave(state, run, position, "stop", event.price)
    elif event.price >= position.target:
        leave(state, run, position, "target", position.target)


def _observed(run: Run, position: Position, at: int, price: int) -> None:
    position.longest_gap = max(position.longest_gap, at - position.last_observed_at)
    position.last_observed_at = at
    run.seen_price = (at, price)


def on_bar(state: EngineState, run: Run, bar: Bar) -> None:
    """A bar of the held contract (X4): a gap at its open, then stop before target, then time.

    The path inside a bar is unknown, so a stop or target exit has no time.
    """
    position = run.position
    if position is None or position.net <= 0 or bar.name != position.instrument.name:
        return
    if run.leaving is not None:
        return
    _observed(run, position, bar.at, bar.close)
    if not bar.opening and bar.open <= position.stop:
        leave(state, run, position, "stop", bar.open)
    elif not bar.opening and bar.open >= position.target:
        leave(state, run, position, "target", bar.open)
    elif bar.low <= position.stop:
        run.ambiguous = bar.high >= position.target
        run.exit_time_unknown = True
        leave(state, run, position, "stop", position.stop)
    elif bar.high >= position.target:
        run.exit_time_unknown = True
        leave(state, run, position, "target", position.target)
    elif run.time_due or bar.at >= run.hours.exit_at:
        leave(state, run, position, "time", bar.close)


def on_end_of_data(state: EngineState, run: Run) -> None:
    """Nothing more will be seen: leave at the last price seen after the entry, or say there was none."""
    position = run.position
    if position is None or position.net <= 0 or run.leaving is not None:
        return
    if run.seen_price is None:
        run.no_data = "no_exit_observation"
        run.phase = Phase.DONE
        return
    seen_at, price = run.seen_price
    position.exit_at = seen_at
    run.notes.append("no observation at or after exit_at: left at the last one before it")
    leave(state, run, position, "time", price)


def time_is_up(state: EngineState, run: Run) -> None:
    """The square-off time: leave at once; on recorded observations at the next one (X2)."""
    run.time_due = True
    position = run.position
    if position is not None and position.net > 0 and not state.observed:
        press_on(state, run)
        leave_now(state, run, position, "time")
