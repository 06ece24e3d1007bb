"""Views: what a screen may know of one moment, read without changing it."""

from __future__ import annotations

from ninefifteen.runtime.views import view_of
from tests.engine.builders import CALL, LOT, Desk


def test_before_the_day_there_is_nothing_to_see():
    assert view_of(Desk().engine.state) is None


def test_a_watching_day_shows_its_candidate_plan_and_why_it_waits():
    view = view_of(Desk().watching().quote(4_000, 5_000).engine.state)
    assert view is not None
    (run,) = view.runs
    assert (run.phase, run.current, run.waiting, run.position) == ("watching", 0, "spread", None)
    assert run.plan is not None
    assert (view.entries_today, view.max_trades, view.loss_left) == (0, 2, 200_000)


def test_a_held_position_shows_its_result_at_the_bid_after_charges():
    view = view_of(Desk().holding().wait(1).quote(5_100, 5_150).engine.state)
    assert view is not None
    position = view.runs[0].position
    assert position is not None
    assert (position.name, position.quantity, position.bid, position.stop_resting) == (CALL, LOT, 5_100, True)
    assert position.result is not None
    assert 0 < position.result < 100 * LOT
    assert [order.role for order in view.orders] == ["entry", "protect"]


def test_a_position_without_a_bid_has_no_result():
    blind = Desk(entry={"when": "bell"}).armed().go("09:15:00").accept().report("complete", LOT)
    view = view_of(blind.engine.state)
    assert view is not None
    assert view.runs[0].position is not None
    assert view.runs[0].position.result is None


def test_a_finished_day_shows_its_trade_and_an_empty_selection_shows_nothing():
    done = view_of(Desk().holding().report("complete", LOT, average=5_400).engine.state)
    assert done is not None
    assert done.runs[0].trade is not None
    assert done.net_today > 0
    idle = view_of(Desk().open().engine.state)
    assert idle is not None
    assert idle.runs[0].current is None
    assert idle.runs[0].plan is None


def test_an_exit_under_way_shows_its_reason():
    view = view_of(Desk().holding().wait(1).quote(5_400, 5_450).engine.state)
    assert view is not None
    assert view.runs[0].position is not None
    assert view.runs[0].position.leaving == "target"
