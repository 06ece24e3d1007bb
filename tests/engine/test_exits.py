"""Leaving: one sell order, morphed, followed, and never blocked; refusals pause instead of looping."""

from __future__ import annotations

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.exits import BUDGET
from ninefifteen.engine.state import Phase

from .builders import LOT, Desk, chain


def leaving_for_target() -> Desk:
    return Desk().holding().wait(1).quote(5_400, 5_450)


def test_the_target_turns_the_stop_into_a_limit_at_the_target():
    desk = leaving_for_target()
    (change,) = desk.new(ef.Modify)
    assert (change.order_type, change.limit, change.trigger, change.quantity) == ("LIMIT", 5_400, 0, LOT)
    assert desk.run.phase is Phase.EXITING
    desk.report("complete", LOT, average=5_405)
    assert desk.run.trade is not None
    assert (desk.run.trade.exit_reason, desk.run.trade.exit) == ("target", 5_405)
    assert len(desk.all(ef.Submit)) == 2


def test_a_target_that_falls_away_becomes_an_exit_that_follows_the_bid():
    desk = leaving_for_target().report("open").wait(1).quote(5_200, 5_250)
    assert len(desk.all(ef.Modify)) == 1
    desk.wait(1)
    assert desk.all(ef.Modify)[-1].limit == 5_145
    desk.report("complete", LOT, average=5_150)
    assert desk.run.trade is not None
    assert (desk.run.trade.exit_reason, desk.run.trade.exit) == ("target", 5_150)


def test_the_exit_goes_further_under_the_bid_each_second_then_slows_down_and_calls():
    desk = leaving_for_target().quote(5_000, 5_050)
    limits: list[int] = []
    for _ in range(120):
        desk.wait(0.5)
        if desk.exit.state is OrderState.MODIFYING:
            limits.append(desk.exit.asked.limit)
            desk.report("open")
            desk.quote(5_000, 5_050)
    assert limits[:4] == [5_400, 4_950, 4_850, 4_700]
    assert limits[4] == 4_500
    assert any("still held after 8 exit steps" in text for text in desk.alerts())
    assert desk.exit.modifications <= BUDGET


def test_a_lost_answer_to_the_exits_change_is_read_before_anything_else_is_asked():
    desk = leaving_for_target().wait(3)
    assert len(desk.all(ef.Modify)) == 1
    assert desk.all(ef.ReadOrders)
    desk.read(desk.word("complete", LOT))
    assert desk.proved().engine.finished


def test_a_change_that_never_arrived_is_asked_again_when_the_stop_is_seen_resting():
    desk = leaving_for_target().wait(2.1)
    desk.read(desk.word("trigger_pending", limit=2_430, trigger=4_230))
    assert len(desk.all(ef.Modify)) == 2
    assert desk.all(ef.Modify)[-1].order_type == "LIMIT"


def test_a_refused_change_is_tried_again_at_another_price():
    desk = leaving_for_target().refuse_change()
    assert desk.new(ef.ReadOrders)
    desk.read(desk.word("trigger_pending", limit=2_430, trigger=4_230))
    assert desk.all(ef.Modify)[-1].order_type == "LIMIT"


def test_three_refusals_of_the_exit_pause_it_instead_of_looping():
    desk = Desk().entering().report("complete", LOT, average=5_000)
    for _ in range(4):
        desk.refuse("band").wait(0.5)
    sent = len(desk.all(ef.Submit))
    assert sent == 1 + 1 + 3
    desk.wait(9.4)
    assert len(desk.all(ef.Submit)) == sent
    desk.wait(0.2)
    assert len(desk.all(ef.Submit)) == sent + 1
    desk.refuse("band").wait(9)
    assert len(desk.all(ef.Submit)) == sent + 1


