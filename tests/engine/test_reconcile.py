"""Orders and positions are read and compared; nothing enters until both were read and agree."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.order import OrderState
from ninefifteen.engine import risk
from ninefifteen.engine.state import Phase

from .builders import CALL, LOT, Desk
from .careful import EVERY, CarefulDesk, held


def asked(desk: Desk, kind: type[Effect] = ef.ReadPositions) -> int:
    return len(desk.all(kind))


def watching(**changes: Any) -> CarefulDesk:
    """The window is open; `changes` are set before the day begins."""
    desk = CarefulDesk()
    for name, value in changes.items():
        setattr(desk, name, value)
    desk.armed().go("09:15:00").stocks()
    return desk


# ---- when the books are read


def test_both_books_are_read_when_the_day_opens():
    desk = CarefulDesk()
    desk.open(reconcile_every=EVERY)
    assert desk.new(ef.ReadOrders)
    assert desk.new(ef.ReadPositions)
    assert desk.engine.state.unreconciled
    desk.wait(0.2)
    assert not desk.engine.state.unreconciled


def test_a_day_whose_answers_cannot_be_lost_is_not_reconciled():
    desk = Desk().open()
    assert not desk.new(ef.ReadPositions)
    desk.step(ev.Reconnected(desk.now))
    assert not desk.new(ef.ReadOrders)
    assert not desk.engine.state.unreconciled


def test_flat_and_quiet_the_books_are_read_every_fifteen_minutes():
    desk = CarefulDesk()
    desk.now -= 3_600 * 10**9
    desk.begun().wait(10)
    before = asked(desk)
    desk.wait(1_800)
    assert asked(desk) - before == 2


def test_before_the_entry_they_are_read_every_minute_and_while_holding_as_the_day_says():
    desk = CarefulDesk().armed()
    assert isinstance(desk, CarefulDesk)
    before = asked(desk)
    desk.go("09:14:59")
    assert asked(desk) - before <= 1
    desk = CarefulDesk().guarded()
    before = asked(desk)
    desk.wait(60)
    assert asked(desk) - before == 12


def test_a_line_that_is_back_has_both_books_read():
    desk = CarefulDesk().guarded()
    desk.step(ev.Reconnected(desk.now))
    assert desk.new(ef.ReadOrders)
    assert desk.new(ef.ReadPositions)
    quick = Desk().holding()
    quick.step(ev.Reconnected(quick.now))
    assert quick.new(ef.ReadOrders)


def test_an_outcome_that_becomes_known_has_both_books_read():
    desk = watching().wait(1).quote(4_950, 5_000).lose()
    assert desk.engine.state.unreconciled
    desk.report("open", 0, order_id="found")
    assert desk.new(ef.ReadPositions)
    desk.wait(0.2)
    assert not desk.engine.state.unreconciled


def test_an_acceptance_that_comes_late_resolves_the_doubt_too():
    desk = watching().wait(1).quote(4_950, 5_000).lose().accept()
    assert desk.new(ef.ReadPositions)


def test_a_restart_reads_both_books_even_if_an_answer_was_under_way():
    desk = CarefulDesk().guarded()
    desk.engine.state.read_positions()
    desk.step(ev.Restarted(desk.now, 1))
    assert desk.new(ef.ReadOrders)
    assert desk.new(ef.ReadPositions)
    assert desk.engine.state.unreconciled


def test_a_question_while_one_is_under_way_is_asked_after_it():
    desk = CarefulDesk().guarded()
    desk.step(ev.Reconnected(desk.now))
    desk.step(ev.Reconnected(desk.now))
    assert not desk.new(ef.ReadPositions)
    desk.positions(held(LOT))
    assert desk.new(ef.ReadPositions)


def test_an_answer_nobody_asked_for_proves_nothing_about_its_age():
    desk = CarefulDesk().guarded()
    before = desk.engine.state.books.positions.asked_at
    desk.positions(held(LOT))
    assert desk.engine.state.books.positions.asked_at == before


# ---- nothing enters before


@pytest.mark.parametrize("plane", ["orders_readable", "positions_readable"])
def test_without_both_readings_nothing_enters_and_the_record_says_so(plane: str):
    desk = watching(**{plane: False}).quote(4_950, 5_000)
    assert not desk.all(ef.Submit)
    assert desk.run.wait_reason == "not_reconciled"
    desk.go("09:15:31")
    assert desk.reason() == "not_reconciled"
    assert desk.record.reason == "not_reconciled"


def test_as_soon_as_both_were_read_the_next_price_enters():
    desk = watching(positions_readable=False).quote(4_950, 5_000)
    assert isinstance(desk, CarefulDesk)
    desk.positions_readable = True
    desk.wait(3).quote(4_950, 5_000)
    assert desk.all(ef.Submit)


def test_the_risk_gate_refuses_as_well():
    request = watching().quote(4_950, 5_000).entry.request
    desk = watching(orders_readable=False)
    refusal = risk.approve_entry(desk.engine.state, desk.run, request)
    assert isinstance(refusal, risk.Refusal)
    assert refusal.code == "not_reconciled"


def test_what_others_hold_does_not_block_the_entry():
    desk = watching(net=4 * LOT).quote(4_950, 5_000)
    assert desk.all(ef.Submit)
    assert desk.engine.state.books.baseline[CALL].net == 4 * LOT


# ---- readings that fail


def test_a_failed_reading_changes_nothing_and_is_told_after_ten_seconds():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.positions_readable = False
    desk.wait(9)
    assert not desk.alerts()
    desk.wait(10)
    assert "the positions cannot be read" in desk.alerts()[0]
    assert desk.run.phase is Phase.HOLDING
    assert desk.position.net == LOT
    known = desk.engine.state.books.known_at
    assert known is not None
    assert known < desk.now - 9 * 10**9
    assert desk.engine.state.books.blind_since is not None
    desk.positions_readable = True
    desk.wait(6)
    assert any(note.kind == "seeing" for note in desk.all(ef.Note))
    assert desk.engine.state.books.blind_since is None


def test_flat_it_is_no_emergency_that_the_books_cannot_be_read():
    desk = CarefulDesk()
    desk.orders_readable = False
    desk.begun().wait(25)
    assert not desk.alerts()
    assert "the order book cannot be read" in desk.alerts("P2")[0]


def test_blind_for_minutes_the_questions_come_more_slowly():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.positions_readable = desk.orders_readable = False
    desk.wait(330)
    before = asked(desk)
    desk.wait(60)
    assert asked(desk) - before == 4
    assert len(desk.alerts()) == 7


def test_blind_while_an_exit_is_in_doubt_the_looks_come_more_slowly_too():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.quote(5_400, 5_450)
    desk.orders_readable = False
    desk.wait(330)
    before = asked(desk, ef.ReadOrders)
    desk.wait(60)
    assert asked(desk, ef.ReadOrders) - before <= 10


def test_a_reading_that_lists_a_contract_twice_is_no_reading():
    desk = CarefulDesk().guarded()
    desk.step(ev.Reconnected(desk.now))
    desk.positions(held(LOT), held(0))
    assert desk.engine.state.books.held(CALL).net == LOT
    assert desk.engine.state.books.positions.failing_since == desk.now


# ---- differences


def test_more_at_the_broker_than_we_know_of_is_told_and_not_touched():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.net += LOT
    sent = len(desk.all(ef.Submit)) + len(desk.all(ef.Modify)) + len(desk.all(ef.Cancel))
    desk.wait(20)
    assert f"the broker shows {2 * LOT} {CALL}, we know of {LOT}" in desk.alerts()[0]
    assert len(desk.alerts()) == 1
    assert desk.engine.state.unreconciled
    assert len(desk.all(ef.Submit)) + len(desk.all(ef.Modify)) + len(desk.all(ef.Cancel)) == sent
    desk.net -= LOT
    desk.wait(6)
    assert any(note.kind == "agreed" for note in desk.all(ef.Note))
    assert not desk.engine.state.unreconciled


def test_a_contract_short_at_the_broker_halts_and_stops_every_sell():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.net = -LOT
    desk.wait(6)
    assert "are short at the broker" in desk.alerts()[0]
    assert desk.engine.state.halted is not None
    assert desk.all(ef.Cancel)
    desk.wait(6)
    assert len([text for text in desk.alerts() if "short at the broker" in text]) == 1


def test_a_difference_that_stays_is_asked_about_less_and_less():
    desk = CarefulDesk().entering()
    assert isinstance(desk, CarefulDesk)
    desk.net = LOT
    desk.wait(3)
    fast = asked(desk)
    desk.wait(3)
    assert desk.engine.state.books.suspicions[CALL].settled
    desk.wait(30)
    assert asked(desk) - fast < 20


def test_the_books_of_a_trade_that_is_over_are_left_to_its_proof():
    desk = CarefulDesk().guarded().by_hand()
    desk.step(ev.Reconnected(desk.now))
    desk.wait(0.12)
    assert desk.engine.state.books.suspicions
    desk.report("complete", LOT, desk.exit, average=4_200)
    assert desk.run.trade is not None
    desk.wait(1)
    assert not desk.engine.state.books.suspicions


def test_an_exit_in_doubt_for_long_does_not_ask_every_half_second():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.quote(5_400, 5_450)
    assert desk.exit.state is OrderState.MODIFYING
    desk.told_rows.pop(desk.exit.tag)
    desk.wait(30)
    fired = [event for event in desk.events if isinstance(event, ev.TimerFired) and "chase" in event.timer]
    assert len(fired) < 30


def test_an_entry_that_still_works_is_not_what_makes_a_contract_short():
    desk = CarefulDesk(strategy={"lots": 2}, risk={"max_daily_loss": "20000", "max_position_value": 60_000})
    desk.entering().report("open", LOT).accept().report("trigger_pending", 0, desk.orders[-1]).wait(1)
    desk.net = -LOT
    desk.wait(6)
    assert {cancel.tag for cancel in desk.all(ef.Cancel)} == {desk.exit.tag}


def test_a_stop_that_is_pending_at_the_broker_is_left_alone():
    desk = Desk().holding().report("pending")
    assert not desk.new(ef.Modify)
    assert desk.run.phase is Phase.HOLDING


def test_a_sale_filled_in_full_is_not_cancelled_while_its_last_word_is_missing():
    desk = Desk().holding().report("pending", LOT, average=4_200)
    assert desk.run.trade is None
    assert not desk.all(ef.Cancel)
    desk.report("complete", LOT, desk.exit, average=4_200)
    assert desk.run.trade is not None


def test_an_alarm_that_a_crash_may_have_swallowed_is_told_again_after_the_restart():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.net += LOT
    desk.wait(20)
    told = len(desk.alerts())
    desk.step(ev.Restarted(desk.now, 1))
    desk.wait(10)
    assert len(desk.alerts()) == told + 1


def test_a_proof_that_was_complained_about_is_complained_about_again_after_the_restart():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.report("complete", LOT, desk.exit, average=4_200).wait(25)
    told = len(desk.alerts())
    assert told
    desk.step(ev.Restarted(desk.now, 1))
    desk.wait(12)
    assert len(desk.alerts()) == told + 1
