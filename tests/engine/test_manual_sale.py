"""Somebody sells in the broker's app what the engine holds: our sell shrinks or goes, nothing is short."""

from __future__ import annotations

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderReport, OrderState
from ninefifteen.engine.state import Phase

from .builders import CALL, LOT, Desk
from .careful import CarefulDesk, held

TWO_LOTS = {
    "strategy": {"lots": 2},
    "risk": {"max_daily_loss": "20000", "max_position_value": 60_000},
}


def notes(desk: Desk, kind: str) -> list[str]:
    return [note.text for note in desk.all(ef.Note) if note.kind == kind]


def stranger(**changes: object) -> OrderReport:
    given: dict[str, object] = {
        "order_id": "app1",
        "tag": "",
        "status": OrderState.COMPLETE,
        "quantity": LOT,
        "filled": LOT,
        "average": 5_100,
        "limit": 5_100,
    } | changes
    return OrderReport(**given)  # type: ignore[arg-type]


def test_what_was_sold_by_hand_takes_our_sell_back_and_is_booked_as_manual():
    desk = CarefulDesk().guarded().by_hand(LOT, 5_100)
    seen = desk.now
    while not desk.all(ef.Cancel):
        desk.wait(0.1)
    assert desk.now - seen < 6 * SECOND
    desk.report("cancelled", 0, desk.exit)
    trade = desk.run.trade
    assert trade is not None
    assert (trade.exit_reason, trade.quantity, trade.exit) == ("manual", LOT, 5_100)
    assert desk.wait(3).engine.finished
    assert desk.record.flat


def test_a_foreign_order_is_a_hint_and_the_sale_is_acted_on_within_two_seconds():
    desk = CarefulDesk().guarded().by_hand()
    start = desk.now
    desk.step(ev.OrderUpdate(desk.now, stranger()))
    while not desk.all(ef.Cancel):
        desk.wait(0.1)
    assert desk.now - start <= SECOND


def test_a_part_sold_by_hand_leaves_a_stop_for_the_rest():
    desk = CarefulDesk(**TWO_LOTS).guarded().by_hand(LOT).wait(6)
    change = desk.all(ef.Modify)[-1]
    assert (change.order_type, change.quantity) == ("SL", LOT)
    assert desk.position.net == LOT
    desk.report("trigger_pending").wait(10)
    assert desk.run.phase is Phase.HOLDING
    assert not desk.alerts()


def test_the_rest_is_sold_by_our_own_stop_and_the_trade_has_both_prices():
    desk = CarefulDesk(**TWO_LOTS).guarded().by_hand(LOT, 5_200).wait(6)
    desk.report("trigger_pending")
    desk.report("complete", LOT, average=4_200)
    trade = desk.run.trade
    assert trade is not None
    assert (trade.exit_reason, trade.sell_value) == ("stop", LOT * (5_200 + 4_200))


def test_a_single_reading_decides_nothing():
    desk = CarefulDesk().guarded().by_hand()
    desk.step(ev.OrderUpdate(desk.now, stranger()))
    desk.wait(0.15)
    assert desk.position.doubt == LOT
    desk.net, desk.sold, desk.sell_value = LOT, 0, 0
    desk.wait(20)
    assert desk.position.by_hand == desk.position.doubt == 0
    assert not desk.all(ef.Cancel)
    assert desk.exit.state is OrderState.TRIGGER_PENDING


def test_our_own_fill_that_the_positions_show_first_is_no_sale_by_hand():
    desk = CarefulDesk().guarded()
    desk.by_hand(LOT, 4_200)  # our stop, seen by the positions first
    desk.told_rows[desk.exit.tag] = desk.word("complete", LOT, desk.exit, average=4_200)
    desk.wait(10)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "stop"
    assert desk.position.by_hand == 0


def test_our_own_fill_that_the_order_book_shows_much_later_takes_the_sale_back():
    desk = CarefulDesk().guarded().by_hand(LOT, 4_200).wait(6)
    assert desk.position.by_hand == LOT
    desk.report("complete", LOT, desk.exit, average=4_200)
    assert desk.run.trade is not None
    assert (desk.run.trade.exit_reason, desk.run.trade.exit) == ("stop", 4_200)
    assert desk.engine.state.halted is None


