"""The stop at the broker: of exactly what is held, never lowered, mended without a storm."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain.order import OrderState, Role
from ninefifteen.engine.state import Phase

from .builders import LOT, Desk, chain

TWO_LOTS: dict[str, Any] = {"strategy": {"lots": 2}, "risk": {"max_daily_loss": "6000"}}


def two_lots() -> Desk:
    return Desk(**TWO_LOTS).entering()


def test_a_fill_is_protected_at_once_by_a_stop_of_its_quantity():
    desk = Desk().entering().report("complete", LOT, average=5_000)
    request = desk.exit.request
    assert (request.role, request.type, request.quantity) == (Role.PROTECT, "SL", LOT)
    assert request.trigger == desk.position.stop == 4_255
    assert request.limit == 4_255 - 1_800


def test_levels_come_from_the_average_fill_not_from_the_limit():
    desk = Desk().entering().report("complete", LOT, average=4_980)
    assert desk.position.target == 5_380
    assert desk.position.average == 4_980


def test_a_tightened_stop_fits_the_planned_loss_in_the_daily_limit():
    desk = Desk().holding()
    assert desk.position.plan is not None
    assert desk.position.plan.tightened
    assert desk.position.plan.loss_at_stop <= 200_000


def test_a_fill_worse_than_any_stop_keeps_the_planned_one_and_says_so():
    desk = Desk(strategy={"min_working_stop_pct": 0}).entering()
    desk.engine.state.net_today -= 199_500
    desk.report("complete", LOT, average=5_050)
    assert desk.run.plan is not None
    assert desk.position.stop == desk.run.plan.stop
    assert "no stop that fits" in desk.alerts("P2")[0]


def test_the_stop_grows_with_partial_fills():
    desk = two_lots().report("open", LOT, average=5_000)
    assert desk.exit.request.quantity == LOT
    desk.accept().report("trigger_pending")
    desk.wait(1).report("complete", 2 * LOT, desk.entry, average=5_010)
    (change,) = desk.new(ef.Modify)
    assert (change.order_type, change.quantity, change.trigger) == ("SL", 2 * LOT, desk.position.stop)
    desk.report("trigger_pending")
    assert not desk.new(ef.Modify)
    assert desk.wait(60).run.phase is Phase.HOLDING


def test_a_fill_while_the_stop_is_on_its_way_is_covered_when_the_stop_is_seen():
    desk = two_lots().report("open", LOT, average=5_000)
    desk.report("complete", 2 * LOT, desk.entry, average=5_000)
    assert not desk.new(ef.Modify)
    desk.accept().report("trigger_pending")
    desk.wait(1)
    assert [m.quantity for m in desk.all(ef.Modify)] == [2 * LOT]


def test_the_rest_of_a_partial_fill_is_cancelled_at_the_cutoff_and_the_part_is_kept():
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    desk.go("09:15:30")
    assert desk.all(ef.Cancel)
    desk.report("cancelled", LOT, desk.entry, average=5_000)
    assert desk.run.phase is Phase.HOLDING
    assert desk.position.net == LOT
    assert not desk.all(ef.Modify)


def test_a_part_is_planned_for_what_is_held():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "3000"}).entering()
    desk.report("open", LOT, average=5_000)
    alone = desk.position.stop
    desk.accept().report("trigger_pending").wait(1).report("complete", 2 * LOT, desk.entry, average=5_000)
    assert alone < desk.position.stop
    assert desk.position.plan is not None
    assert desk.position.plan.quantity == 2 * LOT


def test_growing_refused_over_and_over_is_tried_once_a_second_and_then_left():
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    stop = desk.exit
    desk.wait(5.1).report("complete", 2 * LOT, desk.entry, average=5_000)
    for _ in range(4):
        desk.refuse_change(order=stop)
        desk.report("trigger_pending", 0, stop, quantity=LOT)
        assert not desk.new(ef.Modify)
        desk.wait(1)
    assert len(desk.all(ef.Modify)) == 5
    desk.report("trigger_pending", 0, stop, quantity=LOT).wait(1)
    assert "no full stop" in desk.alerts()[0]
    assert desk.run.leaving is not None


def test_the_rest_of_the_entry_does_not_fill_into_a_closed_trade():
    """The stop sells the first lot while the second is still being bought: cancelled, then closed."""
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("complete", LOT, desk.exit, average=4_200)
    assert desk.new(ef.Cancel)
    assert desk.run.trade is None
    desk.report("cancelled", LOT, desk.entry, average=5_000)
    assert desk.run.trade is not None
    assert desk.proved().engine.finished


def test_a_fill_after_the_stop_has_sold_is_protected_by_a_new_stop():
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("complete", LOT, desk.exit, average=4_200)
    desk.report("complete", 2 * LOT, desk.entry, average=5_000)
    (submit,) = desk.new(ef.Submit)
    assert submit.order.request.quantity == LOT
    assert submit.order.request.type == "SL"
    desk.accept().report("complete", LOT, average=4_150)
    assert desk.run.trade is not None
    assert desk.run.trade.sell_value == LOT * (4_200 + 4_150)


def test_a_fill_while_the_stop_has_triggered_is_sold_with_it():
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("open", 0, desk.exit).report("complete", 2 * LOT, desk.entry, average=5_000)
    (change,) = desk.new(ef.Modify)
    assert (change.order_type, change.quantity) == ("LIMIT", 2 * LOT)


def test_a_stop_refused_by_the_broker_leaves_at_once():
    desk = Desk().entering().report("complete", LOT, average=5_000).refuse("trigger above last price")
    (submit,) = desk.new(ef.Submit)
    assert (submit.order.request.role, submit.order.request.type) == (Role.REPAIR, "LIMIT")
    assert desk.run.leaving is not None
    assert "unprotected" in desk.alerts()[0]


def test_a_stop_cancelled_by_the_exchange_on_its_trigger_is_replaced_at_once():
    desk = Desk().holding().report("cancelled", message="outside the protection range")
    (submit,) = desk.new(ef.Submit)
    assert submit.order.request.quantity == LOT
    assert "outside the protection range" in desk.alerts()[0]


def test_the_stop_order_stays_inside_the_days_band():
    desk = Desk().watching(chain("AAA", band_low=3_003, band_high=60_000)).quote(4_950, 5_000).accept()
    desk.report("complete", LOT, average=5_000)
    assert desk.exit.request.limit == 3_005


def test_a_fill_without_a_price_gets_levels_from_the_limit_and_real_ones_later():
    desk = Desk().entering().report("complete", LOT, average=0)
    assert desk.position.stop > 0
    assert desk.position.average == 5_050
    desk.accept().report("trigger_pending")
    desk.report("complete", LOT, desk.entry, average=4_990)
    assert desk.position.average == 4_990
    assert desk.all(ef.Modify)[-1].trigger == desk.position.stop


def test_unprotected_is_asked_after_the_trade_is_over_and_does_nothing():
    desk = Desk().holding().report("complete", LOT, average=4_200).proved().wait(10)
    assert not desk.alerts()


def test_a_stop_only_acknowledged_is_not_seen_resting():
    desk = Desk().entering().report("complete", LOT, average=5_000).accept().wait(5.1)
    assert "no full stop" in desk.alerts()[0]


def trailing(**more: object) -> Desk:
    return Desk(strategy={"trail_pct": 10, "target_pct": 100, **more}).holding()


def test_a_trailing_stop_rises_with_the_bid_and_never_falls():
    desk = trailing().wait(1).quote(5_500, 5_550)
    assert desk.position.stop == 4_950
    assert desk.all(ef.Modify)[-1].trigger == 4_950
    desk.report("trigger_pending").wait(1).quote(5_200, 5_250)
    assert desk.position.stop == 4_950
    assert len(desk.all(ef.Modify)) == 1


def test_a_late_report_of_the_old_trigger_does_not_lower_a_raised_stop():
    desk = trailing().wait(1).quote(5_500, 5_550)
    desk.report("trigger_pending", trigger=4_255, limit=2_430)
    desk.wait(1)
    assert desk.position.stop == 4_950
    assert desk.all(ef.Modify)[-1].trigger == 4_950


def test_the_brokers_stop_follows_in_steps_so_that_modifications_last():
    desk = trailing().wait(1)
    bid = 5_000
    for _ in range(300):
        bid += 10
        desk.wait(1).quote(bid, bid + 10)
        if desk.new(ef.Modify):
            desk.report("trigger_pending")
    assert len(desk.all(ef.Modify)) <= 15
    assert desk.position.stop == -(-bid * 9 // 10 // 5) * 5


def test_a_raised_stop_waits_for_an_order_that_is_being_changed():
    desk = trailing().wait(1).quote(5_500, 5_550).wait(0.5).quote(6_000, 6_050)
    assert len(desk.all(ef.Modify)) == 1
    assert desk.position.stop == 5_400


def test_breakeven_moves_the_stop_to_the_average_fill_up_to_the_tick():
    desk = Desk(strategy={"breakeven_pct": 4}).holding(4_998).wait(1).quote(5_190, 5_195)
    assert desk.position.stop < 5_000
    desk.wait(1).quote(5_200, 5_210)
    assert desk.position.stop == 5_000
    assert desk.all(ef.Modify)[-1].trigger == 5_000


def test_a_raised_stop_that_is_reached_sells_though_the_broker_has_a_lower_one():
    desk = trailing().wait(1).quote(5_500, 5_550).refuse_change().report("trigger_pending", trigger=4_255)
    desk.wait(0.2).quote(4_900, 4_950).wait(1.1).quote(4_900, 4_950)
    assert desk.run.leaving is not None
    assert desk.run.leaving.reason == "stop"


@pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.COMPLETE])
def test_the_pause_after_a_change_ends_without_effect_when_the_stop_is_past_resting(state: OrderState):
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("complete", 2 * LOT, desk.entry, average=5_000)
    desk.report("trigger_pending", quantity=LOT)
    desk.exit.state = state
    desk.wait(1.1)
    assert len(desk.all(ef.Modify)) == 1


def test_a_raised_stop_without_a_resting_order_is_kept_by_the_engine_alone():
    desk = (
        Desk(strategy={"trail_pct": 10, "target_pct": 100}).entering().report("complete", LOT, average=5_000)
    )
    desk.wait(1).quote(5_500, 5_550)
    assert desk.position.stop == 4_950
    assert not desk.all(ef.Modify)


def test_a_stop_seen_triggered_that_has_sold_a_second_later_is_not_followed():
    desk = Desk().holding().report("open")
    desk.exit.state = OrderState.CANCELLING
    desk.wait(1.1)
    assert not desk.all(ef.Modify)


def test_a_position_closed_in_the_pause_after_a_change_is_left_alone():
    desk = two_lots().report("open", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("complete", 2 * LOT, desk.entry, average=5_000).report("trigger_pending", quantity=LOT)
    desk.report("complete", 2 * LOT, desk.exit, average=4_200).wait(1.1)
    assert len(desk.all(ef.Modify)) == 1


def test_a_trailing_level_below_the_stop_changes_nothing():
    desk = trailing(trail_pct=30).wait(1).quote(5_050, 5_060)
    assert desk.position.stop == 4_255
    assert not desk.all(ef.Modify)
