"""The monitor: stop, target, risk, time, in that order, on fresh books only."""

from __future__ import annotations

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.engine.state import Phase

from .builders import CALL, LOT, NEXT, Desk, clock


def reason(desk: Desk) -> str | None:
    return desk.run.leaving.reason if desk.run.leaving is not None else None


def test_a_quiet_book_changes_nothing():
    desk = Desk().holding().wait(1).quote(4_950, 5_000)
    assert desk.run.phase is Phase.HOLDING
    assert not desk.effects


def test_the_target_needs_a_bid_for_all_that_is_held():
    desk = Desk().holding().wait(1).quote(5_400, 5_450, size=LOT - 1)
    assert reason(desk) is None
    desk.quote(5_400, 5_450, size=LOT)
    assert reason(desk) == "target"


def test_bids_behind_the_best_count_if_they_are_at_the_target_too():
    desk = Desk().holding().wait(1)
    desk.quote(5_410, 5_450, size=100, more_bids=((5_395, 500),))
    assert reason(desk) is None
    desk.quote(5_410, 5_450, size=100, more_bids=((5_405, 100), (5_400, 50)))
    assert reason(desk) == "target"


def test_a_stale_book_decides_nothing():
    desk = Desk().holding().wait(10).quote(5_400, 5_450, exchange_at=desk_time(5))
    assert reason(desk) is None


def desk_time(seconds: int) -> int:
    return clock("09:15:00") + seconds * 10**9


def test_a_quote_overtaken_on_the_way_does_not_replace_the_newer_one():
    desk = Desk().holding().wait(2).quote(4_950, 5_000)
    desk.quote(4_000, 4_050, exchange_at=desk.now - 1)
    assert desk.engine.state.quotes[CALL].bid == 4_950


def test_other_contracts_do_not_move_the_position():
    assert reason(Desk().holding().wait(1).quote(9_000, 9_050, name=NEXT)) is None


def test_the_second_line_stops_after_a_second_at_the_level():
    desk = Desk().holding().wait(1).quote(4_200, 4_240)
    assert reason(desk) is None
    desk.wait(0.5).quote(4_200, 4_240)
    assert reason(desk) is None
    desk.wait(0.5).quote(4_200, 4_240)
    assert reason(desk) == "stop"


def test_a_book_above_the_level_starts_the_second_line_anew():
    desk = Desk().holding().wait(1).quote(4_200, 4_240).wait(0.5).quote(4_300, 4_340)
    desk.wait(0.6).quote(4_200, 4_240)
    assert reason(desk) is None


@pytest.mark.parametrize(("bid", "ask"), [(0, 4_000), (4_000, 0)])
def test_a_one_sided_book_is_no_stop_and_no_loss(bid: int, ask: int):
    desk = Desk().holding()
    for _ in range(5):
        desk.wait(1).quote(bid, ask)
    assert reason(desk) is None


def losing() -> Desk:
    """A position whose stop is wide, on a day that has lost most of its limit already."""
    desk = Desk(risk={"max_daily_loss": "6000"}).holding()
    assert desk.position.stop == 3_500
    return desk


def test_the_loss_limit_leaves_on_two_books_a_second_apart():
    desk = losing()
    desk.engine.state.net_today -= 460_000
    desk.wait(1).quote(4_440, 4_480)
    assert reason(desk) is None
    desk.wait(0.9).quote(4_440, 4_480)
    assert reason(desk) is None
    desk.wait(0.1).quote(4_440, 4_480)
    assert reason(desk) == "risk"


def test_a_book_inside_the_limit_starts_the_second_anew():
    desk = losing()
    desk.engine.state.net_today -= 460_000
    desk.wait(1).quote(4_440, 4_480).wait(0.5).quote(4_900, 4_950).wait(0.6).quote(4_440, 4_480)
    assert reason(desk) is None


def test_charges_count_in_the_loss_limit():
    desk = losing()
    desk.engine.state.net_today -= 600_000 - 5_000
    desk.wait(1).quote(5_000, 5_010).wait(1).quote(5_000, 5_010)
    assert reason(desk) == "risk"


def test_stop_comes_before_target_and_target_before_risk():
    """One book cannot show stop and target; a day at its limit still takes its target."""
    desk = losing()
    desk.engine.state.net_today -= 700_000
    desk.wait(1).quote(4_990, 5_000).wait(1).quote(5_400, 5_450)
    assert reason(desk) == "target"


def test_at_the_square_off_time_the_position_is_left_at_the_bid():
    desk = Desk().holding().go("15:09:59").quote(5_100, 5_150).go("15:10:00")
    assert reason(desk) == "time"
    assert desk.all(ef.Modify)[-1].limit == 5_045
    desk.report("complete", LOT, average=5_100)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "time"


def test_at_the_square_off_time_a_position_without_any_quote_is_left_all_the_same():
    desk = Desk(entry={"when": "bell"}).armed().go("09:15:00").accept().report("complete", LOT)
    desk.accept().report("trigger_pending").go("15:10:00")
    assert CALL not in desk.engine.state.quotes
    assert reason(desk) == "time"
    assert desk.all(ef.Modify)[-1].order_type == "LIMIT"


def test_a_position_still_held_four_minutes_later_calls_every_minute():
    desk = Desk().holding().go("15:13:59")
    before = len(desk.alerts())
    desk.go("15:14:00")
    assert "still held" in desk.alerts()[-1]
    desk.go("15:17:00")
    held = [text for text in desk.alerts() if "in the broker's app" in text and "still held" in text]
    assert len(held) == 4
    assert len(desk.alerts()) > before


def test_a_flat_day_raises_no_alarm_at_the_end():
    desk = Desk().watching().go("15:30:00")
    assert not desk.alerts()