def test_after_the_pause_the_exit_is_followed_again():
    desk = Desk().entering().report("complete", LOT, average=5_000)
    for _ in range(4):
        desk.refuse("band").wait(0.5)
    desk.wait(9.6).accept().report("open").quote(4_600, 4_650).wait(1.1)
    assert desk.all(ef.Modify)
    desk.report("complete", LOT, average=4_550)
    assert desk.proved().engine.finished
    assert desk.wait(60).new(ef.Submit) == []


def test_a_position_sold_during_the_pause_is_left_alone():
    desk = Desk().entering().report("complete", LOT, average=5_000)
    for _ in range(4):
        desk.refuse("band").wait(0.5)
    last = desk.orders[-1]
    desk.report("rejected", LOT, last, average=4_400)
    assert desk.run.trade is not None
    assert len(desk.wait(30).all(ef.Submit)) == 5


def test_an_exit_that_has_used_its_modifications_is_cancelled_and_replaced():
    desk = leaving_for_target()
    price = 5_300
    while len(desk.all(ef.Cancel)) == 0:
        desk.report("open").wait(1)
        price -= 10
        desk.quote(price, price + 20)
        assert desk.exit.modifications <= BUDGET
    old = desk.exit
    desk.wait(1)
    assert len(desk.all(ef.Cancel)) == 1
    desk.report("cancelled", 0, old)
    assert desk.exit is not old
    assert desk.exit.request.quantity == LOT
    desk.accept().report("complete", LOT, average=4_000)
    assert desk.proved().engine.finished


def test_a_partly_filled_exit_sells_exactly_the_rest():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).holding().wait(1).quote(5_400, 5_450)
    desk.report("open", LOT, average=5_400).quote(5_000, 5_050).wait(2)
    assert desk.all(ef.Modify)[-1].quantity == 2 * LOT
    desk.report("cancelled", LOT, average=5_400)
    assert desk.exit.request.quantity == LOT
    desk.accept().report("complete", LOT, average=4_950)
    assert desk.run.trade is not None
    assert desk.run.trade.sell_value == LOT * (5_400 + 4_950)


def test_a_triggered_stop_that_does_not_fill_is_followed_after_a_second():
    desk = Desk().holding().wait(1).report("open").quote(3_000, 3_050)
    assert not desk.all(ef.Modify)
    desk.wait(1)
    (change,) = desk.all(ef.Modify)
    assert (change.order_type, change.limit) == ("LIMIT", 2_970)
    desk.report("complete", LOT, average=2_980)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "stop"


def test_a_triggered_stop_that_fills_in_time_is_not_followed():
    desk = Desk().holding().report("open").report("complete", LOT, average=4_200).wait(5)
    assert not desk.all(ef.Modify)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "stop"


def test_a_triggered_stop_that_is_already_being_left_is_not_left_twice():
    desk = leaving_for_target()
    desk.report("open").wait(1)
    assert [n.kind for n in desk.all(ef.Note)].count("exit") == 1


