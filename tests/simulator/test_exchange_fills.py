"""What trades, at which price, and how much: against depth and at recorded prices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ninefifteen.domain.events import Bar, OrderUpdate
from ninefifteen.domain.order import OrderState
from ninefifteen.simulator.fills import DepthFills, ObservedFills
from tests.simulator.exchange_desk import LOT, Desk, report


def trades(desk: Desk) -> list[tuple[int, int]]:
    return [(trade.price, trade.quantity) for trade in desk.exchange.trades_of_day()]


def test_a_buy_takes_the_ask_and_not_its_own_higher_limit() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000)
    done = report(desk.buy(10_100))
    assert (done.status, done.filled, done.average) == (OrderState.COMPLETE, LOT, 10_000)
    assert desk.exchange.cash == 10_000_000 - LOT * 10_000
    assert desk.exchange.net(desk.instrument.name) == LOT


def test_a_buy_walks_the_visible_levels_up_to_its_limit_and_the_rest_waits() -> None:
    desk = Desk(cash=20_000_000)
    desk.quote(9_950, 10_000, size=LOT, more_asks=((10_050, LOT), (10_200, 9 * LOT)))
    waiting = report(desk.buy(10_100, 4 * LOT))
    assert trades(desk) == [(10_000, LOT), (10_050, LOT)]
    assert (waiting.status, waiting.filled, waiting.average) == (OrderState.OPEN, 2 * LOT, 10_025)


def test_a_sell_walks_the_bids_down_to_its_limit() -> None:
    desk = Desk()
    desk.hold(3 * LOT)
    desk.quote(9_900, 10_000, size=LOT, more_bids=((9_850, LOT), (9_700, 9 * LOT)))
    assert report(desk.sell(9_800, 3 * LOT)).filled == 2 * LOT
    assert trades(desk)[1:] == [(9_900, LOT), (9_850, LOT)]


def test_the_average_is_exact_to_the_nearest_paisa_with_halves_up() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=LOT, more_asks=((10_005, LOT),))
    assert report(desk.buy(10_100, 2 * LOT)).average == 10_003  # 10,002.5
    assert desk.exchange.cash == 10_000_000 - LOT * (10_000 + 10_005)


def test_fills_come_in_whole_lots_however_odd_the_quantity_shown() -> None:
    desk = Desk(cash=20_000_000)
    desk.quote(9_950, 10_000, size=2 * LOT - 1, more_asks=((10_050, LOT - 1), (10_100, LOT)))
    desk.buy(10_100, 4 * LOT)
    assert trades(desk) == [(10_000, LOT), (10_100, LOT)]


def test_what_was_taken_is_gone_until_the_next_quote() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=LOT)
    assert report(desk.buy(10_000)).status is OrderState.COMPLETE
    second = report(desk.buy(10_000))
    assert (second.status, second.filled) == (OrderState.OPEN, 0)
    desk.quote(9_950, 10_000, size=LOT)
    assert report(desk.drain()).status is OrderState.COMPLETE


def test_two_sells_share_the_bids_of_one_quote() -> None:
    desk = Desk()
    desk.hold(2 * LOT)
    desk.quote(9_900, 10_000, size=LOT, more_bids=((9_850, LOT),))
    desk.sell(9_850)
    desk.sell(9_850)
    assert trades(desk)[1:] == [(9_900, LOT), (9_850, LOT)]


def test_an_order_that_rested_is_filled_at_its_own_limit_and_not_better() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000)
    assert report(desk.buy(9_960)).status is OrderState.OPEN
    desk.quote(9_800, 9_900)
    assert report(desk.drain()).average == 9_960


def test_a_resting_sell_waits_until_the_bid_reaches_its_limit() -> None:
    desk = Desk()
    desk.hold()
    desk.quote(9_950, 10_000, last=10_000)
    assert report(desk.sell(10_800)).status is OrderState.OPEN
    desk.quote(10_795, 10_850, last=10_800)
    assert desk.drain() == []
    desk.quote(10_800, 10_850, last=10_800)
    assert report(desk.drain()).average == 10_800


def test_nothing_fills_before_a_two_sided_quote_of_today() -> None:
    desk = Desk()
    assert report(desk.buy(10_000)).status is OrderState.OPEN
    desk.quote(0, 9_900)
    assert desk.drain() == []
    desk.quote(9_850, 9_900, exchange_at=desk.now - 1)
    assert desk.drain() == [], "stamped before today's open"
    desk.quote(9_850, 9_900)
    assert report(desk.drain()).status is OrderState.COMPLETE


def test_after_the_first_two_sided_quote_one_side_is_enough_to_trade_with() -> None:
    desk = Desk()
    desk.hold()
    desk.quote(9_000, 0)
    assert report(desk.sell(9_000)).status is OrderState.COMPLETE


def test_a_part_is_reported_once_and_the_rest_fills_on_the_next_quotes() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=LOT)
    desk.buy(10_000, 3 * LOT)
    seen = []
    for _ in range(3):
        desk.quote(9_950, 10_000, size=LOT)
        seen += [(e.report.status, e.report.filled) for e in desk.drain() if isinstance(e, OrderUpdate)]
    assert seen == [(OrderState.OPEN, 2 * LOT), (OrderState.COMPLETE, 3 * LOT)]


def test_a_stop_triggers_on_the_last_price_and_sells_at_the_bids_of_that_moment() -> None:
    desk = Desk()
    desk.hold()
    assert report(desk.stop(9_000, 6_500)).status is OrderState.TRIGGER_PENDING
    desk.quote(8_900, 9_050, last=9_005)
    assert desk.drain() == [], "the bid is through the trigger, the last price is not"
    desk.quote(8_900, 9_050, last=9_000)
    done = report(desk.drain())
    assert (done.status, done.average, done.trigger) == (OrderState.COMPLETE, 8_900, 9_000)


def test_a_buy_stop_triggers_upwards() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, last=10_000)
    assert report(desk.stop(10_500, 10_600, side="BUY")).status is OrderState.TRIGGER_PENDING
    desk.quote(10_450, 10_490, last=10_495)
    assert desk.drain() == []
    desk.quote(10_500, 10_550, last=10_500)
    assert report(desk.drain()).average == 10_550


def test_a_stop_that_gapped_through_its_limit_stays_open_and_unfilled() -> None:
    desk = Desk()
    desk.hold()
    desk.stop(9_000, 8_800)
    desk.quote(8_000, 8_200, last=8_100)
    assert report(desk.drain()).status is OrderState.OPEN
    assert desk.exchange.net(desk.instrument.name) == LOT


def test_a_last_price_alone_triggers_a_stop_but_fills_nothing() -> None:
    desk = Desk()
    desk.hold()
    desk.stop(9_000, 8_000)
    desk.last(9_000)
    assert report(desk.drain()).status is OrderState.OPEN
    desk.quote(8_000, 8_100)
    assert report(desk.drain()).status is OrderState.COMPLETE


def test_a_stop_waits_while_no_price_is_known() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000)
    desk.buy(10_000)
    desk.stop(9_000, 8_000)
    desk.quote(8_500, 8_600)
    assert desk.drain() == []


@pytest.mark.parametrize(
    ("slippage", "limit", "bought", "sold"),
    [
        ("0", 10_000, 10_000, 10_000),
        ("0", 10_003, 10_003, 10_003),
        ("1", 10_000, 10_100, 9_900),
        ("1", 10_003, 10_105, 9_900),
        ("0.5", 1_230, 1_240, 1_220),
        ("1", 5, 10, 5),
    ],
)
def test_recorded_prices_are_worsened_by_the_slippage_to_the_tick_against_us(
    slippage: str, limit: int, bought: int, sold: int
) -> None:
    desk = Desk(fills=ObservedFills(Decimal(slippage)))
    assert report(desk.buy(limit)).average == bought
    assert report(desk.sell(limit)).average == sold
    assert desk.exchange.is_flat()


def test_on_recorded_prices_a_stop_never_triggers_and_is_filled_when_it_becomes_a_limit() -> None:
    desk = Desk(fills=ObservedFills(Decimal(0)))
    desk.last(10_000)
    desk.buy(10_000)
    waiting = report(desk.stop(9_200, 6_000))
    desk.last(5_000)
    desk.quote(5_000, 5_100, last=5_000)
    desk.exchange.observe(
        Bar(at=desk.now, name=desk.instrument.name, open=5_000, high=5_000, low=4_000, close=4_000)
    )
    assert desk.drain() == []
    done = report(desk.modify(waiting.order_id, 9_200))
    assert (done.status, done.average) == (OrderState.COMPLETE, 9_200)


def test_the_close_of_a_bar_is_a_last_price() -> None:
    desk = Desk()
    desk.hold()
    desk.stop(9_000, 8_000)
    desk.exchange.observe(
        Bar(at=desk.now, name=desk.instrument.name, open=9_500, high=9_500, low=9_000, close=9_000)
    )
    assert report(desk.drain()).status is OrderState.OPEN


@pytest.mark.parametrize("slippage", ["-1", "100"])
def test_a_slippage_outside_0_to_100_percent_is_refused(slippage: str) -> None:
    with pytest.raises(ValueError, match="slippage"):
        ObservedFills(Decimal(slippage))


def test_a_visible_book_never_fills_beyond_the_limit() -> None:
    assert DepthFills().worst_price("BUY", 12_345, 5) == 12_345
