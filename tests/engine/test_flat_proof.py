"""Own orders say at once that a position is closed; that it is so is proved by two readings."""

from __future__ import annotations

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev

from .builders import CALL, LOT, Desk, facts
from .careful import CarefulDesk, held


def sold(desk: Desk) -> Desk:
    return desk.report("complete", LOT, desk.exit, average=4_200)


def proofs(desk: Desk, kind: str = "flat_proved") -> list[ef.Note]:
    return [note for note in desk.all(ef.Note) if note.kind == kind]


def test_the_trade_is_booked_at_once_and_the_day_is_over_after_two_readings():
    desk = sold(Desk().holding())
    assert desk.run.trade is not None
    assert desk.new(ef.ReadPositions)
    assert not desk.engine.finished
    desk.wait(0.1).positions(held(0))
    assert not desk.engine.finished
    desk.wait(1.9)
    assert not desk.engine.finished
    desk.wait(0.1).positions(held(0))
    assert desk.engine.finished
    (told,) = proofs(desk)
    assert told.data["seconds"] == 2.1
    assert desk.record.flat


def test_a_list_without_the_contract_that_we_have_traded_proves_nothing():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    sold(desk)
    desk.net, desk.listed = 0, False
    desk.wait(60)
    assert not desk.engine.finished
    assert any("not proved flat" in text for text in desk.alerts("P1"))
    desk.listed = True
    desk.wait(15)
    assert desk.engine.finished


def test_readings_close_together_prove_nothing():
    desk = sold(Desk().holding())
    for _ in range(3):
        desk.positions()
        desk.engine.state.read_positions()
    assert not desk.engine.finished


def test_a_reading_asked_for_before_the_last_fill_proves_nothing():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.step(ev.Reconnected(desk.now))
    desk.wait(0.05)
    sold(desk)
    desk.net, desk.sold, desk.sell_value = 0, LOT, LOT * 4_200
    desk.wait(0.06)
    assert desk.engine.state.proofs["nine_fifteen"].good_at is None
    desk.wait(3)
    assert desk.engine.finished


def test_a_day_that_ends_without_the_proof_is_not_flat():
    desk = sold(Desk().holding())
    desk.step(ev.DayClosed(desk.now))
    assert not desk.record.flat
    assert "without proof" in desk.alerts()[-1]


def test_readings_that_fail_are_asked_again_and_alarm_after_ten_seconds():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    sold(desk)
    desk.net, desk.positions_readable = 0, False
    before = len(desk.all(ef.ReadPositions))
    desk.wait(9)
    assert len(desk.all(ef.ReadPositions)) - before >= 4
    assert not desk.alerts()
    desk.wait(25)
    assert any("not proved flat" in text and "cannot be read" in text for text in desk.alerts())
    desk.positions_readable = True
    desk.wait(15)
    assert desk.engine.finished


def test_units_left_at_the_broker_are_told_and_not_touched():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    sold(desk)
    sent = len(desk.all(ef.Submit))
    desk.wait(30)
    assert any(f"the broker shows {LOT} {CALL}, 0 expected" in text for text in desk.alerts())
    assert len(desk.all(ef.Submit)) == sent
    assert not desk.engine.finished
    desk.net = 0
    desk.wait(15)
    assert desk.engine.finished


def test_what_others_held_before_may_stay_or_go():
    for left in (2 * LOT, LOT, 0):
        desk = CarefulDesk()
        desk.net = 2 * LOT
        desk.guarded()
        sold(desk)
        desk.net = left
        desk.wait(4)
        assert desk.engine.finished


def test_an_entry_that_ended_without_a_fill_is_proved_where_answers_can_be_lost():
    desk = CarefulDesk().entering().go("09:15:30").report("cancelled")
    assert not desk.engine.finished
    desk.wait(4)
    assert desk.engine.finished
    assert len(proofs(desk)) == 1


def test_an_entry_that_ended_without_a_fill_needs_no_proof_where_no_answer_is_lost():
    desk = Desk().entering().go("09:15:30").report("cancelled")
    assert desk.engine.finished


def test_recorded_prices_have_no_broker_to_ask():
    desk = Desk(facts(price_source="last")).armed().go("09:15:00").last(5_000)
    desk.accept().report("complete", LOT).accept().report("trigger_pending")
    desk.wait(60).last(4_000).report("open").report("complete", LOT, desk.exit)
    assert desk.engine.finished
    assert not desk.all(ef.ReadPositions)


def test_a_reading_that_shows_units_again_starts_the_proof_anew():
    desk = sold(Desk().holding())
    desk.wait(0.1).positions(held(0)).wait(2).positions(held(LOT))
    assert desk.engine.state.proofs["nine_fifteen"].good_at is None
    assert not desk.engine.finished


def test_a_timer_of_a_proof_that_is_done_asks_nothing():
    desk = sold(Desk().holding()).proved()
    before = len(desk.all(ef.ReadPositions))
    desk.wait(30)
    assert len(desk.all(ef.ReadPositions)) == before
