"""Recorded days: single observations and bars decide by the rules E1-E4 and X1-X5."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import MINUTE, SECOND
from ninefifteen.engine.state import Phase

from .builders import CALL, LOT, NEXT, Desk, clock, facts


def recorded(source: str = "last", **changes: Any) -> Desk:
    return Desk(facts(price_source=source), **changes)


def held(source: str = "last", price: int = 5_000, **changes: Any) -> Desk:
    """Bought at the first observation; the stop rests."""
    desk = recorded(source, **changes).armed().go("09:15:00").last(price)
    return desk.accept().report("complete", LOT).accept().report("trigger_pending")


def left(desk: Desk, price: int | None = None) -> tuple[str, int] | None:
    """The reason and the limit of the exit under way."""
    if desk.run.leaving is None:
        return None
    return desk.run.leaving.reason, desk.exit.asked.limit


def test_the_first_observation_in_the_window_is_the_entry_at_its_own_price():
    desk = recorded().armed().go("09:17:40").last(4_987)
    (submit,) = desk.new(ef.Submit)
    assert submit.order.request.limit == 4_987
    desk.accept().report("complete", LOT)
    assert desk.position.average == 4_987


def test_only_the_pick_is_prepared_on_recorded_prices():
    assert recorded().armed().run.selection.picks == (0,)


@pytest.mark.parametrize(("at", "sent"), [("09:30:00", 1), ("09:30:01", 0)])
def test_the_recorded_window_includes_its_last_instant(at: str, sent: int):
    desk = recorded().armed().go(at).last(5_000)
    assert len(desk.all(ef.Submit)) == sent


def test_without_an_observation_of_the_contract_the_day_is_not_filled():
    desk = recorded().armed().go("09:30:01").last(5_000)
    assert desk.record.reason == "not_filled"


def test_other_contracts_and_empty_prices_are_no_observations():
    assert not recorded().armed().go("09:15:00").last(5_000, NEXT).last(0).all(ef.Submit)


def test_an_observed_price_is_not_refused_for_its_money_or_its_tick():
    desk = recorded(risk={"max_position_value": "12500", "max_daily_loss": "9000"})
    desk.armed().go("09:15:00").last(5_333)
    assert desk.all(ef.Submit)


def test_a_price_that_leaves_no_stop_is_too_large_a_risk():
    desk = recorded(strategy={"min_working_stop_pct": 0}).armed()
    desk.engine.state.net_today -= 199_000
    desk.go("09:15:00").last(5_000)
    assert desk.record.reason == "risk_too_large"


def test_a_near_stop_is_no_reason_on_recorded_prices():
    desk = recorded().armed()
    desk.engine.state.net_today -= 150_000
    desk.go("09:15:00").last(5_000)
    assert desk.all(ef.Submit)


def test_the_target_is_taken_at_its_level_not_at_a_better_print():
    assert left(held().go("10:00:00").last(5_700)) == ("target", 5_400)


def test_the_stop_is_taken_at_the_observed_price():
    desk = held()
    assert desk.position.stop == 4_230
    assert left(desk.go("10:00:00").last(4_230)) == ("stop", 4_230)
    assert left(held().go("10:00:00").last(3_900)) == ("stop", 3_900)


def test_between_the_levels_nothing_happens_and_the_longest_gap_is_kept():
    desk = held().go("10:00:00").last(5_100).go("10:30:00").last(5_100).go("10:31:00").last(5_400)
    desk.report("complete", LOT, average=5_400)
    assert desk.run.trade is not None
    assert desk.run.trade.longest_gap == 45 * MINUTE
    assert desk.run.trade.exit_at == clock("10:31:00")
    assert not desk.run.trade.ambiguous


def test_observations_before_or_at_the_entry_do_not_count():
    assert left(held().last(9_000)) is None


def test_from_the_square_off_time_on_the_first_observation_leaves_whatever_its_price():
    desk = held().go("15:09:59").last(5_100).go("15:10:00")
    assert left(desk) is None
    assert left(desk.go("15:17:00").last(6_000)) == ("time", 6_000)


def test_no_alarm_is_raised_where_the_next_observation_is_simply_late():
    assert not held().go("15:30:00").alerts()


def test_without_an_observation_after_the_time_the_last_one_before_counts_with_a_note():
    desk = held().go("15:02:00").last(5_100).go("15:40:00")
    desk.step(ev.EndOfData(desk.now))
    assert left(desk) == ("time", 5_100)
    desk.report("complete", LOT, average=5_100)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_at == clock("15:02:00")
    assert "left at the last one before it" in desk.run.trade.note


def test_without_any_observation_after_the_entry_the_day_is_no_data():
    desk = held().go("15:40:00")
    desk.step(ev.EndOfData(desk.now))
    record = desk.record
    assert (record.status, record.reason, record.trades) == ("no_data", "no_exit_observation", ())
    assert record.flat


def test_the_end_of_the_data_closes_a_window_still_open():
    desk = recorded().armed().go("09:15:00")
    desk.step(ev.EndOfData(desk.now))
    assert desk.reason() == "not_filled"


def test_the_end_of_the_data_after_the_exit_changes_nothing():
    desk = held().go("10:00:00").last(5_700)
    desk.step(ev.EndOfData(desk.now))
    assert left(desk) == ("target", 5_400)


def test_observations_while_leaving_change_nothing():
    desk = held().go("10:00:00").last(5_700).last(1_000)
    assert left(desk) == ("target", 5_400)


def bar(desk: Desk, low: int, high: int, close: int = 5_000, **changes: Any) -> Desk:
    """The day's bar of the contract, known at the square-off time."""
    given: dict[str, Any] = {"open": 5_000, "name": CALL, "opening": True} | changes
    desk.step(ev.Bar(desk.now, low=low, high=high, close=close, **given))
    return desk


