"""Orders of which nothing trustworthy was heard: looked up, never sent again, found late, proved absent."""

from __future__ import annotations

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.state import Phase

from .builders import CALL, LOT, Desk
from .careful import CarefulDesk


def unknown_entry() -> Desk:
    return Desk().watching().quote(4_950, 5_000).lose()


def parked_entry() -> Desk:
    desk = unknown_entry()
    for _ in range(40):
        desk.wait(1).read()
    return desk


def test_an_unknown_entry_is_looked_up_soon_and_ever_more_slowly():
    desk = unknown_entry()
    looked: list[float] = []
    start = desk.now
    while desk.now < start + 25 * 10**9:
        desk.wait(0.1)
        if desk.new(ef.ReadOrders):
            looked.append((desk.now - start) / 10**9)
            desk.read()
    assert [round(at, 1) for at in looked[:6]] == [0.3, 1.0, 2.5, 5.5, 10.5, 15.5]
    assert len(desk.all(ef.Submit)) == 1


def test_an_unknown_entry_counts_in_full():
    assert unknown_entry().engine.state.orders.exposure() == LOT * 5_050


def test_an_unknown_entry_found_in_the_book_goes_on_as_if_accepted():
    desk = unknown_entry().wait(1).read(unknown_entry().word("open"))
    assert desk.entry.state is OrderState.OPEN
    desk.report("complete", LOT)
    assert desk.run.phase is Phase.HOLDING
    assert len(desk.all(ef.Submit)) == 2


def test_an_unknown_entry_found_filled_is_guarded():
    desk = unknown_entry().wait(1)
    desk.read(desk.word("complete", LOT))
    assert desk.exit.request.quantity == LOT


def test_an_unknown_entry_found_after_the_cutoff_is_cancelled():
    desk = unknown_entry().wait(1).read().go("09:15:31")
    desk.read(desk.word("open"))
    assert desk.new(ef.Cancel)
    desk.report("cancelled", limit=5_050)
    assert desk.reason() == "not_filled"


def test_a_refusal_that_comes_after_the_loss_ends_the_doubt():
    desk = unknown_entry().refuse("insufficient funds")
    assert desk.reason() == "order_refused"


def test_failed_reads_change_nothing():
    desk = unknown_entry()
    for _ in range(60):
        desk.wait(1).read(ok=False)
    assert desk.entry.state is OrderState.UNKNOWN


def test_an_entry_not_found_for_thirty_seconds_is_parked_and_the_day_is_spent():
    desk = parked_entry()
    assert desk.entry.state is OrderState.PARKED
    assert "parked" in desk.alerts()[0]
    assert desk.engine.state.orders.exposure() == LOT * 5_050
    assert len(desk.all(ef.Submit)) == 1
    assert not desk.engine.finished


def test_a_parked_entry_that_appears_is_cancelled_at_once():
    desk = parked_entry()
    desk.read(desk.word("open"))
    assert desk.new(ef.Cancel)
    desk.report("cancelled", limit=5_050)
    assert desk.engine.finished


def test_a_parked_entry_that_is_accepted_late_is_cancelled_at_once():
    assert parked_entry().accept().new(ef.Cancel)


def test_a_parked_entry_that_appears_filled_is_sold_at_once():
    desk = parked_entry()
    desk.read(desk.word("complete", LOT))
    (submit,) = desk.new(ef.Submit)
    assert (submit.order.request.side, submit.order.request.type) == ("SELL", "LIMIT")
    desk.accept().report("complete", LOT)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "late"
    assert desk.proved().engine.finished


def test_an_entry_that_was_refused_and_filled_after_all_is_sold_at_once_when_halted_meanwhile():
    desk = Desk().watching().quote(4_950, 5_000).refuse("no")
    before: Phase = desk.run.phase
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    desk.wait(1).read(desk.word("complete", LOT))
    assert (before, desk.run.phase) == (Phase.DONE, Phase.EXITING)
    (submit,) = desk.new(ef.Submit)
    assert (submit.order.request.side, submit.order.request.type) == ("SELL", "LIMIT")


def test_an_unparked_entry_keeps_filling_only_into_the_exit():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).watching().quote(4_950, 5_000).lose()
    for _ in range(40):
        desk.wait(1).read()
    entry = desk.orders[0]
    desk.read(desk.word("open", LOT, entry))
    assert desk.new(ef.Cancel)
    assert desk.exit.request.quantity == LOT
    desk.accept().report("open").report("cancelled", 2 * LOT, entry, limit=5_050)
    (more,) = desk.new(ef.Modify)
    assert (more.order_type, more.quantity) == ("LIMIT", 2 * LOT)
    desk.report("complete", 2 * LOT, desk.exit)
    assert desk.run.trade is not None
    assert desk.run.trade.quantity == 2 * LOT


def test_a_parked_entry_that_clean_reads_never_found_lapses_with_the_session():
    record = parked_entry().record
    assert record.flat
    assert (record.status, record.reason) == ("no_trade", "not_filled")


def test_a_parked_entry_that_could_not_be_looked_up_is_said_aloud_at_the_end():
    desk = parked_entry().read(ok=False)
    assert not desk.record.flat
    assert "the day ends with a position or a living order" in desk.alerts()[-1]


