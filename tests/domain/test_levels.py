"""Levels: target, stop, working stop, what they cost, and the limits that price protection leaves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.levels import break_even, cost, level, loss_at, percent, working_stop, worsened
from tests.simulator.synthetic_facts import facts_of

RATES = facts_of(date(2026, 12, 2)).rates


@pytest.mark.parametrize(
    ("price", "change", "tick", "expected"),
    [
        (5_000, 8, 5, 5_400),
        (5_005, 8, 5, 5_410),
        (5_000, -30, 5, 3_500),
        (5_003, -30, 5, 3_505),
        (99, 0, 10, 100),
    ],
)
def test_every_level_is_rounded_up_to_the_tick(price: int, change: int, tick: int, expected: int):
    assert level(price, change, tick) == expected


def test_percentages_are_exact():
    assert percent(Decimal("0.1")) * 10 == Fraction(1, 100)
    assert level(100_000, Decimal("0.1"), 1) == 100_100


def test_a_loss_holds_charges_and_half_a_spread():
    plain = loss_at(5_000, 4_500, 250, RATES)
    assert plain == 500 * 250 + cost(RATES, 5_000 * 250, 4_500 * 250)
    assert loss_at(5_000, 4_500, 250, RATES, Fraction(25)) == plain + 25 * 250


def test_without_need_the_stop_is_not_tightened():
    assert working_stop(5_000, 3_500, 5, 250, RATES, Fraction(10**6)) == 3_500


def test_when_nothing_below_the_entry_fits_there_is_no_stop():
    assert working_stop(5_000, 3_500, 5, 250, RATES, Fraction(5_000)) is None
    assert working_stop(5_000, 5_000, 5, 250, RATES, Fraction(10**9)) is None


@given(
    entry=st.integers(100, 100_000),
    tick=st.sampled_from([1, 5, 10]),
    quantity=st.integers(1, 5_000),
    budget=st.integers(0, 10**8),
    spread=st.integers(0, 50),
)
def test_the_working_stop_is_the_lowest_on_the_grid_that_fits(
    entry: int, tick: int, quantity: int, budget: int, spread: int
):
    wished = level(entry, -30, tick)
    half = Fraction(spread, 2)
    found = working_stop(entry, wished, tick, quantity, RATES, Fraction(budget), half)
    fits = [
        price
        for price in range(wished, entry, tick)
        if loss_at(entry, price, quantity, RATES, half) <= budget
    ] if entry < 3_000 else None  # fmt: skip
    if fits is not None:
        assert found == (fits[0] if fits else None)
    elif found is not None:
        assert loss_at(entry, found, quantity, RATES, half) <= budget
        assert found == wished or loss_at(entry, found - tick, quantity, RATES, half) > budget


def test_break_even_is_the_share_of_wins_at_which_nothing_is_earned():
    assert break_even(Fraction(100), Fraction(300)) == 0.75
    assert break_even(Fraction(0), Fraction(300)) == 1.0


def test_slippage_worsens_a_price_to_the_tick_against_us_and_none_leaves_it_alone() -> None:
    """E4: a buy is dearer, a sale cheaper and never below one tick; 0 keeps even a price off the grid."""
    assert worsened(1000, Fraction(1), 5, buying=True) == 1010
    assert worsened(1001, Fraction(1), 5, buying=True) == 1015
    assert worsened(1001, Fraction(1), 5, buying=False) == 990
    assert worsened(3, Fraction(50), 5, buying=False) == 5
    assert worsened(1001, Fraction(0), 5, buying=False) == 1001
