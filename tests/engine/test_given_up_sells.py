"""A sell that was proved absent, replaced by another, and is at the broker after all."""

from __future__ import annotations

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.orders import Order
from ninefifteen.runtime.exposed import exposed

from .builders import LOT
from .careful import CarefulDesk


def replaced() -> tuple[CarefulDesk, Order]:
    """The stop was lost and given up, its repair is open; the given-up stop is returned, too."""
    desk = CarefulDesk().entering()
    assert isinstance(desk, CarefulDesk)
    desk.net += LOT
    desk.report("complete", LOT, average=5_000)
    stop = desk.exit
    desk.lose(stop)
    while desk.exit is stop:
        desk.wait(1)
    assert (stop.state, stop.given_up) == (OrderState.EXPIRED, True)
    desk.accept().report("open")
    return desk, stop


def surfaces(desk: CarefulDesk, stop: Order) -> CarefulDesk:
    desk.told_rows[stop.tag] = desk.word("trigger_pending", 0, stop, order_id="late1")
    desk.wait(5)
    return desk


def flat(desk: CarefulDesk) -> CarefulDesk:
    """The repair fills."""
    desk.net, desk.sold, desk.sell_value = 0, LOT, LOT * 4_900
    desk.report("complete", LOT, desk.exit, average=4_900)
    return desk


def cancels(desk: CarefulDesk) -> list[str]:
    return [cancel.order_id for cancel in desk.all(ef.Cancel)]


def proved_flat(desk: CarefulDesk) -> int:
    return sum(note.kind == "flat_proved" for note in desk.all(ef.Note))


def test_it_is_believed_to_live_and_cancelled_at_once_and_again_and_somebody_is_told():
    desk, stop = replaced()
    surfaces(desk, stop)
    assert stop.state in (OrderState.CANCELLING, OrderState.TRIGGER_PENDING)
    assert cancels(desk) == ["late1"]
    told = [text for text in desk.alerts() if "late1, given up as lost, is at the broker" in text]
    assert len(told) == 1
    assert f"may sell {LOT} {stop.request.instrument.name}" in told[0]
    for _ in range(60):
        desk.wait(10)
    assert 15 <= cancels(desk).count("late1") <= 25
    assert len([text for text in desk.alerts() if "given up as lost" in text]) in (10, 11)


def test_the_trade_is_not_over_before_it_is_final():
    desk, stop = replaced()
    flat(surfaces(desk, stop)).wait(20)
    assert desk.run.trade is None
    assert exposed(desk.engine.state)
    desk.report("cancelled", 0, stop, order_id="late1")
    assert desk.run.trade is not None
    desk.wait(10)
    assert proved_flat(desk) == 1
    assert not exposed(desk.engine.state)
    assert desk.engine.finished


def test_a_cancel_that_is_never_obeyed_is_repeated_ever_more_slowly():
    desk, stop = replaced()
    flat(surfaces(desk, stop))
    for _ in range(60):
        desk.wait(10)
    assert desk.run.trade is None
    assert 15 <= cancels(desk).count("late1") <= 30


def test_one_that_comes_back_after_the_proof_has_the_day_proved_again():
    desk, stop = replaced()
    flat(desk).wait(10)
    assert proved_flat(desk) == 1
    desk.step(ev.OrderUpdate(desk.now, desk.word("trigger_pending", 0, stop, order_id="late1")))
    assert desk.new(ef.Cancel)
    assert exposed(desk.engine.state)
    assert not desk.engine.finished
    for _ in range(3):
        desk.wait(10)
    assert proved_flat(desk) == 1
    assert any("order late1 of ours still lives" in text for text in desk.alerts())
    desk.report("cancelled", 0, stop, order_id="late1").wait(20)
    assert proved_flat(desk) == 2
    assert desk.engine.finished


def test_its_fills_count_so_the_other_sell_shrinks():
    desk, stop = replaced()
    desk.report("complete", LOT, stop, order_id="late1", average=4_200)
    assert desk.position.net == 0
    assert cancels(desk) == [desk.exit.order_id]
    desk.report("cancelled", 0, desk.exit)
    assert desk.run.trade is not None
    assert desk.run.trade.sell_value == LOT * 4_200


def test_one_that_fills_after_the_trade_is_said_aloud_and_stops_the_day():
    desk, stop = replaced()
    flat(desk).wait(10)
    desk.report("complete", LOT, stop, order_id="late1", average=4_200)
    assert desk.engine.state.halted is not None
    assert any(f"{LOT} {stop.request.instrument.name} sold too many" in text for text in desk.alerts())


def test_an_answer_to_its_placing_that_comes_late_counts_as_well():
    desk, stop = replaced()
    desk.step(ev.OrderAccepted(desk.now, stop.tag, "late1"))
    assert not stop.final
    assert cancels(desk) == ["late1"]


def test_one_that_is_filled_in_full_needs_only_its_last_word():
    desk, stop = replaced()
    desk.report("open", LOT, stop, order_id="late1", average=4_200)
    assert "late1" not in cancels(desk)


def test_a_state_that_the_broker_has_told_stays_final():
    desk, stop = replaced()
    surfaces(desk, stop)
    desk.report("cancelled", 0, stop, order_id="late1").report("trigger_pending", 0, stop, order_id="late1")
    assert stop.state is OrderState.CANCELLED
