"""F1: what the call should cost at the open, from yesterday's price and today's pre-open price."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from math import erfc, exp, log, sqrt

RATE = 0.065
LOWEST, HIGHEST = 0.01, 3.00
PAISA = Decimal("0.01")
HALVINGS = 200  # far beyond the resolution of a float: the result no longer moves


@dataclass(frozen=True)
class Known:
    """What is known before the open; prices in rupees."""

    day: date
    previous_day: date
    expiry: date
    strike: Decimal
    previous_close: Decimal
    preopen: Decimal
    previous_price: Decimal
    collar_pct: Decimal


def call_value(stock: float, strike: float, years: float, volatility: float) -> float:
    """The Black-Scholes value of a European call without dividends, in rupees."""
    spread = volatility * sqrt(years)
    d1 = (log(stock / strike) + (RATE + volatility * volatility / 2) * years) / spread
    return stock * _normal(d1) - strike * exp(-RATE * years) * _normal(d1 - spread)


def _normal(x: float) -> float:
    return erfc(-x / sqrt(2)) / 2


def implied_volatility(price: float, stock: float, strike: float, years: float) -> float | None:
    """The volatility between 0.01 and 3.00 that gives `price`, or None when none does."""
    low, high = LOWEST, HIGHEST
    if not call_value(stock, strike, years, low) <= price <= call_value(stock, strike, years, high):
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if call_value(stock, strike, years, middle) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def estimate(known: Known) -> Decimal:
    """The estimated premium with the collar, rounded up to the paisa."""
    strike = float(known.strike)
    volatility = implied_volatility(
        float(known.previous_price),
        float(known.previous_close),
        strike,
        (known.expiry - known.previous_day).days / 365,
    )
    if volatility is None:
        value = known.previous_price + max(Decimal(0), known.preopen - known.previous_close)
    else:
        years = (known.expiry - known.day).days / 365
        value = Decimal(call_value(float(known.preopen), strike, years, volatility))
    collared = value * (100 + known.collar_pct) / 100
    return collared.quantize(PAISA, ROUND_CEILING)
