"""At which price a position is left in an emergency: marketable, bounded, and never refused for its price.

A limit a little beyond the best price of the other side, a step further each time; inside limit price
protection, the broker's rule for far prices and the day's band (`reference/reliability.md` 4a.10).
Where nobody quotes, the last price known is discounted in larger steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, gcd

import msgspec

from ninefifteen.domain.money import Paise, down_to_tick, up_to_tick
from ninefifteen.domain.order import Side
from ninefifteen.domain.order_limits import OrderLimits, price_range

FAST_STEPS = 8
"""Steps one second apart; those after it come every ten seconds (4a.10)."""

_QUOTED = tuple(Fraction(part, 100) for part in (1, 3, 6, 10))
_UNQUOTED = tuple(Fraction(part, 100) for part in (1, 3, 6, 10, 15, 20, 30, 40))
_LEAST: Paise = 5
"""No option of the exchange has a smaller tick."""
_TICKS = (100, 50, 10, _LEAST)
_ROUNDING = 50
"""A tick may cost a fiftieth of the price at most."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the exchange shows of a contract, in paise, 0 for what it does not show.

    `low` and `high` are the day's band; `prices` further prices of it that are known to be on its tick.
    """

    bid: Paise = 0
    ask: Paise = 0
    last: Paise = 0
    low: Paise = 0
    high: Paise = 0
    prices: tuple[Paise, ...] = ()


def tick_of(prices: Iterable[Paise], price: Paise) -> Paise:
    """A step that every one of these prices is a multiple of, small beside `price`; in paise.

    Today's contract list may be out of reach in an emergency. Any multiple of the true tick is accepted
    by the exchange, so the largest common step that rounds little is as good as the tick itself.
    """
    common = gcd(*prices)
    fits = (tick for tick in _TICKS if common and common % tick == 0 and tick * _ROUNDING <= price)
    return next(fits, _LEAST)


def leaving_price(side: Side, step: int, shown: Shown, known: Paise, limits: OrderLimits) -> Paise:
    """The limit of an order that leaves now, `step` steps in; 0 where no price is known at all.

    `known` is the last price heard of elsewhere, for where the exchange shows none.
    """
    best = shown.bid if side == "SELL" else shown.ask
    base = best or shown.last or known
    if base <= 0:
        return 0
    ladder = _QUOTED if best else _UNQUOTED
    distance = ladder[min(step, len(ladder) - 1)]
    # The exchange's reference is a mean of late trades, which nobody shows: first the tighter guess.
    reference = max(base, shown.last) if step <= FAST_STEPS else base
    low, high = _bounds(reference, shown, limits)
    tick = tick_of((base, *shown.prices), base)
    lowest, highest = max(up_to_tick(low, tick), tick), down_to_tick(high, tick)
    if side == "SELL":
        wanted = down_to_tick(int(base * (1 - distance)), tick)
    else:
        wanted = up_to_tick(ceil(base * (1 + distance)), tick)
    return max(min(wanted, highest), lowest)


def _bounds(reference: Paise, shown: Shown, limits: OrderLimits) -> tuple[Paise, Paise]:
    """Lowest sell and highest buy that nobody refuses for its price."""
    low, high = price_range(reference, limits)
    last = shown.last
    if last >= limits.far_last:
        low = max(low, -(-last * (100 - limits.far_sell_percent) // 100))
        high = min(high, last * (100 + limits.far_buy_percent) // 100)
    return max(low, shown.low), min(high, shown.high) if shown.high else high
