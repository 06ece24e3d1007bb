"""Every rule an order must pass, and the words of the broker when it does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ninefifteen.domain.events import ChangeAnswered, OrderAccepted, OrderRefused, OrderUpdate
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.simulator.fills import ObservedFills
from ninefifteen.simulator.words import codes, refusal
from tests.simulator.exchange_desk import CALL, CLOSE, LOT, OPEN, Desk, refused, report

UNKNOWN = msgspec.structs.replace(CALL, name="GRASIM 2026-12-29 2820 CE")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tag": ""}, "Invalid `tag`"),
        ({"tag": "x" * 21}, "At most 20 letters and digits"),
        ({"tag": "x-1"}, "Invalid `tag`"),
        ({"tag": "xé"}, "Invalid `tag`"),
        ({"type": "MARKET"}, "MARKET orders are not allowed"),
        ({"type": "SL-M"}, "SL-M orders are not allowed"),
        ({"instrument": UNKNOWN}, "2820 CE' does not exist"),
        ({"quantity": 0}, "Invalid `quantity`: 0"),
        ({"quantity": -LOT}, "Invalid `quantity`"),
        ({"quantity": 250.0}, "Invalid `quantity`: 250.0"),
        ({"quantity": True}, "Invalid `quantity`"),
        ({"quantity": LOT + 1}, "multiple of the lot size 250"),
        ({"quantity": 41 * LOT}, "above the freeze quantity 10000"),
        ({"limit": 0}, "Invalid `price`: 0"),
        ({"limit": 100.0}, "Invalid `price`"),
        ({"type": "SL", "trigger": 0}, "Invalid `trigger_price`: 0"),
        ({"limit": 10_001}, "price 100.01 of"),
        ({"type": "SL", "trigger": 9_999, "limit": 10_000}, "trigger_price 99.99 of"),
    ],
)
def test_a_malformed_request_is_refused_before_it_becomes_an_order(
    fields: dict[str, Any], words: str
) -> None:
    desk = Desk(cash=10**12)
    request = msgspec.structs.replace(desk.request("BUY", 10_000), **fields)
    events = desk.send(request)
    assert isinstance(events[-1], OrderRefused)
    assert events[-1].tag == request.tag
    assert words in refused(events)
    assert desk.exchange.orders_of_day() == ()


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("limit", [55_005, 200])
def test_a_price_outside_the_day_s_band_ends_as_a_rejected_order(side: str, limit: int) -> None:
    desk = Desk(cash=10**12, instrument=msgspec.structs.replace(CALL, band_low=205, band_high=55_000))
    events = desk.buy(limit) if side == "BUY" else desk.sell(limit)
    assert [type(event) for event in events] == [OrderAccepted, OrderUpdate]
    assert "outside the day's circuit limits 2.05 to 550.00" in refused(events)


def test_prices_on_the_edges_of_the_band_are_inside_it() -> None:
    desk = Desk(cash=10**12, instrument=msgspec.structs.replace(CALL, band_low=205, band_high=55_000))
    assert report(desk.buy(205)).status is report(desk.buy(55_000)).status is OrderState.OPEN


def test_without_a_known_band_any_price_on_the_tick_is_inside_it() -> None:
    desk = Desk(cash=10**12, instrument=msgspec.structs.replace(CALL, band_low=0, band_high=0))
    assert report(desk.buy(5_000_000)).status is OrderState.OPEN


def test_without_a_known_freeze_quantity_size_alone_is_no_reason() -> None:
    desk = Desk(cash=10**12, instrument=msgspec.structs.replace(CALL, freeze_quantity=0))
    assert report(desk.buy(10_000, 400 * LOT)).status is OrderState.OPEN


def test_an_expired_contract_is_refused_and_one_on_its_last_day_is_not() -> None:
    desk = Desk(instrument=msgspec.structs.replace(CALL, expiry=date(2026, 12, 1)))
    assert "has expired on 2026-12-01" in refused(desk.buy(10_000))
    desk = Desk(instrument=msgspec.structs.replace(CALL, expiry=date(2026, 12, 2)))
    assert report(desk.buy(10_000)).status is OrderState.OPEN


def test_a_share_has_no_expiry_to_be_refused_for() -> None:
    desk = Desk(instrument=msgspec.structs.replace(CALL, kind="EQ", expiry=None))
    assert report(desk.buy(10_000)).status is OrderState.OPEN


def test_orders_are_refused_before_the_open_and_after_the_close() -> None:
    desk = Desk()
    desk.now = OPEN - 1
    assert "not open yet" in refused(desk.buy(10_000))
    desk.now = CLOSE
    assert report(desk.buy(10_000)).status is OrderState.OPEN
    desk.now = CLOSE + 1
    assert "closed right now" in refused(desk.buy(10_000))


def test_a_tag_is_good_for_one_order_even_if_that_one_was_refused() -> None:
    desk = Desk()
    desk.buy(10_000, quantity=7, tag="xA")
    assert "already received" in refused(desk.buy(10_000, tag="xA"))
    desk.buy(10_000, tag="xB")
    assert "already received" in refused(desk.buy(10_000, tag="xB"))
    assert len(desk.exchange.orders_of_day()) == 1


def test_a_buy_without_its_premium_in_cash_is_rejected_with_the_figures() -> None:
    desk = Desk(cash=LOT * 10_000 - 1)
    events = desk.buy(10_000)
    assert isinstance(events[0], OrderAccepted)
    words = "Insufficient funds. Required margin is 25000.00 but available margin is 24999.99."
    assert refused(events).startswith(words)
    assert desk.exchange.free_cash == LOT * 10_000 - 1


def test_a_buy_for_exactly_the_free_cash_passes() -> None:
    assert report(Desk(cash=LOT * 10_000).buy(10_000)).status is OrderState.OPEN


def test_at_recorded_prices_the_premium_includes_the_slippage() -> None:
    desk = Desk(cash=LOT * 10_100 - 1, fills=ObservedFills(Decimal(1)))
    assert "Required margin is 25250.00" in refused(desk.buy(10_000))


def test_nothing_is_sold_that_is_not_held() -> None:
    desk = Desk()
    assert "Selling 250" in refused(desk.sell(10_000))
    desk.hold()
    words = refused(desk.sell(10_000, 3 * LOT))
    assert "with 250 held and free leaves a short position of 500" in words
    assert desk.exchange.net(CALL.name) == LOT


def test_a_stop_must_lie_on_the_far_side_of_the_last_price() -> None:
    desk = Desk()
    desk.hold(price=10_000)
    assert "must be below the last traded price 100.00" in refused(desk.stop(10_000, 9_000))
    assert "must be above the last traded price 100.00" in refused(desk.stop(10_000, 10_100, side="BUY"))


def test_the_limit_of_a_stop_lies_beyond_its_trigger_or_on_it() -> None:
    desk = Desk()
    desk.hold(price=10_000)
    assert "must not be above its trigger price 90.00" in refused(desk.stop(9_000, 9_005))
    assert "must not be below its trigger price 110.00" in refused(desk.stop(11_000, 10_995, side="BUY"))
    assert report(desk.stop(9_000, 9_000)).status is OrderState.TRIGGER_PENDING


def test_recorded_prices_are_not_held_to_tick_band_price_protection_or_the_close() -> None:
    desk = Desk(cash=10**12, fills=ObservedFills(Decimal(0)), reference=100)
    desk.last(10_000)
    desk.now = CLOSE + 1
    assert report(desk.buy(99_999)).status is OrderState.COMPLETE
    assert report(desk.stop(10_001, 10_002)).status is OrderState.TRIGGER_PENDING
    assert "multiple of the lot size" in refused(desk.buy(99_999, 1))
    early = Desk(fills=ObservedFills(Decimal(0)))
    early.now = OPEN - 1
    assert "not open yet" in refused(early.buy(10_000))


def test_more_than_ten_writes_in_a_second_are_refused_whatever_they_are() -> None:
    desk = Desk(cash=10**12)
    ids = [report(desk.buy(10_000)).order_id for _ in range(10)]
    assert "Too many requests" in refused(desk.buy(10_000))
    assert "Too many requests" in refused(desk.cancel(ids[0]))
    assert "Too many requests" in refused(desk.modify(ids[0], 10_005))
    assert desk.exchange.orders_of_day()[0].status is OrderState.OPEN
    desk.now += SECOND - 1
    assert "Too many requests" in refused(desk.cancel(ids[0]))
    desk.now += 1
    assert report(desk.cancel(ids[0])).status is OrderState.CANCELLED


def test_reading_the_orders_does_not_count_as_a_write() -> None:
    desk = Desk()
    for _ in range(30):
        desk.exchange.read_orders(desk.now)
    desk.drain()
    assert report(desk.buy(10_000)).status is OrderState.OPEN


def test_the_twenty_sixth_modification_of_an_order_is_refused() -> None:
    desk = Desk()
    order_id = report(desk.buy(10_000)).order_id
    for step in range(25):
        desk.wait(1)
        assert report(desk.modify(order_id, 9_000 + 5 * step)).limit == 9_000 + 5 * step
    desk.wait(1)
    assert "Maximum allowed order modifications (25)" in refused(desk.modify(order_id, 9_500))
    assert report(desk.cancel(order_id)).status is OrderState.CANCELLED


def test_a_refused_modification_leaves_the_order_as_it_was_and_costs_none_of_the_twenty_five() -> None:
    desk = Desk()
    order_id = report(desk.buy(10_000)).order_id
    for _ in range(30):
        desk.wait(1)
        assert "tick size" in refused(desk.modify(order_id, 9_001))
    (order,) = desk.exchange.orders_of_day()
    assert (order.limit, order.status) == (10_000, OrderState.OPEN)
    assert report(desk.modify(order_id, 9_005)).limit == 9_005


def test_a_limit_order_cannot_become_a_stop_and_a_triggered_stop_is_a_limit_order() -> None:
    desk = Desk()
    desk.hold()
    stop_id = report(desk.stop(9_000, 8_900)).order_id
    desk.quote(8_000, 8_100, last=8_500)
    assert report(desk.drain()).status is OrderState.OPEN
    answer = desk.modify(stop_id, 7_000, order_type="SL", trigger=7_500)
    assert "cannot be modified to a stop-loss" in refused(answer)


def test_a_final_order_takes_no_change() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000)
    order_id = report(desk.buy(10_000)).order_id
    assert "already COMPLETE" in refused(desk.cancel(order_id))
    assert "already COMPLETE" in refused(desk.modify(order_id, 10_005))
    rejected = report(desk.sell(10_000, 2 * LOT)).order_id
    assert "already REJECTED" in refused(desk.cancel(rejected))


def test_an_order_nobody_knows_takes_no_change() -> None:
    answer = Desk().cancel("4711")[-1]
    assert isinstance(answer, ChangeAnswered)
    assert (answer.change, answer.message) == ("cancel", "Couldn't find the order '4711'.")


def test_an_order_cannot_shrink_to_what_is_already_filled() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=2 * LOT)
    order_id = report(desk.buy(10_000, 3 * LOT)).order_id
    assert "500 units filled" in refused(desk.modify(order_id, 10_000, 2 * LOT))
    assert "Invalid `quantity`: 0" in refused(desk.modify(order_id, 10_000, 0))
    assert "Invalid `quantity`: 250.0" in refused(desk.modify(order_id, 10_000, 250.0))


def test_a_modification_is_held_to_cash_and_position_for_what_is_still_open() -> None:
    desk = Desk(cash=3 * LOT * 10_000)
    desk.quote(9_950, 10_000, size=LOT)
    order_id = report(desk.buy(10_000, 2 * LOT)).order_id
    assert "Required margin is 75000.00 but available margin is 50000.00" in refused(
        desk.modify(order_id, 10_000, 4 * LOT)
    )
    assert report(desk.modify(order_id, 10_000, 3 * LOT)).quantity == 3 * LOT
    desk.cancel(order_id)
    sell_id = report(desk.sell(11_000)).order_id
    assert "short position of 250" in refused(desk.modify(sell_id, 11_000, 2 * LOT))


def test_every_refusal_of_the_table_is_in_use_and_unknown_codes_do_not_pass(repository: Path) -> None:
    sources = "".join(p.read_text() for p in (repository / "src/ninefifteen/simulator").glob("*.py"))
    assert [code for code in codes() if f'"{code}"' not in sources] == []
    assert len(set(codes())) == len(codes()) >= 25
    with pytest.raises(KeyError):
        refusal("no_such_rule")
