"""Money as whole paise: exact in, exact out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.money import down_to_tick, parse_rupees, rupees, up_to_tick


@pytest.mark.parametrize(
    ("paise", "text"), [(0, "0.00"), (5, "0.05"), (4_550, "45.50"), (-5, "-0.05"), (-12_345, "-123.45")]
)
def test_amounts_are_printed_with_two_places(paise: int, text: str):
    assert rupees(paise) == text
    assert parse_rupees(text) == paise


@pytest.mark.parametrize("text", ["", "Rs 5", "1.005", "nan", "inf", "1e-3"])
def test_what_is_no_whole_number_of_paise_is_refused(text: str):
    with pytest.raises(ValueError, match="not a"):
        parse_rupees(text)


def test_floats_are_read_by_their_shortest_text():
    assert parse_rupees(0.29) == 29
    assert parse_rupees(1234.1) == 123_410
    assert parse_rupees(Decimal("0.07")) == 7


@given(st.integers(-(10**12), 10**12))
def test_every_amount_survives_being_printed(paise: int):
    assert parse_rupees(rupees(paise)) == paise


@given(st.integers(0, 10**9), st.integers(1, 1_000))
def test_ticks_enclose_a_price(price: int, tick: int):
    low, high = down_to_tick(price, tick), up_to_tick(price, tick)
    assert low <= price <= high
    assert low % tick == high % tick == 0
    assert high - low in (0, tick)