@pytest.mark.parametrize(("low", "expected"), [(0, 2_970), (2_990, 2_990)])
def test_the_exit_stays_inside_the_days_band(low: int, expected: int):
    desk = Desk().watching(chain("AAA", band_low=low, band_high=60_000)).quote(4_950, 5_000).accept()
    desk.report("complete", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("open").quote(3_000, 3_050).wait(1)
    assert desk.all(ef.Modify)[-1].limit == expected


def test_the_exit_is_never_below_one_tick():
    desk = Desk().holding().report("open").quote(5, 10).wait(1)
    assert desk.all(ef.Modify)[-1].limit == 5


def test_where_no_bid_was_ever_seen_the_limit_of_the_stop_is_the_price():
    desk = Desk().holding().report("open").quote(0, 4_000, last=3_900).wait(1)
    assert desk.all(ef.Modify)[-1].limit == 4_255 - 1_800
    blind = Desk(entry={"when": "bell"}).armed().go("09:15:00").accept().report("complete", LOT)
    limit = blind.exit.request.limit
    blind.accept().report("trigger_pending").report("open").wait(1)
    assert blind.all(ef.Modify)[-1].limit == limit


def test_a_sell_that_sold_too_much_halts_the_day_and_calls():
    desk = Desk().holding().report("complete", 2 * LOT, average=4_200, quantity=2 * LOT)
    assert "sold too many" in desk.alerts()[0]
    assert desk.engine.state.halted is not None


def test_a_trade_booked_is_not_changed_by_later_reports():
    desk = Desk().holding()
    stop = desk.exit
    desk.report("complete", LOT, average=4_200)
    booked = desk.run.trade
    desk.report("complete", LOT, stop, average=4_100)
    assert desk.run.trade is booked
    assert "after the trade was booked" in desk.alerts()[0]


def test_a_sale_counted_late_makes_the_replacement_smaller():
    """The first sell is reported cancelled without fills and replaced; then one lot turns out sold."""
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).holding()
    first = desk.exit
    desk.report("cancelled", 0, first).accept().report("open")
    second = desk.exit
    assert second.quantity == 2 * LOT
    desk.report("cancelled", LOT, first, average=4_500)
    assert desk.all(ef.Modify)[-1].quantity == LOT
    desk.report("open", 0, second, quantity=LOT).report("complete", LOT, second, average=4_400)
    assert desk.run.trade is not None
    assert desk.run.trade.quantity == 2 * LOT


def test_a_replacement_is_cancelled_when_everything_turns_out_sold():
    desk = Desk().holding()
    first = desk.exit
    desk.report("cancelled", 0, first).accept().report("open")
    second = desk.exit
    desk.report("cancelled", LOT, first, average=4_500)
    assert desk.new(ef.Cancel) == [ef.Cancel(second.tag, second.order_id)]
    assert desk.run.trade is None
    desk.report("cancelled", 0, second)
    assert desk.run.trade is not None
    assert desk.proved().engine.finished


def test_a_replacement_still_on_its_way_is_waited_for_when_everything_turns_out_sold():
    desk = Desk().holding()
    first = desk.exit
    desk.report("cancelled", 0, first)
    second = desk.exit
    desk.report("cancelled", LOT, first, average=4_500)
    assert not desk.new(ef.Cancel)
    desk.accept(second).report("open", 0, second)
    assert desk.new(ef.Cancel)


def test_after_its_fast_steps_an_exit_that_is_seen_resting_keeps_the_slow_pace():
    desk = leaving_for_target()
    for _ in range(12):
        desk.report("open").wait(1).quote(5_300, 5_320)
    steps = len(desk.all(ef.Modify))
    for _ in range(5):
        desk.report("trigger_pending").wait(0.5)
    assert len(desk.all(ef.Modify)) == steps


def test_an_exit_found_working_after_a_long_doubt_is_followed_within_a_second():
    desk = leaving_for_target().wait(20.2).quote(5_300, 5_320)
    before = len(desk.all(ef.Modify))
    desk.report("open").wait(1)
    assert len(desk.all(ef.Modify)) == before + 1


def test_a_price_that_is_told_after_the_trade_was_booked_puts_it_right():
    desk = Desk().holding(5_000).report("complete", LOT, average=0)
    booked = desk.run.trade
    assert booked is not None
    assert booked.exit == desk.exit.limit
    before = desk.engine.state.net_today
    desk.report("complete", LOT, desk.exit, average=4_200)
    assert desk.run.trade is not None
    assert (desk.run.trade.exit, desk.run.trade.exit_at) == (4_200, booked.exit_at)
    assert desk.engine.state.net_today > before
    assert not desk.alerts()
    assert desk.engine.state.streak == 1


def test_a_loss_that_was_a_gain_all_along_does_not_count_as_a_loss():
    desk = Desk().entering().report("complete", LOT, average=0).accept().report("trigger_pending")
    desk.wait(1).quote(5_400, 5_450)
    desk.report("complete", LOT, desk.exit, average=5_060)
    assert desk.engine.state.streak == 1
    desk.report("complete", LOT, desk.entry, average=4_900)
    assert desk.engine.state.streak == 0