def day_bar(low: int, high: int, close: int = 5_000, **changes: Any) -> Desk:
    return bar(held("bhavcopy").go("15:10:00"), low, high, close, **changes)


@pytest.mark.parametrize(
    ("low", "high", "close", "expected", "ambiguous"),
    [
        (4_230, 5_399, 5_000, ("stop", 4_230), False),
        (4_000, 5_500, 5_000, ("stop", 4_230), True),
        (4_235, 5_400, 5_000, ("target", 5_400), False),
        (4_235, 5_395, 4_800, ("time", 4_800), False),
    ],
    ids=["stop at its level", "both: the stop, ambiguous", "target at its level", "close"],
)
def test_a_day_bar_is_stop_then_target_then_time(
    low: int, high: int, close: int, expected: tuple[str, int], ambiguous: bool
):
    desk = day_bar(low, high, close)
    assert left(desk) == expected
    desk.report("complete", LOT)
    assert desk.run.trade is not None
    assert desk.run.trade.ambiguous is ambiguous
    timed = expected[0] == "time"
    assert desk.run.trade.exit_at == (clock("15:10:00") if timed else None)


@pytest.mark.parametrize(
    ("opened", "expected"), [(4_100, ("stop", 4_100)), (5_600, ("target", 5_600)), (5_000, None)]
)
def test_a_later_bar_that_opens_beyond_a_level_leaves_at_its_open(
    opened: int, expected: tuple[str, int] | None
):
    desk = bar(held("bhavcopy").go("10:00:00"), 4_900, 5_100, open=opened, opening=False)
    assert left(desk) == expected


def test_bars_of_other_contracts_and_of_no_position_change_nothing():
    assert left(day_bar(1, 9_999, name=NEXT)) is None
    assert bar(recorded("bhavcopy").armed(), 1, 9_999).run.leaving is None


def test_a_bar_while_leaving_changes_nothing():
    assert left(bar(day_bar(4_235, 5_400), 1, 9_999)) == ("target", 5_400)


def test_the_recorded_exit_keeps_its_delay_and_is_not_alarmed():
    desk = recorded().armed().go("09:16:30").last(5_000).accept().report("complete", LOT)
    desk.accept().report("trigger_pending").go("10:00:00").last(5_400).report("complete", LOT)
    assert desk.run.trade is not None
    assert desk.run.trade.entry_delay == 90 * SECOND
    assert desk.run.phase is Phase.DONE
    assert not desk.alerts()


def test_prices_of_other_contracts_do_not_move_the_position():
    assert left(held().go("10:00:00").last(9_000, NEXT)) is None


def test_a_minute_of_many_bars_decides_for_the_contract_that_is_held():
    desk = held("bhavcopy").go("10:00:00")
    names = ("BBB", CALL)
    desk.step(ev.MinuteBars(desk.now, names, (1, 5_000), (1, 5_400), (1, 4_900), (1, 5_000)))
    assert left(desk) == ("target", 5_400)
