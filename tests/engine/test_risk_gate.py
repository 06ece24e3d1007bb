"""The risk gate: every limit refuses by its own code, and no limit ever blocks an exit."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import ApprovedOrder, OrderRequest, OrderState, Role
from ninefifteen.engine.risk import Refusal, approve_entry, approve_exit, money_allows
from ninefifteen.engine.state import Phase

from .builders import LOT, Desk, facts


def request(desk: Desk, **changes: Any) -> OrderRequest:
    bought = desk.run.selection.candidates[0].instrument
    assert bought is not None
    instrument = msgspec.structs.replace(bought, **changes.pop("contract", {}))
    given: dict[str, Any] = {
        "tag": "x1",
        "role": Role.ENTRY,
        "strategy": "nine_fifteen",
        "instrument": instrument,
        "side": "BUY",
        "quantity": LOT,
        "type": "LIMIT",
        "limit": 5_000,
    } | changes
    return OrderRequest(**given)


def verdict(desk: Desk, **changes: Any) -> str:
    """The refusal's code, or "approved"."""
    answer = approve_entry(desk.engine.state, desk.run, request(desk, **changes))
    return answer.code if isinstance(answer, Refusal) else "approved"


def test_an_entry_inside_every_limit_is_approved():
    assert verdict(Desk().watching()) == "approved"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"side": "SELL"}, "shape"),
        ({"role": Role.PROTECT}, "shape"),
        ({"type": "SL"}, "shape"),
        ({"quantity": 0}, "lot"),
        ({"quantity": LOT + 1}, "lot"),
        ({"contract": {"freeze_quantity": LOT - 1}}, "freeze"),
        ({"limit": 0}, "limit"),
        ({"limit": 5_001}, "tick"),
        ({"limit": 5_005, "contract": {"band_low": 5, "band_high": 5_000}}, "band"),
        ({"limit": 5_005, "contract": {"band_low": 5_010, "band_high": 9_000}}, "band"),
        ({"contract": {"expiry": facts().previous_day}}, "expired"),
        ({"quantity": 5 * LOT}, "max_position_value"),
    ],
)
def test_what_is_not_well_formed_is_refused(changes: dict[str, Any], code: str):
    assert verdict(Desk().watching(), **changes) == code


def test_a_contract_without_a_known_expiry_is_not_held_to_one():
    assert verdict(Desk().watching(), contract={"expiry": None}) == "approved"


def test_a_banned_stock_is_not_bought_whatever_the_strategy_says():
    desk = Desk(facts(banned=("ZZZ",))).watching()
    assert verdict(desk) == "approved"
    desk.engine.state.facts = facts(banned=("AAA",))
    assert verdict(desk) == "banned"


@pytest.mark.parametrize(
    ("clock", "code"), [("09:14:59", "window"), ("09:15:00", "approved"), ("09:15:30", "approved")]
)
def test_an_entry_leaves_only_in_its_window(clock: str, code: str):
    desk = Desk().armed()
    assert verdict(desk.go(clock)) == code


def test_after_the_window_nothing_is_approved():
    assert verdict(Desk().armed().go("09:15:31").stocks()) == "window"


def test_one_strategy_sends_one_entry_a_day():
    assert verdict(Desk().entering().refuse()) == "one_entry"


def test_halted_and_paused_days_are_closed_for_entries():
    desk = Desk().watching()
    desk.engine.state.paused = "somebody"
    assert verdict(desk) == "paused"
    desk.engine.state.halted = "somebody"
    assert verdict(desk) == "halted"


def test_the_number_of_trades_is_limited_over_the_whole_day():
    assert verdict(Desk(facts(trades_today=2)).watching()) == "max_trades"
    assert Desk(facts(trades_today=2)).watching().reason() == "max_trades"


def test_the_days_loss_closes_it_for_entries():
    desk = Desk(facts(net_today=-200_000)).open()
    assert desk.engine.state.loss_left == 0
    desk.scan()
    assert desk.reason() == "no_candidate"


def test_a_loss_after_the_scan_closes_the_window():
    desk = Desk().armed()
    desk.engine.state.net_today -= 200_000
    assert desk.go("09:15:00").reason() == "max_daily_loss"


