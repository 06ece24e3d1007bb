"""What does not fit our book: strangers under our prefix, two orders for one intent, impossible rows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderReport, OrderState
from ninefifteen.engine.state import Phase

from .builders import LOT, Desk
from .careful import CarefulDesk


def row(tag: str = "x07abcdefge", **changes: Any) -> OrderReport:
    given: dict[str, Any] = {
        "order_id": "other1",
        "tag": tag,
        "status": OrderState.OPEN,
        "quantity": LOT,
        "filled": 0,
        "average": 0,
        "limit": 5_000,
    } | changes
    return OrderReport(**given)


def told(desk: Desk, kind: str) -> int:
    return sum(note.kind == kind for note in desk.all(ef.Note))


# ---- orphans


def test_an_order_with_our_prefix_that_is_not_in_our_book_is_told_each_minute_and_never_touched():
    desk = CarefulDesk()
    desk.strangers = [row()]
    desk.armed().go("09:15:00").stocks().quote(4_950, 5_000)
    assert told(desk, "orphan") == 1
    assert "nothing enters today" in desk.alerts()[0]
    before = len(desk.alerts())
    desk.go("09:20:00")
    assert 4 <= len(desk.alerts()) - before <= 5
    assert "halt --direct" in desk.alerts()[-1]
    assert told(desk, "orphan") == 1
    assert not desk.all(ef.Submit)
    assert not desk.all(ef.Cancel)
    assert desk.reason() == "not_reconciled"


def test_an_orphan_blocks_the_entry_also_where_no_answer_is_lost():
    desk = Desk().watching()
    desk.step(ev.OrderUpdate(desk.now, row()))
    desk.quote(4_950, 5_000)
    assert not desk.all(ef.Submit)


@pytest.mark.parametrize("tag", ["", "mine", "x1abcdefge", "x01abcdefgz", "x01abcdefg1", "X01abcdefge"])
def test_an_order_with_another_tag_belongs_to_somebody_else(tag: str):
    desk = Desk().watching()
    desk.step(ev.OrderUpdate(desk.now, row(tag)))
    assert not desk.effects
    assert desk.quote(4_950, 5_000).all(ef.Submit)


# ---- two orders under one tag


def test_a_second_order_under_the_entrys_tag_is_cancelled_counted_and_blocks_entries():
    desk = Desk().entering()
    state = desk.engine.state
    before = state.orders.exposure()
    desk.report("open", 0, desk.entry, order_id="twin")
    assert desk.new(ef.Cancel) == [ef.Cancel(desk.entry.tag, "twin")]
    assert state.orders.exposure() == 2 * before
    assert state.unreconciled
    assert told(desk, "doubled") == 1
    desk.report("open", 0, desk.entry, order_id="twin")
    assert not desk.new(ef.Cancel)
    assert told(desk, "doubled") == 1


def test_a_lost_cancel_of_the_second_order_is_sent_again_after_five_seconds():
    desk = Desk().entering().report("open", 0, order_id="twin")
    desk.wait(6).report("open", 0, desk.entry, order_id="twin")
    assert desk.new(ef.Cancel) == [ef.Cancel(desk.entry.tag, "twin")]


def test_what_the_second_order_has_bought_is_ours_and_is_sold_with_the_rest():
    desk = Desk().entering()
    desk.report("complete", LOT, desk.entry, average=5_000).accept().report("trigger_pending")
    desk.report("complete", LOT, desk.entry, order_id="twin", average=5_000)
    assert desk.position.net == 2 * LOT
    assert desk.all(ef.Modify)[-1].quantity == 2 * LOT


def test_a_second_entry_order_that_ends_unfilled_ends_nothing():
    desk = Desk().entering().report("open", 0, order_id="twin")
    desk.report("cancelled", 0, desk.entry, order_id="twin")
    assert desk.run.phase is Phase.ENTERING
    assert desk.report("complete", LOT, desk.entry).position.net == LOT


def test_a_second_stop_is_cancelled_so_that_nothing_is_sold_twice():
    desk = Desk().holding()
    desk.report("trigger_pending", 0, desk.exit, order_id="twin")
    assert desk.new(ef.Cancel) == [ef.Cancel(desk.exit.tag, "twin")]
    desk.report("cancelled", 0, desk.exit, order_id="twin")
    assert desk.run.phase is Phase.HOLDING


def test_a_part_sold_by_a_second_exit_is_taken_off_the_first():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "20000", "max_position_value": 60_000})
    desk.holding().wait(1).quote(5_400, 5_450).report("open")
    desk.report("cancelled", LOT, desk.exit, order_id="twin", average=5_400)
    assert desk.all(ef.Modify)[-1].quantity == LOT


def test_a_second_stop_that_has_sold_closes_the_trade_and_the_first_is_withdrawn():
    desk = Desk().holding()
    desk.report("complete", LOT, desk.exit, order_id="twin", average=4_200)
    assert desk.position.net == 0
    assert desk.all(ef.Cancel)[-1].order_id == desk.exit.order_id
    desk.report("cancelled", 0, desk.exit)
    assert desk.run.trade is not None


# ---- rows that cannot be true


@pytest.mark.parametrize(
    "changes",
    [
        {"filled": LOT + 1},
        {"filled": -1},
        {"quantity": -LOT},
        {"average": -5},
        {"limit": -5},
        {"trigger": -5},
        {"quantity": 0},
        {"status": OrderState.COMPLETE, "filled": 0},
    ],
)
def test_a_row_that_cannot_be_true_changes_nothing_and_alarms_once(changes: dict[str, Any]):
    desk = Desk().entering()
    before = desk.engine.state.orders.exposure()
    wrong = msgspec.structs.replace(desk.word("open"), **changes)
    for _ in range(2):
        desk.step(ev.OrderUpdate(desk.now, wrong))
    assert desk.engine.state.orders.exposure() == before
    assert desk.run.position is None
    assert len(desk.alerts()) == 1
    assert "cannot be true" in desk.alerts()[0]


def test_a_row_that_is_true_again_lifts_the_doubt():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    good = desk.told_rows[desk.exit.tag]
    desk.told_rows[desk.exit.tag] = desk.word("trigger_pending", 0, desk.exit, quantity=-LOT)
    desk.wait(6)
    assert desk.engine.state.unreconciled
    desk.told_rows[desk.exit.tag] = good
    desk.wait(6)
    assert not desk.engine.state.unreconciled


def test_a_status_no_broker_can_say_means_that_the_order_lives():
    desk = Desk().entering().report("sending")
    assert not desk.entry.final
    assert desk.entry.state is OrderState.PENDING


# ---- fills not in whole lots


def test_a_fill_not_in_whole_lots_alarms_and_only_whole_lots_are_sold():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "20000", "max_position_value": 60_000})
    desk.entering().report("cancelled", LOT + 100, average=5_000)
    assert "not in whole lots" in desk.alerts()[0]
    assert desk.exit.request.quantity == LOT


def test_less_than_a_lot_cannot_be_sold_and_the_day_is_not_flat():
    desk = Desk().entering().report("cancelled", 100, average=5_000)
    assert len(desk.all(ef.Submit)) == 1
    assert told(desk, "exit") >= 1
    assert desk.position.net == 100
    desk.wait(6)
    assert desk.alerts()
    assert not desk.record.flat


def test_our_stop_is_not_enlarged_while_a_second_one_offers_the_same_units():
    desk = Desk().holding()
    desk.report("trigger_pending", 0, desk.exit, order_id="stop2")
    desk.report("complete", LOT, desk.entry, order_id="entry2", average=5_000)
    assert not desk.all(ef.Modify)
    assert any("change not sent" in text for text in desk.alerts())


def test_a_sell_that_was_forgotten_in_a_crash_is_not_sent_a_second_time():
    desk = CarefulDesk().entering()
    desk.wait(4.9)
    forgotten = row("x00abcdefgp", status=OrderState.TRIGGER_PENDING)
    desk.read(desk.word("complete", LOT, desk.entry, average=5_000), forgotten)
    assert not [submit for submit in desk.all(ef.Submit) if submit.order.request.side == "SELL"]
    assert any("exit not sent" in text for text in desk.alerts())


@pytest.mark.parametrize("changes", [{"status": OrderState.CANCELLED}, {"tag": "x00abcdefge"}])
def test_a_stranger_that_sells_nothing_keeps_nobody_from_selling(changes: dict[str, Any]):
    desk = Desk().entering()
    desk.read(desk.word("complete", LOT, desk.entry, average=5_000), row(**{"tag": "x00abcdefgp"} | changes))
    assert desk.exit.request.quantity == LOT
