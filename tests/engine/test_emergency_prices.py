"""Prices of an emergency: under the bid, on the tick, and inside every bound."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.order import Side
from ninefifteen.domain.order_limits import price_range
from ninefifteen.engine.emergency_prices import Shown, leaving_price, tick_of
from tests.engine.emergencies import LIMITS


@pytest.mark.parametrize(
    ("prices", "price", "tick"),
    [
        ((4550, 4555, 9900), 5000, 5),
        ((4550, 4560), 5000, 10),
        ((4500,), 4500, 50),
        ((100,), 100, 5),
        ((10_000, 20_000), 10_000, 100),
        ((4551, 4560), 5000, 5),
        ((), 5000, 5),
    ],
)
def test_the_largest_common_step_that_rounds_little(prices: tuple[int, ...], price: int, tick: int) -> None:
    assert tick_of(prices, price) == tick


def test_a_sell_goes_down_from_the_bid_and_a_buy_up_from_the_ask() -> None:
    shown = Shown(bid=10_000, ask=10_100, last=10_050, prices=(10_005,))
    sells = [leaving_price("SELL", step, shown, 0, LIMITS) for step in range(5)]
    buys = [leaving_price("BUY", step, shown, 0, LIMITS) for step in range(5)]
    assert sells == [9900, 9700, 9400, 9000, 9000]
    assert buys == [10_205, 10_405, 10_710, 11_110, 11_110]


def test_price_protection_goes_by_the_last_price_first_and_by_the_bid_later() -> None:
    wide = Shown(bid=2000, last=4500)
    assert leaving_price("SELL", 0, wide, 0, LIMITS) == 2500
    assert leaving_price("SELL", 9, wide, 0, LIMITS) == 1800


def test_the_brokers_rule_for_far_prices_holds() -> None:
    wide = Shown(bid=5100, last=20_000)
    assert leaving_price("SELL", 9, wide, 0, LIMITS) == 10_000
    assert leaving_price("BUY", 9, Shown(ask=60_000, last=20_000), 0, LIMITS) == 50_000


def test_the_days_band_holds_and_no_price_is_below_one_tick() -> None:
    assert leaving_price("SELL", 3, Shown(bid=10_000, low=9500, high=12_000), 0, LIMITS) == 9500
    assert leaving_price("BUY", 3, Shown(ask=11_900, high=12_000), 0, LIMITS) == 12_000
    assert leaving_price("SELL", 0, Shown(bid=5), 0, LIMITS) == 5


def test_without_a_quote_the_last_price_known_is_discounted_in_larger_steps() -> None:
    assert [leaving_price("SELL", step, Shown(), 3005, LIMITS) for step in (0, 3, 7)] == [2970, 2700, 1800]
    assert leaving_price("SELL", 0, Shown(), 0, LIMITS) == 0


@given(
    st.sampled_from(["SELL", "BUY"]),
    st.integers(0, 30),
    st.integers(1, 60_000),
    st.integers(1, 60_000),
    st.integers(0, 2),
)
def test_every_price_is_positive_on_the_tick_and_inside_protection(
    side: Side, step: int, best: int, last: int, quoted: int
) -> None:
    best, last = best * 5, last * 5
    shown = Shown(bid=best if quoted else 0, ask=best if quoted else 0, last=last if quoted == 2 else 0)
    price = leaving_price(side, step, shown, best, LIMITS)
    low, high = price_range(best, LIMITS)
    assert price > 0
    assert price % 5 == 0
    if side == "SELL":
        assert price >= low
    elif quoted < 2:
        assert price <= high
    struct = msgspec.structs.replace(shown, prices=(5,))
    assert leaving_price(side, step, struct, best, LIMITS) % 5 == 0
