"""At which price an exit offers: under a fresh bid; without one, down from the stop's own limit.

A bid that is too old says nothing about where the market is now, so it must not take the place of a
stop that rests lower (`reference/reliability.md` 4a.10, 4a.13). A price that was refused is not asked
again for a while: the next one is nearer to what the broker takes (row 18). Words are not read.
"""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.levels import stop_order_limit
from ninefifteen.domain.money import Paise, down_to_tick, up_to_tick
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.order_limits import price_range

from .entry import FRESH
from .orders import Order
from .state import EngineState, Leaving, Position, Run

_LADDER = tuple(Fraction(part, 100) for part in (99, 97, 94, 90))
"""How far under the bid an exit goes, step by step (`reference/reliability.md` 4a.10)."""
_BLIND = tuple(Fraction(part, 100) for part in (100, 97, 94, 90, 85, 80, 70, 60))
"""The same from the stop's own limit, where no bid is known; after these, half of it each step."""
_KNOWN = 60 * SECOND
"""So long the last bid is worth a try where none is fresh."""
_HOLDS = 3 * SECOND
_DOUBLINGS = 8
"""So long a refused price is left alone at first, and how often that doubles."""
_NEAR = Fraction(103, 100)
"""A resting limit so little above a refused one is as good as it gets."""
_RISE = 8
_STEEPEST = 4


def fresh_bid(state: EngineState, position: Position) -> Paise:
    """The best bid if the quote is young enough to decide by (I11), else 0."""
    quote = state.quotes.get(position.instrument.name)
    return quote.bid if quote is not None and state.now - quote.exchange_at <= FRESH else 0


def stop_limit(state: EngineState, run: Run, position: Position) -> Paise:
    """The limit of the stop that rests, or rested before the exit; else what a stop's limit would be."""
    if run.leaving is not None:
        return run.leaving.stop_limit
    order = state.orders.by_tag.get(run.exit_tag)
    if order is not None and not order.final and order.type == "SL":
        return order.limit
    base, tick = position.stop or position.average, position.instrument.tick
    return stop_order_limit(base, tick, position.best_bid or position.average, state.day.limits)


def exit_price(state: EngineState, run: Run, position: Position, step: int) -> Paise:
    """The limit of an exit `step` steps in: inside the day's band, and not one that was just refused."""
    bid = fresh_bid(state, position) or _late_bid(state, position, step)
    wanted = _under(state, position, bid, step) if bid else _blind(state, run, position)
    leaving = run.leaving
    if leaving is None or not leaving.refused_limit or wanted > leaving.refused_limit:
        return wanted
    holds = _HOLDS << min(leaving.refusals - 1, _DOUBLINGS)
    if state.now - leaving.refused_at > holds:
        return wanted
    order = state.orders.by_tag.get(run.exit_tag)
    if order is not None and order.state is OrderState.OPEN and order.limit > leaving.refused_limit:
        return _between(position, leaving, order)
    return _above(state, position, leaving) or wanted


def inside(state: EngineState, position: Position, limit: Paise) -> Paise:
    """A limit moved into the day's band and, where a fresh price tells it, into price protection (I10).

    One that was right when it was asked may be outside by now: the change of its units would be refused.
    """
    instrument, quote = position.instrument, state.quotes.get(position.instrument.name)
    lowest = max(instrument.band_low, instrument.tick)
    if quote is not None and state.now - quote.exchange_at <= FRESH:
        lowest = max(lowest, price_range(quote.bid or quote.last, state.day.limits)[0])
    limit = max(limit, up_to_tick(lowest, instrument.tick))
    return min(limit, down_to_tick(instrument.band_high, instrument.tick) or limit)


def refused(leaving: Leaving, order: Order, at: Instant) -> None:
    """An exit was refused, perhaps for its price; of one that rests at the edge, the edge is known."""
    leaving.refusals += 1
    leaving.refused_at = at
    low = leaving.refused_limit
    if not low < order.limit <= low * _NEAR:
        leaving.refused_limit = order.asked.limit


def _late_bid(state: EngineState, position: Position, step: int) -> Paise:
    seen_at, bid = position.seen_bid
    quote = state.quotes.get(position.instrument.name)
    if quote is not None and quote.bid > 0:  # perhaps from before the fill
        seen_at, bid = quote.exchange_at, quote.bid
    return bid if step < len(_LADDER) and state.now - seen_at < _KNOWN else 0


def _under(state: EngineState, position: Position, bid: Paise, step: int) -> Paise:
    """A limit under the bid, inside price protection and the day's band; never below one tick."""
    instrument = position.instrument
    price = down_to_tick(int(bid * _LADDER[min(step, len(_LADDER) - 1)]), instrument.tick)
    lowest = max(price_range(bid, state.day.limits)[0], instrument.band_low, instrument.tick)
    return max(price, up_to_tick(lowest, instrument.tick))


def _blind(state: EngineState, run: Run, position: Position) -> Paise:
    """Nobody knows the bid: from the stop's limit downwards, to the lowest price of the day.

    Where that is not known, to a tenth of the limit. A fresh last price says what is protected.
    """
    instrument, step = position.instrument, run.leaving.blind if run.leaving is not None else 0
    start, last = stop_limit(state, run, position), len(_BLIND) - 1
    part = _BLIND[min(step, last)] / (1 << max(step - last, 0))
    lowest = max(instrument.band_low or start // 10, instrument.tick)
    quote = state.quotes.get(instrument.name)
    if quote is not None and quote.last > 0 and state.now - quote.exchange_at <= FRESH:
        lowest = max(lowest, price_range(quote.last, state.day.limits)[0])
    return max(down_to_tick(int(start * part), instrument.tick), up_to_tick(lowest, instrument.tick))


def _between(position: Position, leaving: Leaving, order: Order) -> Paise:
    """A lower price than the one that rests was refused: halfway, or where that is near it, nothing.

    Twice in a row: one tick, which shows whether it is the price or the order that cannot be changed.
    """
    low, rests, tick = leaving.refused_limit, order.limit, position.instrument.tick
    if leaving.in_a_row > 1:
        return rests - tick if rests - tick > low else rests + tick
    if rests <= low * _NEAR:
        return rests
    return max(down_to_tick((low + rests) // 2, tick), low + tick)


def _above(state: EngineState, position: Position, leaving: Leaving) -> Paise:
    """Nothing rests as a limit: the bid itself, then further up each time; 0 past every price we know."""
    low, instrument = leaving.refused_limit, position.instrument
    bid = fresh_bid(state, position)
    if leaving.in_a_row <= 1 and bid > low:
        return bid
    rise = 1 << min(max(leaving.in_a_row, 1), _STEEPEST) - 1
    price = up_to_tick(low + -(-low * rise // _RISE), instrument.tick)
    highest = max(position.average, position.target, position.best_bid, bid)
    return price if price <= highest else 0
