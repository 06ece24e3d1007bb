"""The estimate of the premium at the open (F1)."""

from __future__ import annotations

from decimal import Decimal

from ninefifteen.domain.black_scholes import call_price
from ninefifteen.strategies.estimate import RATE, call_estimate
from tests.engine.builders import call_row, facts


def test_the_model_reprices_yesterdays_volatility_at_the_pre_open_price():
    day = facts()
    model, estimate, volatility = call_estimate(day, call_row("AAA"), 103_000, 100_000, Decimal(1))
    assert volatility is not None
    assert (
        abs(100 * call_price(1_000, 1_030, day.calendar_days_left_previous / 365, volatility, RATE) - 3_500)
        < 0.01
    )
    assert model == round(100 * call_price(1_030, 1_030, day.calendar_days_left / 365, volatility, RATE))
    assert model < estimate <= model * 1.01 + 1


def test_where_no_volatility_fits_yesterdays_price_and_the_stocks_rise_stand_in():
    cheap = call_row("AAA", price=1)
    assert call_estimate(facts(), cheap, 150_000, 150_000, Decimal(1)) == (1, 2, None)
    unknown = call_row("AAA", price=0)
    assert call_estimate(facts(), unknown, 103_000, 100_000, Decimal(0)) == (3_000, 3_000, None)
    assert call_estimate(facts(), unknown, 99_000, 100_000, Decimal(0)) == (0, 0, None)


def test_a_whole_price_is_not_rounded_up_by_noise():
    assert call_estimate(facts(), call_row("AAA", price=0), 110_000, 100_000, Decimal(1))[1] == 10_100