def test_positions_that_lag_behind_a_fresh_fill_are_not_believed():
    desk = CarefulDesk().entering().report("complete", LOT, average=5_000).accept().report("trigger_pending")
    assert isinstance(desk, CarefulDesk)
    desk.wait(2.5)
    assert desk.position.doubt == 0
    assert not desk.engine.state.books.suspicions


def test_positions_that_never_showed_our_units_are_told_and_not_acted_on():
    desk = CarefulDesk().entering().report("complete", LOT, average=5_000).accept().report("trigger_pending")
    desk.wait(30)
    assert desk.position.by_hand == 0
    assert not desk.all(ef.Cancel)
    assert "the broker shows 0" in desk.alerts()[0]
    assert len(desk.alerts()) == 1


@pytest.mark.parametrize("other_rows", [False, True])
def test_a_list_that_lacks_what_we_have_bought_is_no_reading_and_is_told(other_rows: bool):
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.listed, desk.others = False, (held(50, "BBB"),) if other_rows else ()
    desk.wait(9)
    assert not desk.alerts()
    desk.wait(20)
    assert "cannot be read" in desk.alerts()[0]
    assert CALL in desk.alerts()[0]
    desk.wait(120)
    assert desk.position.by_hand == 0
    assert not desk.all(ef.Cancel)
    assert desk.run.trade is None
    desk.listed = True
    desk.wait(20)
    assert not desk.engine.state.unreconciled
    assert desk.exit.state is OrderState.TRIGGER_PENDING


@pytest.mark.parametrize("seconds", [6, 14, 60])
def test_a_stale_row_without_our_units_and_without_a_sale_is_told_and_not_acted_on(seconds: int):
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.net = 0
    desk.wait(seconds)
    assert desk.position.by_hand == desk.position.doubt == 0
    assert not desk.all(ef.Cancel)
    if seconds > 10:
        assert f"the broker shows 0 {CALL}" in desk.alerts()[0]
    desk.net = LOT
    desk.wait(10)
    assert not desk.engine.state.unreconciled
    assert desk.run.phase is Phase.HOLDING


def test_without_the_brokers_price_the_last_bid_values_the_sale():
    desk = CarefulDesk().guarded().quote(5_150, 5_200)
    assert isinstance(desk, CarefulDesk)
    desk.by_hand(LOT, 0).wait(6)
    desk.report("cancelled", 0, desk.exit)
    assert desk.run.trade is not None
    assert desk.run.trade.exit == 5_150
    assert "valued at the last bid" in desk.run.trade.note


def test_without_any_price_the_sale_is_valued_at_what_was_paid():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.engine.state.quotes.clear()
    desk.by_hand(LOT, 0).wait(6)
    assert desk.position.hand_value == LOT * desk.position.average


def test_units_that_somebody_buys_after_selling_as_many_of_ours_are_his_own():
    desk = CarefulDesk(**TWO_LOTS).guarded().by_hand(LOT).wait(6)
    assert isinstance(desk, CarefulDesk)
    desk.report("trigger_pending").wait(60)
    changes = len(desk.all(ef.Modify))
    desk.net += LOT
    desk.wait(60)
    assert (desk.position.by_hand, desk.position.net) == (LOT, LOT)
    assert len(desk.all(ef.Modify)) == changes
    assert f"the broker shows {2 * LOT} {CALL}, we know of {LOT}" in desk.alerts()[0]


def test_what_others_held_before_us_stays_theirs():
    desk = CarefulDesk()
    desk.net = 3 * LOT
    desk.guarded()
    assert desk.position.net == LOT
    assert not desk.engine.state.books.suspicions
    desk.by_hand(LOT).wait(6)
    assert desk.position.by_hand == LOT
    desk.report("cancelled", 0, desk.exit).wait(5)
    assert desk.engine.finished


