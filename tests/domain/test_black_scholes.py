"""The model price of a call and the volatility behind a price."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ninefifteen.domain.black_scholes import (
    HIGHEST_VOL,
    LOWEST_VOL,
    call_delta,
    call_price,
    implied_vol,
    normal_cdf,
)

RATE = 0.065


def test_a_textbook_call_has_its_textbook_price():
    """Spot 42, strike 40, half a year, 20 %, 10 %: 4.76 in every textbook."""
    assert call_price(42.0, 40.0, 0.5, 0.2, 0.1) == pytest.approx(4.7594, abs=5e-5)
    assert call_delta(42.0, 40.0, 0.5, 0.2, 0.1) == pytest.approx(0.7791, abs=5e-5)


def test_without_time_or_volatility_only_the_value_above_the_strike_is_left():
    assert call_price(110.0, 100.0, 0.0, 0.3, RATE) == pytest.approx(10.0)
    assert call_price(90.0, 100.0, 0.0, 0.3, RATE) == 0.0
    assert call_price(100.0, 100.0, 1.0, 0.0, RATE) == pytest.approx(100.0 - 100.0 * exp(-RATE))
    assert call_delta(110.0, 100.0, 0.0, 0.3, RATE) == 1.0
    assert call_delta(90.0, 100.0, 0.0, 0.3, RATE) == 0.0


@pytest.mark.parametrize(("spot", "strike"), [(0.0, 100.0), (-1.0, 100.0), (100.0, 0.0)])
def test_a_price_of_zero_or_less_is_an_error(spot, strike):
    with pytest.raises(ValueError, match="zero or less"):
        call_price(spot, strike, 0.1, 0.2, RATE)
    with pytest.raises(ValueError, match="zero or less"):
        call_delta(spot, strike, 0.1, 0.2, RATE)


def test_the_normal_distribution_is_symmetric():
    assert normal_cdf(0.0) == 0.5
    assert normal_cdf(1.959964) == pytest.approx(0.975, abs=1e-6)
    assert normal_cdf(-1.0) == pytest.approx(1.0 - normal_cdf(1.0))


@given(
    spot=st.floats(50.0, 20_000.0),
    moneyness=st.floats(0.9, 1.1),
    days=st.integers(5, 60),
    vol=st.floats(0.08, 1.5),
)
def test_the_volatility_behind_a_model_price_is_found_again(spot, moneyness, days, vol):
    """Wherever the price says anything about volatility, which a call far in the money does not."""
    given_terms = (spot, spot * moneyness, days / 365)
    price = call_price(*given_terms, vol, RATE)
    assume(price > call_price(*given_terms, LOWEST_VOL, RATE) + 1e-9 * spot)
    found = implied_vol(price, *given_terms, RATE)
    assert found is not None
    assert call_price(*given_terms, found, RATE) == pytest.approx(price, abs=1e-9 * spot)


def test_no_volatility_is_found_outside_one_percent_to_three_hundred():
    terms = (100.0, 100.0, 30 / 365)
    lowest = call_price(*terms, LOWEST_VOL, RATE)
    highest = call_price(*terms, HIGHEST_VOL, RATE)
    assert implied_vol(lowest - 1e-6, *terms, RATE) is None
    assert implied_vol(highest + 1e-6, *terms, RATE) is None
    assert implied_vol(lowest, *terms, RATE) == pytest.approx(LOWEST_VOL)
    assert implied_vol(highest, *terms, RATE) == pytest.approx(HIGHEST_VOL)


def test_a_dearer_call_has_a_higher_volatility():
    cheap, fair, dear = (implied_vol(price, 100.0, 100.0, 30 / 365, RATE) for price in (2.0, 3.0, 4.0))
    assert cheap is not None
    assert fair is not None
    assert dear is not None
    assert cheap < fair < dear