def test_reads_that_fail_for_ten_seconds_alarm_at_once_and_then_every_minute():
    desk = Desk().holding().read(ok=False)
    assert not desk.alerts()
    desk.wait(10).read(ok=False)
    assert "the order book cannot be read since 10 s" in desk.alerts()[-1]
    desk.wait(5).read(ok=False)
    assert len(desk.alerts()) == 1
    desk.wait(60).read(ok=False)
    assert len(desk.alerts()) == 2
    desk.read()
    assert any("can be read again" in note.text for note in desk.all(ef.Note))


def test_the_value_of_a_fill_is_exact_where_the_trades_tell_it():
    desk = Desk().entering().report("complete", LOT, average=5_001, value=5_001 * LOT - 7)
    assert desk.position.buy_value == 5_001 * LOT - 7


def test_an_order_of_somebody_else_is_left_alone():
    desk = Desk().holding()
    desk.read(desk.word("open", tag="theirs", order_id="77"))
    assert not desk.effects
    desk.step(ev.OrderAccepted(desk.now, "unheard", "78"))
    assert "do not know" in desk.alerts()[0]
    desk.step(ev.OrderRefused(desk.now, "unheard", "no"))
    desk.step(ev.OutcomeUnknown(desk.now, "unheard", "lost"))
    desk.step(ev.ChangeAnswered(desk.now, "unheard", "cancel", taken=False))
    assert not desk.effects


def test_answers_to_a_final_order_change_nothing():
    desk = Desk().entering().report("complete", LOT)
    entry = desk.entry
    desk.refuse(order=entry).lose(entry).refuse_change(order=entry)
    assert entry.state is OrderState.COMPLETE


def test_a_change_that_was_taken_says_nothing_by_itself():
    desk = Desk().entering()
    desk.step(ev.ChangeAnswered(desk.now, desk.entry.tag, "modify", taken=True))
    assert not desk.effects


def test_a_push_that_is_lost_is_made_up_by_reading():
    desk = Desk().watching().quote(4_950, 5_000).accept()
    desk.wait(1)
    assert desk.new(ef.ReadOrders)
    desk.read(desk.word("complete", LOT))
    assert desk.run.phase is Phase.HOLDING


def test_an_open_order_is_read_every_five_seconds():
    desk = Desk(entry={"max_modifications": 0}).entering().wait(1).read(Desk().entering().word("open"))
    before = len(desk.all(ef.ReadOrders))
    desk.wait(4.9)
    assert len(desk.all(ef.ReadOrders)) == before
    assert len(desk.wait(0.2).all(ef.ReadOrders)) == before + 1


def test_a_read_whose_answer_is_lost_is_read_again():
    desk = unknown_entry().wait(0.3)
    assert len(desk.all(ef.ReadOrders)) == 1
    assert len(desk.wait(5).all(ef.ReadOrders)) == 2


def test_a_resting_stop_is_reconciled_as_often_as_the_day_says():
    quiet, careful = Desk().holding(), CarefulDesk().guarded()
    before = len(careful.all(ef.ReadOrders))
    quiet.wait(60)
    careful.wait(60)
    assert len(quiet.all(ef.ReadOrders)) == 0
    assert len(careful.all(ef.ReadOrders)) - before == 12


# ---- sales


def unknown_stop() -> Desk:
    desk = Desk().entering().report("complete", LOT, average=5_000)
    return desk.lose()


def test_an_unknown_stop_is_no_protection_after_five_seconds():
    desk = unknown_stop().wait(4.9)
    assert not desk.alerts()
    desk.wait(0.2)
    assert "no full stop" in desk.alerts()[0]
    assert len(desk.all(ef.Submit)) == 2


def test_an_unknown_stop_that_is_found_resting_becomes_the_exit_that_was_due():
    desk = unknown_stop().wait(6)
    desk.read(desk.word("trigger_pending"))
    (change,) = desk.new(ef.Modify)
    assert (change.order_type, change.quantity) == ("LIMIT", LOT)


def test_an_unknown_stop_found_in_time_just_rests():
    desk = unknown_stop().wait(1)
    desk.read(desk.word("trigger_pending")).wait(20)
    assert desk.run.phase is Phase.HOLDING
    assert not desk.alerts()


def test_a_sale_is_sent_anew_only_after_it_is_proved_absent():
    desk = unknown_stop()
    start = desk.now
    while desk.now < start + 119 * 10**9:
        desk.wait(1).read(desk.word("complete", LOT, desk.entry))
    assert len(desk.all(ef.Submit)) == 2
    while len(desk.all(ef.Submit)) == 2 and desk.now < start + 140 * 10**9:
        desk.wait(1).read(desk.word("complete", LOT, desk.entry))
    assert desk.orders[1].state is OrderState.EXPIRED
    assert (desk.exit.request.quantity, desk.exit.request.type) == (LOT, "LIMIT")
    assert desk.exit.request.instrument.name == CALL


def test_reads_that_come_in_a_burst_prove_nothing():
    desk = unknown_stop()
    for _ in range(50):
        desk.read()
    assert desk.exit.absences == 0


def test_a_fill_told_after_the_entry_was_over_is_guarded_with_new_market_data():
    desk = Desk().entering().go("09:15:30").report("cancelled", limit=5_050)
    assert desk.engine.finished
    desk.report("cancelled", LOT, limit=5_050, average=5_000)
    assert desk.new(ef.Subscribe) == [ef.Subscribe((CALL,))]
    assert desk.run.phase is Phase.HOLDING
    assert desk.exit.request.quantity == LOT