def test_units_that_turn_out_to_be_held_are_guarded_again():
    desk = CarefulDesk(**TWO_LOTS).guarded().by_hand(LOT).wait(6)
    assert isinstance(desk, CarefulDesk)
    desk.report("trigger_pending")
    desk.by_hand(-LOT)
    while desk.position.by_hand:
        desk.wait(0.1)
    change = desk.all(ef.Modify)[-1]
    assert (change.order_type, change.quantity) == ("SL", 2 * LOT)


def test_everything_taken_for_sold_and_held_after_all_is_sold_at_once():
    desk = CarefulDesk().guarded().by_hand().wait(6)
    assert isinstance(desk, CarefulDesk)
    tag = desk.exit.tag
    desk.by_hand(-LOT)
    while desk.position.by_hand:
        desk.wait(0.5)
    desk.report("cancelled", 0, desk.exit)
    desk.wait(3)
    assert desk.exit.tag != tag
    assert desk.exit.request.quantity == LOT


def test_while_a_sale_is_in_doubt_no_sell_is_enlarged():
    desk = CarefulDesk(**TWO_LOTS).guarded()
    desk.by_hand(LOT)
    desk.step(ev.OrderUpdate(desk.now, stranger()))
    desk.wait(0.15)
    assert desk.position.doubt == LOT
    desk.report("trigger_pending", quantity=LOT)
    desk.wait(0.05)
    assert not desk.all(ef.Modify)


def test_our_stop_cancelled_in_the_app_is_repaired_when_the_units_are_still_there():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.report("cancelled", 0, desk.exit)
    assert not desk.new(ef.Submit)
    desk.wait(0.2)
    assert desk.exit.request.role == "repair"
    assert desk.exit.request.quantity == LOT


def test_our_stop_cancelled_and_the_units_sold_in_the_app_sends_nothing_more():
    desk = CarefulDesk().guarded().by_hand()
    sent = len(desk.all(ef.Submit))
    desk.report("cancelled", 0, desk.exit).wait(5)
    assert len(desk.all(ef.Submit)) == sent
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "manual"


def test_a_repair_does_not_wait_for_positions_that_cannot_be_read():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.positions_readable = False
    desk.report("cancelled", 0, desk.exit).wait(1.9)
    assert desk.exit.final
    desk.wait(0.2)
    assert not desk.exit.final
    assert desk.exit.request.quantity == LOT


def test_a_stop_cancelled_right_after_the_fill_is_repaired_at_once():
    desk = CarefulDesk().entering().report("complete", LOT, average=5_000).accept().report("trigger_pending")
    desk.report("cancelled", 0, desk.exit)
    assert desk.new(ef.Submit)


def test_two_strategies_share_what_is_missing_of_one_contract():
    desk = CarefulDesk(opening_range={"enabled": True}).guarded()
    assert isinstance(desk, CarefulDesk)
    assert len(desk.engine.state.runs) == 2
    desk.by_hand().wait(6)
    assert desk.position.by_hand == LOT


@pytest.mark.parametrize("status", ["open", "cancelled"])
def test_a_foreign_order_while_nothing_is_held_is_nothing_to_us(status: str):
    desk = CarefulDesk().begun().wait(1)
    before = len(desk.all(ef.ReadPositions))
    desk.step(ev.OrderUpdate(desk.now, stranger(status=OrderState(status), filled=0)))
    assert len(desk.all(ef.ReadPositions)) == before
    assert CALL not in desk.engine.state.books.baseline


def two_holders() -> CarefulDesk:
    """Both strategies hold a lot of the same contract, each with its own stop."""
    desk = CarefulDesk(opening_range={"enabled": True}, risk={"max_daily_loss": "9000"}).guarded()
    assert isinstance(desk, CarefulDesk)
    desk.go("09:20:00").stocks(AAA=103_200).go("09:29:59").stocks().go("09:30:00").stocks()
    desk.wait(1).stocks(AAA=103_300).quote(4_950, 5_000)
    desk.net += LOT
    desk.accept().report("complete", LOT, average=5_000).accept().report("trigger_pending").wait(11)
    assert [run.phase for run in desk.engine.state.runs] == [Phase.HOLDING, Phase.HOLDING]
    return desk


