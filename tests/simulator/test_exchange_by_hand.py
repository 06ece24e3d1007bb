"""What the account's owner does in the broker's app while orders of ours rest: trades, and cancels."""

from __future__ import annotations

from ninefifteen.domain.order import Holding, OrderState
from tests.simulator.exchange_desk import LOT, Desk, report

NAME = Desk().instrument.name


def held(desk: Desk, lots: int) -> None:
    desk.hold(lots * LOT)
    desk.quote(9_900, 10_000)


def test_a_sale_by_hand_goes_through_although_our_stop_claims_the_units() -> None:
    desk = Desk()
    held(desk, 1)
    stop = report(desk.stop(7_000, 6_000))
    order = desk.exchange.by_hand(desk.now, NAME, "SELL", LOT)
    assert (order.tag, order.status, order.filled) == ("", OrderState.COMPLETE, LOT)
    assert desk.exchange.net(NAME) == 0
    assert desk.exchange.orders_of_day()[-2].order_id == stop.order_id
    assert desk.exchange.holdings() == (Holding(name=NAME, net=0, sold=LOT, sell_value=9_900 * LOT),)


def test_our_stop_then_makes_the_account_short_because_the_broker_lends() -> None:
    desk = Desk()
    held(desk, 1)
    desk.stop(7_000, 6_000)
    desk.exchange.by_hand(desk.now, NAME, "SELL", LOT)
    desk.wait(60)
    desk.quote(6_800, 6_900, last=6_900)
    assert desk.exchange.net(NAME) == -LOT


def test_a_purchase_by_hand_needs_no_cash_of_ours() -> None:
    desk = Desk(cash=0)
    desk.quote(9_900, 10_000)
    assert desk.exchange.by_hand(desk.now, NAME, "BUY", LOT).value == LOT * 10_000
    assert desk.exchange.net(NAME) == LOT


def test_what_the_book_cannot_take_by_hand_is_cancelled_at_once() -> None:
    desk = Desk()
    held(desk, 3)
    desk.quote(9_900, 10_000, size=LOT)
    order = desk.exchange.by_hand(desk.now, NAME, "SELL", 3 * LOT)
    assert (order.status, order.filled) == (OrderState.CANCELLED, LOT)


def test_an_order_by_hand_with_a_limit_rests_untagged() -> None:
    desk = Desk()
    held(desk, 1)
    order = desk.exchange.by_hand(desk.now, NAME, "SELL", LOT, 20_000)
    assert (order.status, desk.exchange.orders_of_day()[-1].tag) == (OrderState.OPEN, "")


def test_somebody_else_cancels_our_stop_and_says_why() -> None:
    desk = Desk()
    held(desk, 1)
    stop = report(desk.stop(7_000, 6_000))
    desk.exchange.cancel_outside(desk.now, stop.order_id, "cancelled by the user")
    last = desk.exchange.orders_of_day()[-1]
    assert (last.status, last.message) == (OrderState.CANCELLED, "cancelled by the user")
    desk.exchange.cancel_outside(desk.now, stop.order_id, "again")
    assert desk.exchange.orders_of_day()[-1].message == "cancelled by the user"


def test_without_a_trade_by_hand_nothing_is_lent() -> None:
    desk = Desk()
    held(desk, 1)
    desk.stop(7_000, 6_000)
    assert "short position" in report(desk.sell(9_000, LOT)).message
