"""Black and Scholes for a European call without dividends, in plain floats.

The estimate of `design/strategy.md` F1 is made with it: rate 6.5 %, calendar days / 365, implied
volatility solved between 0.01 and 3.00. Prices and strikes are rupees, years are calendar days / 365,
volatilities and rates are fractions (0.25 is 25 %).
"""

from __future__ import annotations

from math import erf, exp, log, sqrt

LOWEST_VOL = 0.01
HIGHEST_VOL = 3.0
_HALVINGS = 60  # 2.99 / 2**60 is far below the last digit of a float of this size


def normal_cdf(x: float) -> float:
    """The share of a standard normal distribution below `x`."""
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def call_price(spot: float, strike: float, years: float, vol: float, rate: float) -> float:
    """The price of the call in rupees.

    Without time or without volatility it is the discounted forward's value above the strike. Raises
    ValueError when `spot` or `strike` is not above zero.
    """
    discounted = strike * exp(-rate * years)
    spread = _spread(spot, strike, years, vol)
    if spread <= 0.0:
        return max(0.0, spot - discounted)
    d1 = log(spot / discounted) / spread + spread / 2.0
    return spot * normal_cdf(d1) - discounted * normal_cdf(d1 - spread)


def call_delta(spot: float, strike: float, years: float, vol: float, rate: float) -> float:
    """Rupees the call gains when the stock gains one rupee, 0 to 1. Raises ValueError like `call_price`."""
    discounted = strike * exp(-rate * years)
    spread = _spread(spot, strike, years, vol)
    if spread <= 0.0:
        return 1.0 if spot > discounted else 0.0
    return normal_cdf(log(spot / discounted) / spread + spread / 2.0)


def implied_vol(price: float, spot: float, strike: float, years: float, rate: float) -> float | None:
    """The volatility at which the call costs `price`; None when none from 0.01 to 3.00 does.

    Found by halving the interval, so the answer is the same on every machine that adds alike. Raises
    ValueError like `call_price`.
    """
    low, high = LOWEST_VOL, HIGHEST_VOL
    if not call_price(spot, strike, years, low, rate) <= price <= call_price(spot, strike, years, high, rate):
        return None
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if call_price(spot, strike, years, middle, rate) < price:
            low = middle
        else:
            high = middle
    return high


def _spread(spot: float, strike: float, years: float, vol: float) -> float:
    """The standard deviation of the log price at expiry."""
    if spot <= 0.0 or strike <= 0.0:
        raise ValueError(f"a price of zero or less has no option: spot {spot!r}, strike {strike!r}")
    return vol * sqrt(years) if years > 0.0 else 0.0
