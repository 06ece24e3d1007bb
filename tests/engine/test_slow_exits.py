"""An exit that does not work for hours: ever fewer writes, told each minute, woken by a new reason."""

from __future__ import annotations

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import MINUTE, SECOND
from ninefifteen.domain.order import OrderState

from .builders import LOT, Desk
from .careful import CarefulDesk

HOURS = 5


def refused(desk: Desk, seconds: int) -> Desk:
    """Every sell that leaves in so many seconds is refused."""
    for _ in range(seconds):
        if desk.exit.state is OrderState.SENDING:
            desk.refuse("no")
        desk.wait(1)
    return desk


def unguarded() -> Desk:
    """An entry has filled, and its stop is about to be refused."""
    return Desk().entering().report("complete", LOT, average=5_000)


def test_a_broker_that_refuses_every_sell_is_asked_ever_less_often_and_somebody_is_told_each_minute():
    desk = refused(unguarded(), HOURS * 3_600)
    sent = [submit.order.approved_at for submit in desk.all(ef.Submit)]
    assert len(sent) <= 90
    assert sent[-1] - sent[-2] >= 5 * MINUTE
    assert len(desk.alerts()) >= HOURS * 60


def test_a_halt_in_the_long_pause_sells_within_a_second_and_soon_again():
    desk = refused(unguarded(), 3_600)
    before = len(desk.all(ef.Submit))
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    refused(desk, 2)
    assert len(desk.all(ef.Submit)) == before + 1
    refused(desk, 20)
    assert len(desk.all(ef.Submit)) >= before + 2


def test_the_square_off_in_the_long_pause_does_not_put_off_what_is_due_at_once():
    desk = refused(unguarded(), 3_600)
    due = desk.engine.state.timers["nine_fifteen:repair"]
    desk.go(due - SECOND // 2)
    before = len(desk.all(ef.Submit))
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    desk.go(due)
    assert len(desk.all(ef.Submit)) == before + 1


def test_a_new_reason_does_not_shorten_the_look_for_a_sale_by_hand():
    desk = CarefulDesk().guarded()
    desk.positions_readable = False
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    desk.report("cancelled", 0, desk.exit)
    before = len(desk.all(ef.Submit))
    desk.step(ev.Flattened(desk.now, "cli", "now"))
    assert len(desk.wait(1.5).all(ef.Submit)) == before
    assert len(desk.wait(1).all(ef.Submit)) == before + 1


def test_an_exit_whose_changes_never_arrive_costs_few_writes_in_hours_and_is_told_each_minute():
    desk = Desk().holding().quote(5_400, 5_450)
    for minute in range(HOURS * 60):
        for bid in (5_300 - minute, 5_290 - minute):
            desk.quote(bid, bid + 50).report("open", limit=5_400, order=desk.exit).wait(30)
    writes = sum(len(desk.all(kind)) for kind in (ef.Submit, ef.Modify, ef.Cancel))
    assert writes <= 120
    assert len([text for text in desk.alerts() if "still held" in text]) >= HOURS * 55
