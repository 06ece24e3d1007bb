"""Sells this day has forgotten, and what they were there for is sold by hand: they shrink, or go (I2)."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain.order import OrderReport, OrderState
from ninefifteen.engine.strays import left

from .builders import CALL, LOT, Desk
from .careful import CarefulDesk

BUY, STOP, SALE = "x07abcdefge", "x07abcdefgp", "x07abcdefhr"


def row(tag: str, units: int = LOT, **changes: Any) -> OrderReport:
    """A buy that has filled, a stop that rests, or a sale that works."""
    bought = tag == BUY
    status = {BUY: OrderState.COMPLETE, STOP: OrderState.TRIGGER_PENDING, SALE: OrderState.OPEN}[tag]
    given: dict[str, Any] = {
        "order_id": "old" + tag[-1],
        "tag": tag,
        "status": status,
        "quantity": units,
        "filled": units if bought else 0,
        "average": 5_000 if bought else 0,
        "limit": 5_000 if bought else 3_000,
        "trigger": 3_500 if tag == STOP else 0,
        "name": CALL,
    } | changes
    return OrderReport(**given)


def begun(*rows: OrderReport, net: int = LOT, sold: int = 0) -> CarefulDesk:
    """The day begins with an empty journal; the broker shows these, and what is held."""
    desk = CarefulDesk()
    desk.strangers, desk.net, desk.sold = list(rows), net, sold
    return desk.begun()


def waited(desk: CarefulDesk, seconds: float) -> CarefulDesk:
    after = desk.wait(seconds)
    assert isinstance(after, CarefulDesk)
    return after


def writes(desk: Desk) -> list[ef.Cancel | ef.Modify]:
    return [effect for effect in desk.told if isinstance(effect, ef.Cancel | ef.Modify)]


def test_a_forgotten_stop_whose_units_were_sold_by_hand_is_cancelled_within_the_cadence_and_ten_seconds():
    desk = waited(begun(row(BUY), row(STOP)), 20)
    assert not writes(desk)
    waited(desk.by_hand(LOT), 9)
    assert writes(desk) == [ef.Cancel(STOP, "oldp")]
    assert "offers more" in desk.alerts()[-1]
    desk.strangers[1] = row(STOP, status=OrderState.CANCELLED)
    waited(desk, 300)
    assert len(writes(desk)) == 1
    assert not left(desk.engine.state)


def test_units_sold_while_nobody_watched_are_seen_at_the_start():
    desk = waited(begun(row(BUY), row(STOP), net=0, sold=LOT), 4)
    assert writes(desk) == [ef.Cancel(STOP, "oldp")]


def test_a_cancel_that_is_lost_is_sent_again_at_an_ever_slower_pace_and_told_once():
    desk = waited(begun(row(BUY), row(STOP), net=0, sold=LOT), 11)
    assert len(writes(desk)) == 2
    waited(desk, 3_600)
    assert 60 <= len(writes(desk)) <= 75
    assert sum("offers more" in text for text in desk.alerts()) == 1


def test_where_a_part_was_sold_the_stop_keeps_its_levels_and_covers_the_rest():
    desk = waited(begun(row(BUY, 2 * LOT), row(STOP, 2 * LOT), net=2 * LOT), 6)
    waited(desk.by_hand(LOT), 10)
    assert writes(desk) == [ef.Modify(STOP, "oldp", "SL", LOT, 3_000, 3_500)]
    desk.strangers[1] = row(STOP)
    waited(desk, 60)
    assert len(writes(desk)) == 1


def test_a_stop_that_cannot_be_made_smaller_is_cancelled():
    desk = waited(begun(row(BUY, 2 * LOT), row(STOP, 2 * LOT), net=LOT, sold=LOT), 30)
    assert [type(write) for write in writes(desk)[:4]] == [ef.Modify, ef.Modify, ef.Modify, ef.Cancel]


def test_a_sale_that_works_is_made_smaller_as_the_limit_it_is():
    sale = row(SALE, 3 * LOT, filled=LOT, average=4_900)
    desk = waited(begun(row(BUY, 3 * LOT), sale, net=LOT, sold=2 * LOT), 4)
    assert writes(desk) == [ef.Modify(SALE, "oldr", "LIMIT", 2 * LOT, 3_000, 0)]


def test_of_two_sells_of_the_same_units_the_stop_goes_and_the_exit_stays():
    desk = waited(begun(row(SALE), row(BUY), row(STOP)), 4)
    assert writes(desk) == [ef.Cancel(STOP, "oldp")]


def test_a_stop_that_has_triggered_counts_as_the_limit_it_has_become():
    triggered = row(STOP, 2 * LOT, status=OrderState.OPEN)
    desk = waited(begun(row(BUY, 2 * LOT), triggered, net=LOT, sold=LOT), 4)
    assert writes(desk) == [ef.Modify(STOP, "oldp", "LIMIT", LOT, 3_000, 0)]


@pytest.mark.parametrize("shown", ["not listed", "before the fill", "without the buy", "an impossible row"])
def test_what_is_not_proved_takes_no_stop_away(shown: str):
    stop = row(STOP, filled=2 * LOT) if shown == "an impossible row" else row(STOP)
    desk = CarefulDesk()
    desk.strangers = [stop] if shown == "without the buy" else [row(BUY), stop]
    desk.net, desk.sold = 0, 0 if shown == "before the fill" else LOT
    desk.listed = shown != "not listed"
    desk.begun().wait(120)
    assert not writes(desk)


def test_one_reading_that_errs_takes_no_stop_away():
    desk = waited(begun(row(BUY), row(STOP)), 2)
    desk.net, desk.sold = 0, LOT
    waited(desk, 5.2)
    assert desk.engine.state.books.beyond
    desk.net, desk.sold = LOT, 0
    waited(desk, 60)
    assert not desk.engine.state.books.beyond
    assert not writes(desk)


def test_a_stop_of_what_we_hold_ourselves_is_our_exit_and_a_sale_by_hand_of_it_is_handled_there():
    desk = CarefulDesk().entering()
    assert isinstance(desk, CarefulDesk)
    desk.net = LOT
    desk.told_rows[desk.entry.tag] = desk.word("complete", LOT, desk.entry, average=5_000)
    desk.strangers = [row(STOP)]
    waited(desk, 6)
    assert desk.exit.tag == STOP
    assert not desk.engine.state.books.beyond


def test_where_no_answer_can_be_lost_nothing_is_cut():
    desk = Desk().watching()
    desk.read(row(BUY), row(STOP)).holds(0, sold=LOT).wait(30)
    desk.read(row(BUY), row(STOP)).holds(0, sold=LOT)
    assert not writes(desk)
