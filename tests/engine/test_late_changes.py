"""Changes that were believed lost and arrive late: what the broker shows is compared with what is wanted."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import SECOND

from .builders import LOT, Desk
from .careful import CarefulDesk

TWO_LOTS: dict[str, Any] = {
    "strategy": {"lots": 2},
    "risk": {"max_daily_loss": "20000", "max_position_value": "100000"},
}


def shown_as(desk: CarefulDesk, **changes: Any) -> CarefulDesk:
    """From now on the broker's book shows the sell like this."""
    tag = desk.exit.tag
    desk.told_rows[tag] = msgspec.structs.replace(desk.told_rows[tag], **changes)
    return desk


def long(desk: CarefulDesk, seconds: int) -> CarefulDesk:
    for _ in range(seconds // 10):
        desk.wait(10)
    return desk


def mended(desk: CarefulDesk) -> CarefulDesk:
    """The change that puts it right has left, within a reading, and is taken."""
    before = len(desk.all(ef.Modify))
    for _ in range(60):
        desk.wait(0.1)
        if len(desk.all(ef.Modify)) > before:
            break
    desk.report("trigger_pending", order=desk.exit)
    return long(desk, 60)


def changes(desk: Desk) -> list[tuple[str, int, int]]:
    return [(m.order_type, m.quantity, m.trigger) for m in desk.all(ef.Modify)]


def test_a_stop_that_has_become_smaller_at_the_broker_is_made_whole_again():
    desk = shown_as(CarefulDesk(**TWO_LOTS).guarded(), quantity=LOT)
    mended(desk)
    assert changes(desk) == [("SL", 2 * LOT, desk.position.stop)]
    assert not desk.alerts()


def test_a_stop_whose_trigger_has_become_another_at_the_broker_is_put_back():
    for wrong in (500, 4_900):
        desk = shown_as(CarefulDesk().guarded(), trigger=wrong, limit=450)
        mended(desk)
        assert changes(desk) == [("SL", LOT, desk.position.stop)]
        assert not desk.alerts()


def test_a_stop_that_stays_smaller_is_left_by_selling_all_of_it():
    desk = shown_as(CarefulDesk(**TWO_LOTS).guarded(), quantity=LOT)
    desk.wait(15)
    assert "no full stop" in desk.alerts()[0]
    assert desk.run.leaving is not None


def test_a_trigger_that_stays_wrong_is_told_every_minute_and_leaves_changes_for_the_exit():
    desk = shown_as(CarefulDesk().guarded(), trigger=500, limit=450)
    long(desk, 200)
    assert 3 <= len(desk.alerts()) <= 5
    assert all("rests at Rs 5.00, not at Rs 42.55" in text for text in desk.alerts())
    assert desk.run.leaving is None
    assert len(desk.all(ef.Modify)) <= 15


def test_changes_of_a_stop_are_a_second_apart_however_often_the_broker_tells_another_shape():
    desk = CarefulDesk(**TWO_LOTS).guarded()
    sent: list[int] = []
    for number in range(40):
        desk.report("trigger_pending", order=desk.exit, quantity=LOT * (number % 2 + 1))
        sent += [desk.now for _ in desk.new(ef.Modify)]
        before = len(desk.all(ef.Modify))
        desk.wait(0.1)
        sent += [desk.now] * (len(desk.all(ef.Modify)) - before)
    assert len(sent) > 1
    assert all(later - earlier >= 0.9 * SECOND for earlier, later in pairwise(sent))


def test_a_trigger_under_change_when_its_time_is_up_is_looked_at_again_five_seconds_later():
    desk = Desk(strategy={"trail_pct": 10, "target_pct": 100}).holding().wait(6)
    desk.quote(5_500, 5_550).report("trigger_pending", trigger=4_255).wait(1)
    assert len(desk.all(ef.Modify)) == 2
    desk.wait(4.5)
    assert not desk.alerts()
    desk.report("trigger_pending").wait(6)
    assert not desk.alerts()


def test_an_exit_that_is_another_at_the_broker_than_asked_is_put_right_by_its_next_step():
    desk = CarefulDesk(**TWO_LOTS).guarded()
    desk.step(ev.Halted(desk.now, source="cli", reason="stop"))
    for _ in range(6):
        desk.report("open", order=desk.exit).quote(4_950, 5_000).wait(1)
    asked, before = desk.exit.asked, len(desk.all(ef.Modify))
    desk.report("open", order=desk.exit, quantity=LOT).wait(1.1)
    (change,) = desk.all(ef.Modify)[before:]
    assert (change.order_type, change.quantity, change.limit) == ("LIMIT", 2 * LOT, asked.limit)