def test_of_two_holders_of_a_contract_as_many_units_are_gone_as_were_sold():
    desk = two_holders().by_hand(LOT).wait(6)
    one, two = (run.position for run in desk.engine.state.runs)
    assert one is not None
    assert two is not None
    assert (one.net, two.net) == (0, LOT)
    assert not desk.engine.state.books.suspicions


def test_one_sale_by_hand_is_evidence_only_once():
    desk = two_holders().by_hand(LOT).wait(6)
    assert isinstance(desk, CarefulDesk)
    one, two = desk.engine.state.runs
    desk.report("cancelled", 0, desk.engine.state.orders.by_tag[one.exit_tag]).wait(10)
    assert one.trade is not None
    desk.net = 0  # a reading that lags: one lot is still there
    desk.wait(8)
    assert two.position is not None
    assert (two.position.net, two.position.by_hand) == (LOT, 0)
    assert {cancel.tag for cancel in desk.all(ef.Cancel)} == {one.exit_tag}


def test_of_two_holders_both_have_sold_when_everything_is_gone():
    desk = two_holders().by_hand(2 * LOT).wait(6)
    assert [run.position.by_hand for run in desk.engine.state.runs if run.position] == [LOT, LOT]
    assert len({cancel.tag for cancel in desk.all(ef.Cancel)}) == 2


def test_of_two_holders_only_the_one_it_was_taken_from_gets_units_back():
    desk = two_holders().by_hand(LOT).wait(6)
    assert isinstance(desk, CarefulDesk)
    desk.by_hand(-LOT).wait(3)
    assert [run.position.by_hand for run in desk.engine.state.runs if run.position] == [0, 0]


def test_a_lot_left_after_the_stop_was_cancelled_and_another_sold_by_hand_is_sold():
    desk = CarefulDesk(**TWO_LOTS).guarded().by_hand(LOT)
    desk.report("cancelled", 0, desk.exit).wait(5)
    assert desk.position.by_hand == LOT
    assert desk.exit.request.quantity == LOT
    assert not desk.exit.final
    assert len([submit for submit in desk.all(ef.Submit) if submit.order.request.side == "SELL"]) == 2


def test_a_sell_whose_cancel_is_under_way_is_not_changed_before_its_end_is_known():
    desk = CarefulDesk(**TWO_LOTS).guarded().by_hand(2 * LOT)
    while not desk.all(ef.Cancel):
        desk.wait(0.1)
    del desk.told_rows[desk.exit.tag]
    desk.by_hand(-LOT).wait(8)
    assert desk.position.by_hand == LOT
    assert desk.exit.state is OrderState.CANCELLING
    assert not desk.all(ef.Modify)


def test_a_fill_found_after_a_blind_time_and_already_sold_by_hand_is_noticed_within_seconds():
    desk = CarefulDesk().entering()
    assert isinstance(desk, CarefulDesk)
    desk.orders_readable = desk.positions_readable = False
    desk.wait(400)
    desk.told_rows[desk.entry.tag] = desk.word("complete", LOT, desk.entry, average=5_000)
    desk.sold, desk.sell_value = LOT, 5_100 * LOT
    desk.orders_readable = desk.positions_readable = True
    while desk.run.position is None:
        desk.wait(0.1)
    found = desk.now
    while not desk.position.by_hand:
        desk.wait(0.1)
    assert desk.now - found <= 5 * SECOND


def test_positions_that_lag_behind_a_fill_are_read_again_as_soon_as_they_count():
    desk = CarefulDesk().entering().report("complete", LOT, average=5_000).accept().report("trigger_pending")
    assert isinstance(desk, CarefulDesk)
    desk.sold, desk.sell_value = LOT, 5_100 * LOT
    desk.step(ev.Reconnected(desk.now))
    filled = desk.now
    while not desk.position.by_hand:
        desk.wait(0.1)
    assert desk.now - filled <= 4 * SECOND
