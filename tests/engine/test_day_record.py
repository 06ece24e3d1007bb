"""The day's record: what happened, why, and what could not be known."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev

from .builders import LOT, Desk, clock, facts


def test_a_traded_day_has_its_trade_with_exact_charges():
    desk = Desk().holding().wait(60).quote(5_400, 5_450).report("complete", LOT, average=5_400)
    record = desk.record
    assert (record.status, record.reason, record.flat, record.pick) == ("traded", None, True, 0)
    (trade,) = record.trades
    assert (trade.gross, trade.entry, trade.exit) == (100_000, 5_000, 5_400)
    assert trade.exit_at == clock("09:16:00")
    assert desk.engine.state.net_today == trade.gross - Fraction(trade.charges.total, 10**12)
    assert record.plan is not None
    assert (record.orders, record.alarms) == (2, 0)


def test_a_won_trade_ends_the_streak_and_a_lost_one_makes_it_longer():
    won = Desk(facts(losing_streak=2)).holding().report("complete", LOT, average=5_400)
    lost = Desk(facts(losing_streak=2)).holding().report("complete", LOT, average=4_200)
    assert (won.engine.state.streak, lost.engine.state.streak) == (0, 3)


def test_a_day_is_written_down_once():
    desk = Desk().open()
    first = desk.record
    desk.step(ev.DayClosed(desk.now))
    assert len(desk.all(ef.EndDay)) == 1
    assert desk.record is first


def test_facts_the_day_had_no_source_for_are_named():
    assert Desk().open().record.unknown == ("ban list", "event calendar")
    known = Desk(facts(banned=(), events={})).open()
    assert known.record.unknown == ()


def test_a_day_that_ends_with_a_position_says_so_aloud():
    desk = Desk().holding()
    assert not desk.record.flat
    assert (desk.record.status, desk.record.reason) == ("traded", "still_held")
    assert "the day ends with a position" in desk.alerts()[-1]


def test_an_armed_day_that_closes_without_a_window_is_not_filled():
    record = Desk().armed().record
    assert (record.status, record.reason) == ("no_trade", "not_filled")


def test_the_plan_of_a_day_without_a_trade_is_kept():
    record = Desk().watching().go("09:15:30").record
    assert record.plan is not None
    assert record.trades == ()