def test_a_gain_that_was_a_loss_all_along_counts_as_one():
    desk = Desk().holding(5_000)
    desk.wait(1).quote(5_600, 5_620).report("complete", LOT, desk.exit, average=0)
    assert desk.engine.state.streak == 0
    desk.report("complete", LOT, desk.exit, average=5_001)
    assert desk.engine.state.streak == 1


def test_a_fill_without_a_price_is_looked_up_until_it_has_one():
    desk = Desk().holding().report("complete", LOT, average=0)
    desk.wait(6)
    assert desk.all(ef.ReadOrders)
    desk.read(desk.word("complete", LOT, desk.exit, average=4_200))
    before = len(desk.all(ef.ReadOrders))
    desk.wait(60)
    assert len(desk.all(ef.ReadOrders)) == before


def test_a_third_change_within_a_second_waits_for_its_second():
    desk = Desk(strategy={"lots": 3}, risk={"max_daily_loss": "20000", "max_position_value": 60_000})
    desk.entering().report("open", LOT).accept().report("trigger_pending", 0, desk.orders[-1])
    desk.report("open", 2 * LOT, desk.entry).report("complete", 3 * LOT, desk.entry)
    assert len(desk.all(ef.Modify)) == 2
    desk.wait(0.1).step(ev.Halted(desk.now, "sms", "stop"))
    assert len(desk.all(ef.Modify)) == 2
    desk.report("trigger_pending", 0, desk.exit).wait(1)
    assert desk.all(ef.Modify)[-1].order_type == "LIMIT"


def test_a_stop_whose_third_change_had_to_wait_is_brought_to_size_then():
    desk = Desk(strategy={"lots": 4}, risk={"max_daily_loss": "20000", "max_position_value": 70_000})
    desk.entering().report("open", LOT).accept().report("trigger_pending", 0, desk.orders[-1])
    for lots in (2, 3, 4):
        desk.report("open" if lots < 4 else "complete", lots * LOT, desk.entry)
    desk.report("trigger_pending", 0, desk.exit, quantity=3 * LOT).wait(1.5)
    assert desk.all(ef.Modify)[-1].quantity == 4 * LOT


def test_an_exit_that_has_become_slow_takes_its_next_step_at_the_square_off_and_at_a_halt():
    desk = leaving_for_target()
    for _ in range(12):
        desk.report("open").wait(1).quote(5_300, 5_320)
    desk.report("open").wait(3).quote(5_200, 5_220)
    before = len(desk.all(ef.Modify))
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    assert len(desk.all(ef.Modify)) == before + 1


def test_an_exit_that_does_not_work_is_told_every_minute():
    desk = leaving_for_target()
    for _ in range(600):
        desk.report("open").wait(1)
    told = [text for text in desk.alerts() if "still held after" in text]
    assert 6 <= len(told) <= 10


def test_a_stop_that_neither_rests_nor_trades_is_looked_up_and_then_told():
    desk = Desk().holding().report("pending").wait(3.5)
    assert len(desk.all(ef.ReadOrders)) >= 3
    assert not desk.alerts()
    desk.wait(1)
    assert "neither rests nor trades" in desk.alerts()[0]
    desk.wait(20)
    assert len(desk.alerts()) == 1
    desk.report("trigger_pending").wait(10)
    assert desk.run.phase is Phase.HOLDING


def test_a_stop_that_was_pending_and_is_open_is_left_by_the_bid():
    desk = Desk().holding().quote(4_200, 4_250).report("pending").wait(1.5)
    desk.report("open", 0, desk.exit).wait(1.1)
    assert desk.run.leaving is not None


def test_an_exit_whose_status_tells_nothing_goes_on_being_followed():
    desk = leaving_for_target().report("pending").quote(5_300, 5_320).wait(2.1)
    assert len(desk.all(ef.Modify)) == 2
    assert not desk.alerts()
