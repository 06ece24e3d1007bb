"""Ticks, target, stop and the tightened working stop (X1, X5, E4)."""

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .charges import round_trip
from .settings import Settings

HUNDRED = Decimal(100)


def up(price: Decimal, tick: Decimal) -> Decimal:
    """The lowest multiple of the tick that is not below `price`."""
    return (price / tick).to_integral_value(ROUND_CEILING) * tick


def down(price: Decimal, tick: Decimal) -> Decimal:
    """The highest multiple of the tick that is not above `price`."""
    return (price / tick).to_integral_value(ROUND_FLOOR) * tick


def bought_at(price: Decimal, tick: Decimal, settings: Settings) -> Decimal:
    """E4: the entry after slippage, rounded to the tick against us; not worsened, it stays as it traded."""
    if not settings.slippage_pct:
        return price
    return up(price * (HUNDRED + settings.slippage_pct) / HUNDRED, tick)


def sold_at(price: Decimal, tick: Decimal, settings: Settings) -> Decimal:
    """E4: an exit after slippage, rounded to the tick against us; see `bought_at`."""
    if not settings.slippage_pct:
        return price
    return down(price * (HUNDRED - settings.slippage_pct) / HUNDRED, tick)


def target_level(entry: Decimal, tick: Decimal, settings: Settings) -> Decimal:
    """X1."""
    return up(entry * (HUNDRED + settings.target_pct) / HUNDRED, tick)


def stop_level(entry: Decimal, tick: Decimal, settings: Settings) -> Decimal:
    """X1."""
    return up(entry * (HUNDRED - settings.stop_pct) / HUNDRED, tick)


def working_stop(
    day: date, entry: Decimal, quantity: int, tick: Decimal, settings: Settings
) -> Decimal | None:
    """X5: the lowest tick from the stop level up whose loss with charges fits; None: none below the entry.

    The backtest has one trade a day, so the whole of `max_daily_loss` is left. With `refuse` only the stop
    level itself is tried. Without the daily limit nothing is tightened.
    """
    price = stop_level(entry, tick, settings)
    if not settings.daily_limit:
        return price
    while price < entry:
        loss = (entry - price) * quantity + round_trip(day, entry, price, quantity)
        if loss <= settings.max_daily_loss:
            return price
        if settings.when_stop_exceeds_limit == "refuse":
            return None
        price += tick
    return None
