"""Limit price protection at entry and at the trigger, and the broker's far-price rule."""

from __future__ import annotations

from datetime import date, time

import msgspec
import pytest

from ninefifteen.domain.instants import at
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.order_limits import price_range
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.simulator.protection import PriceReference, far_refusal, protection_refusal
from tests.simulator.exchange_desk import CALL, DAY, LOT, OPEN, Desk, limits_on, refused, report

LIMITS = limits_on(DAY)
SECONDS = 1_000_000_000


@pytest.mark.parametrize(
    ("reference", "low", "high"),
    [
        (10_000, 6_000, 14_000),
        (5_001, 3_001, 7_001),  # 3,000.6 to 7,001.4
        (5_000, 3_000, 7_000),
        (4_000, 2_000, 6_000),
        (1_500, 0, 3_500),
    ],
)
def test_the_range_is_20_rupees_up_to_50_and_40_percent_above(reference: int, low: int, high: int) -> None:
    assert price_range(reference, LIMITS) == (low, high)


def test_at_the_open_the_reference_is_theoretical() -> None:
    desk = Desk(reference=10_000)
    words = refused(desk.buy(14_005))
    assert "outside the limit price protection range 60.00 to 140.00 (reference price 100.00)" in words
    assert report(desk.buy(14_000)).status is OrderState.OPEN
    assert report(desk.buy(5)).status is OrderState.OPEN, "a low buy is nobody's error"


def test_a_sell_is_held_to_the_low_limit_only() -> None:
    desk = Desk(reference=10_000)
    desk.quote(9_950, 10_000)
    desk.buy(10_000, 2 * LOT)
    assert "protection range 60.00 to 140.00" in refused(desk.sell(5_995))
    assert report(desk.sell(14_005)).status is OrderState.OPEN


def test_without_any_reference_there_is_no_protection() -> None:
    assert report(Desk().buy(30_000)).status is OrderState.OPEN


def test_after_the_first_trade_the_reference_is_the_mean_of_the_last_30_seconds() -> None:
    desk = Desk(reference=10_000)
    for last in (20_000, 20_000, 20_000, 21_000):
        desk.wait(10)
        desk.quote(last - 50, last + 50, last=last)
    assert "(reference price 203.33)" in refused(desk.buy(40_000)), "the first of the four is 30 s old"


def test_after_15_minutes_without_a_trade_the_reference_is_theoretical_again() -> None:
    desk = Desk(reference=10_000)
    desk.quote(9_150, 9_250, last=9_200)
    desk.wait(899)
    desk.quote(9_150, 9_250, last=9_200)
    assert "(reference price 92.00)" in refused(desk.buy(15_000))
    desk.wait(1)
    desk.quote(9_150, 9_250, last=9_200)
    assert "(reference price 100.00)" in refused(desk.buy(15_000))
    desk.wait(1)
    desk.quote(9_150, 9_250, last=9_100)
    assert "(reference price 91.67)" in refused(desk.buy(15_000))


def test_the_mean_is_rounded_to_the_nearest_paisa_with_halves_up() -> None:
    reference = PriceReference(LIMITS)
    reference.see(OPEN, 100)
    reference.see(OPEN + 1, 101)
    assert reference.at(OPEN + 1) == 101


def test_a_stop_is_not_held_to_the_protection_before_it_triggers() -> None:
    desk = Desk(reference=10_000)
    desk.hold()
    assert report(desk.stop(7_000, 4_550)).status is OrderState.TRIGGER_PENDING


def test_a_stop_outside_the_protection_is_cancelled_by_the_exchange_when_it_triggers() -> None:
    desk = Desk(reference=10_000)
    desk.hold()
    desk.stop(9_000, 5_000)
    desk.quote(8_800, 9_000, last=8_900)  # the mean of 30 s is 94.50, its low limit 56.70
    done = report(desk.drain())
    assert (done.status, done.filled) == (OrderState.CANCELLED, 0)
    assert done.message.startswith("Cancelled by the exchange on trigger: limit price 50.00")
    assert "56.70 to 132.30 (reference price 94.50)" in done.message
    assert desk.exchange.net(CALL.name) == LOT, "the position is naked, and the report says so"


def test_a_stop_inside_the_protection_triggers_and_fills() -> None:
    desk = Desk(reference=10_000)
    desk.hold()
    desk.stop(9_000, 5_850)
    desk.quote(8_800, 9_000, last=8_900)
    assert report(desk.drain()).average == 8_800


def test_a_modification_to_a_limit_is_held_to_the_protection() -> None:
    desk = Desk(reference=10_000)
    desk.hold()
    order_id = report(desk.stop(7_000, 4_550)).order_id
    assert "protection range" in refused(desk.modify(order_id, 4_550))
    assert desk.exchange.orders_of_day()[-1].status is OrderState.TRIGGER_PENDING


@pytest.mark.parametrize(
    ("side", "price", "last", "passes"),
    [
        ("BUY", 25_000, 10_000, True),
        ("BUY", 25_005, 10_000, False),
        ("BUY", 25_005, 9_995, True),
        ("SELL", 5_000, 10_000, True),
        ("SELL", 4_995, 10_000, False),
        ("SELL", 5, 9_995, True),
        ("BUY", 25_005, 0, True),
    ],
)
def test_the_far_price_rule_begins_at_a_last_price_of_100_rupees(
    side: str, price: int, last: int, passes: bool
) -> None:
    no = far_refusal("c", side, price, last, LIMITS)  # type: ignore[arg-type]
    assert (no is None) is passes
    if no is not None:
        assert no.words.startswith("RMS: Limit price")
        assert no.words.endswith(".")


def test_the_broker_refuses_a_far_price_that_the_exchange_would_take() -> None:
    """Where the theoretical reference is back, the two rules look at different prices."""
    desk = Desk(reference=40_000)
    desk.quote(10_000, 10_050, last=10_000)
    desk.wait(900)
    assert "RMS: Limit price 300.00" in refused(desk.buy(30_000))


def test_before_price_protection_existed_nothing_is_refused_for_it() -> None:
    old = limits_on(date(2020, 2, 3))
    assert protection_refusal("protection", "c", "BUY", 10**6, 100, old) is None
    day = date(2020, 2, 3)
    exchange = Exchange(
        open_at=at(day, time(9, 15)),
        close_at=at(day, time(15, 30)),
        fills=DepthFills(),
        free_cash=10**9,
        limits=old,
    )
    exchange.list_instruments([msgspec.structs.replace(CALL, expiry=date(2020, 2, 27))], {CALL.name: 100})
    request = Desk().request("BUY", 9_000)
    exchange.request(at(day, time(9, 15)), request)
    exchange.pop()
    assert report([exchange.pop()]).status is OrderState.OPEN