def test_a_losing_streak_needs_a_resume_with_a_reason():
    desk = Desk(facts(losing_streak=4)).armed().go("09:15:00")
    assert desk.reason() == "losing_streak"
    resumed = Desk(facts(losing_streak=4)).armed()
    resumed.step(ev.Resumed(resumed.now, "dashboard", "looked at all four"))
    resumed.go("09:15:00").stocks().quote(4_950, 5_000)
    assert resumed.run.phase is Phase.ENTERING
    assert resumed.engine.state.streak == 4


def test_a_losing_trade_after_the_resume_closes_the_day_again():
    desk = Desk(facts(losing_streak=4)).armed()
    desk.step(ev.Resumed(desk.now, "dashboard", "go on"))
    desk.engine.state.streak += 1
    assert desk.go("09:15:00").reason() == "losing_streak"


def test_open_and_unknown_orders_count_against_the_money():
    desk = Desk().watching()
    state = desk.engine.state
    other = ApprovedOrder(request(desk, tag="x2", quantity=4 * LOT, limit=4_000), state.now)
    state.orders.add(other).state = OrderState.UNKNOWN
    assert verdict(desk) == "max_position_value"
    assert verdict(Desk(risk={"max_position_value": "500000"}).watching(), quantity=9 * LOT) == "free_cash"


def test_what_is_held_has_been_paid_for():
    desk = Desk().holding()
    assert desk.engine.state.free_cash == facts().free_cash - LOT * 5_000


def test_the_cash_comes_back_when_the_trade_is_over():
    desk = Desk().holding().report("complete", LOT, average=5_400)
    assert desk.engine.state.free_cash == facts().free_cash + desk.engine.state.net_today
    assert desk.engine.state.net_today > 0


def test_a_quote_that_costs_too_much_is_waited_out_and_the_next_one_may_enter():
    desk = Desk(facts(free_cash=1_240_000)).watching().quote(4_950, 5_000)
    assert desk.run.wait_reason == "free_cash"
    assert not desk.all(ef.Submit)
    desk.wait(1).quote(4_850, 4_900)
    assert len(desk.all(ef.Submit)) == 1


def test_a_refusal_no_other_quote_can_lift_ends_the_strategys_day():
    desk = Desk().watching()
    desk.engine.state.entries_today = 2  # another strategy has used the last entry since the window opened
    desk.quote(4_950, 5_000)
    assert desk.reason() == "max_trades"
    assert not desk.all(ef.Submit)


def test_what_is_held_counts_in_the_position_value():
    """I3: Rs 50,000 is for everything held and asked for, not for each order."""
    desk = Desk().holding()
    held = desk.position.net * desk.position.average
    assert money_allows(desk.engine.state, 5_000_000 - held) is None
    refused = money_allows(desk.engine.state, 5_000_001 - held)
    assert refused is not None
    assert refused.code == "max_position_value"


def sale(desk: Desk, quantity: int = LOT, **changes: Any) -> str:
    given = {"tag": "x9", "role": Role.REPAIR, "side": "SELL", "quantity": quantity} | changes
    answer = approve_exit(desk.engine.state, desk.run, request(desk, **given))
    return answer.code if isinstance(answer, Refusal) else "approved"


def test_nothing_is_sold_that_is_not_held():
    assert sale(Desk().watching()) == "never_short"
    held = Desk().entering().report("complete", LOT)
    assert sale(held) == "never_short"
    held.refuse()
    held.exit.state = OrderState.REJECTED
    assert sale(held) == "approved"
    assert sale(held, 2 * LOT) == "never_short"
    assert sale(held, side="BUY") == "never_short"
    assert sale(held, role=Role.ENTRY) == "never_short"


def test_an_unknown_sale_counts_as_selling():
    desk = Desk().entering().report("complete", LOT).lose()
    assert sale(desk) == "never_short"


def test_no_limit_blocks_an_exit():
    desk = Desk().entering().report("complete", LOT)
    desk.exit.state = OrderState.CANCELLED
    state = desk.engine.state
    state.halted = state.paused = "somebody"
    state.entries_today, state.streak = 99, 99
    state.net_today -= 10**9
    assert sale(desk, limit=1, contract={"freeze_quantity": 1}) == "approved"


def test_an_exit_the_gate_refuses_is_said_aloud():
    desk = Desk().entering().report("complete", LOT).lose()
    desk.run.exit_tag = ""
    desk.wait(6)
    assert any("exit not sent" in text for text in desk.alerts())


def test_the_loss_limit_is_a_setting_in_rupees():
    desk = Desk(risk={"max_daily_loss": "2500.50"})
    assert desk.engine.state.max_daily_loss == 250_050
