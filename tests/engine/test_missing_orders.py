"""An order of ours that has an id at the broker, and that a good reading of its book lacks."""

from __future__ import annotations

from ninefifteen.domain import effects as ef
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderReport, OrderState

from .builders import CALL, LOT, Desk
from .careful import CarefulDesk


def without_the_stop() -> tuple[CarefulDesk, OrderReport]:
    desk = CarefulDesk().guarded()
    return desk, desk.told_rows.pop(desk.exit.tag)


def long(desk: CarefulDesk, seconds: int) -> CarefulDesk:
    for _ in range(seconds // 5):
        desk.wait(5)
    return desk


def test_the_books_are_not_reconciled_from_the_second_reading_that_lacks_it():
    desk, row = without_the_stop()
    assert not desk.engine.state.unreconciled
    desk.wait(10)
    assert "missing from the broker's order book" in desk.engine.state.unreconciled
    long(desk, 60)
    assert "missing from the broker's order book" in desk.engine.state.unreconciled
    desk.told_rows[row.tag] = row
    desk.wait(11)
    assert not desk.engine.state.unreconciled


def test_somebody_is_told_after_ten_seconds_and_every_minute_and_it_counts_as_before():
    desk, _ = without_the_stop()
    desk.wait(9)
    assert not desk.alerts()
    long(desk, 300)
    assert 4 <= len(desk.alerts()) <= 6
    assert f"({LOT} {CALL}) is missing from the broker's order book since 1" in desk.alerts()[0]
    assert desk.exit.state is OrderState.TRIGGER_PENDING
    assert desk.exit.remaining == LOT
    assert not desk.all(ef.Modify)
    assert len(desk.all(ef.Submit)) == 2


def test_one_reading_that_was_under_way_when_the_order_was_taken_is_no_doubt():
    desk, row = without_the_stop()
    while desk.exit.missing_since is None:
        desk.wait(0.5)
    desk.told_rows[row.tag] = row
    long(desk, 60)
    assert desk.exit.missing_since is None
    assert not desk.engine.state.unreconciled
    assert not desk.alerts()


def test_another_reason_to_doubt_keeps_its_words():
    desk, _ = without_the_stop()
    desk.engine.state.orders.add_twin(desk.entry, "double").state = OrderState.COMPLETE
    desk.wait(15)
    assert desk.engine.state.unreconciled == "two orders are at the broker under one tag"


def test_a_broker_that_loses_no_answers_is_not_doubted():
    desk = Desk().holding().read().wait(20).read()
    assert desk.exit.missing_since is None
    assert not desk.alerts()


def test_an_old_reading_and_one_in_its_burst_are_not_two():
    desk, _ = without_the_stop()
    desk.read().read()
    assert desk.exit.missing_since == desk.now
    assert not desk.engine.state.unreconciled
    assert desk.now - desk.exit.missing_since < SECOND
