"""The pace of a simulated day: it decides when an event is taken, never which one."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.cli.pacing import legs_of, night, pace_of
from ninefifteen.domain.instants import MINUTE, SECOND, at
from ninefifteen.errors import BadInput
from ninefifteen.runtime.pace import Leg, Pace

DAY, NEXT = date(2026, 12, 4), date(2026, 12, 7)
START = at(DAY, time(9, 13, 30))


class FakeClock:
    """A clock that only goes on when somebody sleeps; it oversleeps by a share of what was asked."""

    def __init__(self, oversleep: float = 0.0) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []
        self._oversleep = oversleep

    def seconds(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds * (1 + self._oversleep) + 1e-9


def quiet(_: int) -> None:
    """Nothing to do while waiting."""


def taken(pace: Pace, clock: FakeClock, *due: int) -> list[float]:
    """When, in real seconds since the start, each event was due to be taken."""
    began = clock.now
    pace.start(START)
    found = []
    for instant in due:
        pace.wait(instant, quiet)
        found.append(clock.now - began)
    return found


def test_in_real_time_a_second_takes_a_second() -> None:
    clock = FakeClock()
    pace = Pace([Leg(START, 1.0)], clock)
    assert taken(pace, clock, START, START + SECOND, START + 3 * SECOND) == pytest.approx([0, 1, 3], abs=1e-3)
    assert pace.words == "real time"


def test_sixty_times_as_fast_a_minute_takes_a_second() -> None:
    clock = FakeClock()
    pace = Pace([Leg(START, 60.0)], clock)
    assert taken(pace, clock, START + MINUTE, START + 10 * MINUTE) == pytest.approx([1, 10], abs=1e-3)
    assert pace.words == "x60"


def test_as_fast_as_it_can_never_sleeps_nor_idles() -> None:
    clock = FakeClock()
    pace = Pace([Leg(START, 0.0)], clock)
    pace.start(START)
    pace.wait(START + 100 * MINUTE, lambda now: pytest.fail("idled"))
    assert clock.sleeps == []
    assert pace.words == "as fast as it can"


def test_late_events_are_taken_at_once_and_the_clock_is_not_pushed_back() -> None:
    clock = FakeClock(oversleep=0.5)
    pace = Pace([Leg(START, 10.0)], clock)
    moments = taken(pace, clock, *(START + n * SECOND for n in range(1, 30)))
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert moments[-1] == pytest.approx(2.9, abs=0.1)


def test_while_waiting_it_looks_around_at_least_every_twentieth_of_a_second() -> None:
    clock = FakeClock()
    pace = Pace([Leg(START, 1.0)], clock)
    pace.start(START)
    seen: list[int] = []
    pace.wait(START + 2 * SECOND, seen.append)
    assert len(seen) >= 39
    assert max(clock.sleeps) <= 0.05
    assert all(START <= now < START + 2 * SECOND for now in seen)
    assert seen == sorted(seen)


def test_before_its_start_there_is_no_time() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        Pace([Leg(START, 1.0)], FakeClock()).now()


# ---- the pace of the demo: real time to 09:16, then x120


def demo(clock: FakeClock) -> Pace:
    return Pace(legs_of(DAY, None, "demo"), clock)


def test_the_demo_is_real_time_to_0916_and_then_120_times_as_fast() -> None:
    clock = FakeClock()
    due = [at(DAY, time(9, 15)), at(DAY, time(9, 16)), at(DAY, time(9, 18)), at(DAY, time(10, 16))]
    assert taken(demo(clock), clock, *due) == pytest.approx([90, 150, 151, 180], abs=0.01)


def test_the_first_fill_of_the_demo_is_seen_within_two_minutes() -> None:
    clock = FakeClock()
    assert taken(demo(clock), clock, at(DAY, time(9, 15, 30)))[0] <= 120.01


def test_a_day_taken_up_again_goes_on_at_the_pace_of_its_moment() -> None:
    clock = FakeClock()
    pace = demo(clock)
    pace.start(at(DAY, time(11, 0)))
    assert pace.speed == 120
    pace.wait(at(DAY, time(11, 2)), quiet)
    assert clock.now == pytest.approx(1001, abs=0.01)


def test_the_next_day_begins_with_the_first_leg_again() -> None:
    clock = FakeClock()
    pace = demo(clock)
    taken(pace, clock, at(DAY, time(15, 30)))
    night(pace, NEXT)
    pace.start(at(NEXT, time(9, 13, 30)))
    began = clock.now
    pace.wait(at(NEXT, time(9, 15)), quiet)
    assert clock.now - began == pytest.approx(90, abs=0.01)
    assert pace.speed == 1


@settings(deadline=None)  # what it takes is the machine's business
@given(
    gaps=st.lists(st.integers(0, 400 * SECOND), min_size=1, max_size=12),
    speeds=st.lists(st.sampled_from([0.0, 1.0, 7.5, 120.0]), min_size=1, max_size=4),
)
def test_whatever_the_legs_no_event_is_taken_before_its_time(gaps: list[int], speeds: list[float]) -> None:
    """The simulated clock never lags behind an event that was taken, and wait always returns."""
    clock = FakeClock()
    pace = Pace([Leg(START + n * 5 * MINUTE, speed) for n, speed in enumerate(speeds)], clock)
    pace.start(START)
    due = START
    for gap in gaps:
        due += gap
        pace.wait(due, quiet)
        assert not pace.speed or pace.now() >= due - 1


# ---- what can be asked for


@pytest.mark.parametrize(
    ("speed", "words"),
    [
        (None, "real time"), ("1", "real time"), ("60", "x60"), ("0.5", "x0.5"), ("max", "as fast as it can")
    ],
)  # fmt: skip
def test_a_speed_is_a_number_or_max(speed: str | None, words: str) -> None:
    assert pace_of(DAY, speed, None).words == words


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan", "inf", "1e9", ""])
def test_any_other_speed_is_refused(speed: str) -> None:
    with pytest.raises(BadInput, match=r"--speed .*: needs max or a number above 0"):
        pace_of(DAY, speed, None)


@pytest.mark.parametrize(("speed", "pace"), [(None, "slow"), ("60", "demo"), ("max", "demo"), (None, "")])
def test_any_other_pace_is_refused_and_so_is_one_with_a_speed(speed: str | None, pace: str) -> None:
    with pytest.raises(BadInput, match="only --pace demo exists, and without --speed"):
        pace_of(DAY, speed, pace)
