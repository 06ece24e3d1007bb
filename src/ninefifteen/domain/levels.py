"""Where a position is left: target, stop, working stop, stop limit, and what each would cost.

All prices are paise on the tick grid, quantities units, percentages exact fractions. The rules are
`design/strategy.md` Exit, Limits and X1/X5, and `reference/reliability.md` section 0.5 for the limit
of a stop order.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from .charges import UNITS_PER_PAISA, ChargeRates, total_units
from .money import Paise, down_to_tick, up_to_tick
from .order_limits import OrderLimits

_ROOM_PERCENT = 5
_ROOM: Paise = 200
"""How far inside price protection a stop's limit stays: 5 % of the price, or Rs 2 where it is in rupees."""
_ROUND_TRIP = 2
"""Executed orders of a buy and the sell that ends it."""


def percent(value: Decimal | int | Fraction) -> Fraction:
    """A percentage of the settings as an exact share: 8 -> 2/25."""
    return Fraction(value) / 100


def level(price: Paise, change_pct: Decimal | int | Fraction, tick: Paise) -> Paise:
    """`price` changed by `change_pct` percent, rounded up to the tick (every level is: X1)."""
    exact = price * (1 + percent(change_pct))
    return -(-exact.numerator // (exact.denominator * tick)) * tick


def worsened(price: Paise, pct: Fraction, tick: Paise, *, buying: bool) -> Paise:
    """`price` made worse by `pct` percent and rounded to the tick against us (E4); one tick at least.

    Without slippage it is the price itself, also where it is off the tick grid.
    """
    if not pct:
        return price
    if buying:
        exact = price * (1 + pct / 100)
        return -(-exact.numerator // (exact.denominator * tick)) * tick
    exact = price * (1 - pct / 100)
    return max(exact.numerator // (exact.denominator * tick) * tick, tick)


def stop_order_limit(trigger: Paise, tick: Paise, last: Paise, limits: OrderLimits) -> Paise:
    """The limit of a stop-limit sell: far enough to fill, near enough not to be refused or cancelled.

    Price protection is checked again when the stop triggers, so the limit stays inside it with some
    room; and a broker refuses a sell far below the `last` price, so it stays above that, too.
    """
    if trigger > limits.lpp_reference:
        limit = last * (100 - limits.far_sell_percent + _ROOM_PERCENT) // 100
        if limits.lpp_percent:
            limit = max(limit, trigger * (100 - limits.lpp_percent + _ROOM_PERCENT) // 100)
    else:
        limit = trigger - limits.lpp_rupees + _ROOM
    return min(max(up_to_tick(limit, tick), tick), trigger)


def cost(rates: ChargeRates, buy_value: Paise, sell_value: Paise, orders: int = _ROUND_TRIP) -> Fraction:
    """All charges of a round trip as exact paise."""
    return Fraction(total_units(rates, buy_value, sell_value, orders), UNITS_PER_PAISA)


def loss_at(
    entry: Paise, leave: Paise, quantity: int, rates: ChargeRates, half_spread: Fraction = Fraction(0)
) -> Fraction:
    """What buying at `entry` and leaving at `leave` loses in paise, charges and half a spread included."""
    spent = cost(rates, entry * quantity, leave * quantity) + (entry - leave) * quantity
    return spent + half_spread * quantity if half_spread else spent


def working_stop(  # noqa: PLR0913, PLR0917 - one rule with its seven quantities, named at every call
    entry: Paise,
    stop: Paise,
    tick: Paise,
    quantity: int,
    rates: ChargeRates,
    budget: Fraction,
    half_spread: Fraction = Fraction(0),
) -> Paise | None:
    """The lowest price on the tick grid, from `stop` up, whose loss fits in `budget` paise (X5).

    None when even one tick below the entry loses more. The loss falls as the price rises, so a
    `stop` that fits is the answer itself, and otherwise the grid is searched by halving. Losses are
    compared as whole `UNITS_PER_PAISA`-ths of a paisa: it is exact, and an order waits for it.
    """
    low = up_to_tick(stop, tick) // tick
    high = down_to_tick(entry - 1, tick) // tick
    if high < low:
        return None
    most = floor((budget - half_spread * quantity) * UNITS_PER_PAISA)
    buy_value = entry * quantity

    def fits(leave: Paise) -> bool:
        sell_value = leave * quantity
        charged = total_units(rates, buy_value, sell_value, _ROUND_TRIP)
        return charged + (buy_value - sell_value) * UNITS_PER_PAISA <= most

    if fits(low * tick):
        return low * tick
    if not fits(high * tick):
        return None
    low += 1
    while low < high:
        middle = (low + high) // 2
        if fits(middle * tick):
            high = middle
        else:
            low = middle + 1
    return low * tick


def break_even(profit: Fraction, loss: Fraction) -> float:
    """The share of trades that must reach the target for the two levels to earn nothing; 1.0 if never."""
    if profit <= 0:
        return 1.0
    return float(loss / (profit + loss))
