"""What a call should cost at the open, from yesterday's price (`design/strategy.md` F1)."""

from __future__ import annotations

import math
from decimal import Decimal

from ninefifteen.domain.black_scholes import call_price, implied_vol
from ninefifteen.domain.market import CallRow, DayFacts
from ninefifteen.domain.money import Paise

RATE = 0.065
"""Yearly interest rate of the model, as the rule states it."""


def call_estimate(
    facts: DayFacts, row: CallRow, pre_open: Paise, prev_close: Paise, collar_pct: Decimal
) -> tuple[Paise, Paise, float | None]:
    """(model price, the same with the collar, the volatility used): paise, paise, share or None.

    The volatility is yesterday's, solved from the contract's previous-day price and the stock's
    previous close; the model is priced at the pre-open price with today's days. Where no volatility
    fits, yesterday's price plus the stock's rise stands in. The estimate is rounded up to the paisa.
    """
    strike = row.strike / 100
    volatility = None
    if row.price > 0:
        years = facts.calendar_days_left_previous / 365
        volatility = implied_vol(row.price / 100, prev_close / 100, strike, years, RATE)
    if volatility is not None:
        model = 100 * call_price(pre_open / 100, strike, facts.calendar_days_left / 365, volatility, RATE)
    else:
        model = float(row.price + max(0, pre_open - prev_close))
    # One part in 10^9 keeps float noise from adding a paisa to a price that is already whole.
    estimate = math.ceil(model * (1 + float(collar_pct) / 100) - 1e-9 * max(model, 1.0))
    return round(model), estimate, volatility
