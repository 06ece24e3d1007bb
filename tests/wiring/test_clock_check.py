"""A clock that is wrong at 09:10 keeps the day from entering, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ninefifteen.adapters.clock_offset import Offset
from ninefifteen.adapters.clocks.wall import SystemWall
from ninefifteen.domain.events import Event, Paused
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant
from ninefifteen.wiring import day_run
from ninefifteen.wiring.day_run import DayRunner
from ninefifteen.wiring.desk import Companion
from ninefifteen.wiring.paper import PaperTrading

OPEN: Instant = 1_700_000_000 * SECOND


class Stepped(SystemWall):
    """A machine's clock whose time passes by being slept through; `moved` is a step of the wall clock."""

    def __init__(self, at: Instant, moved: Instant = 0) -> None:
        super().__init__()
        self.at, self.moved = at, moved

    def now(self) -> Instant:
        return self.at

    async def sleep_until(self, until: Instant) -> None:
        self.at = max(self.at, until)

    def stepped(self) -> Instant:
        return self.moved


def checked(
    monkeypatch: pytest.MonkeyPatch, wall: Any, offset: Offset | None
) -> tuple[list[Event], list[str]]:
    """What the check pushed and told on that clock, with that answer of the time servers."""
    pushed: list[Event] = []
    told: list[str] = []
    asked_at: list[Instant] = []

    async def measure(*, now: Callable[[], Instant]) -> Offset | None:
        asked_at.append(now())
        return offset

    monkeypatch.setattr(day_run, "measure", measure)
    runner = DayRunner.__new__(DayRunner)
    runner._wall = wall
    runner._desk = SimpleNamespace(tell=lambda _, text: told.append(text))  # type: ignore[assignment]
    runner._day = SimpleNamespace(  # type: ignore[assignment]
        facts=SimpleNamespace(open_at=OPEN), pushed=SimpleNamespace(push=pushed.append)
    )
    asyncio.run(runner._checked_clock())
    assert all(at >= OPEN - 5 * MINUTE for at in asked_at)
    return pushed, told


def test_a_clock_half_a_second_off_lets_nothing_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed, told = checked(
        monkeypatch, Stepped(OPEN - 45 * MINUTE), Offset(501 * MILLISECOND, "chrony", MILLISECOND)
    )
    assert [type(event) for event in pushed] == [Paused]
    assert isinstance(pushed[0], Paused)
    assert pushed[0].source == "clock"
    assert "501 ms off" in pushed[0].reason
    assert told == ["the clock is 501 ms off (chrony)"]


def test_a_clock_that_is_slow_counts_like_one_that_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed, _ = checked(monkeypatch, Stepped(OPEN - MINUTE), Offset(-900 * MILLISECOND, "a server", 0))
    assert len(pushed) == 1


def test_a_tenth_of_a_second_is_told_and_does_not_stop_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed, told = checked(monkeypatch, Stepped(OPEN - MINUTE), Offset(200 * MILLISECOND, "a server", 0))
    assert pushed == []
    assert told == ["the clock is 200 ms off (a server)"]


def test_a_clock_that_is_right_is_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(monkeypatch, Stepped(OPEN - MINUTE), Offset(MILLISECOND, "chrony", 0)) == ([], [])


def test_a_clock_nobody_can_compare_is_amber_on_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed, told = checked(monkeypatch, Stepped(OPEN - MINUTE), None)
    assert pushed == []
    assert "amber" in told[0]


def test_a_clock_that_was_set_since_the_morning_lets_nothing_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed, _ = checked(monkeypatch, Stepped(OPEN - MINUTE, moved=-2 * SECOND), None)
    assert len(pushed) == 1


def test_after_the_open_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(monkeypatch, Stepped(OPEN), None) == ([], [])


def test_the_clock_of_a_simulated_exchange_is_right_by_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(monkeypatch, SimpleNamespace(now=lambda: OPEN - MINUTE), None) == ([], [])


def test_a_machine_that_slept_says_from_when_to_when(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    runner = DayRunner.__new__(DayRunner)
    runner._desk = SimpleNamespace(tell=lambda _, text: told.append(text))  # type: ignore[assignment]
    runner._looked = (0, 0)
    runner._day = SimpleNamespace(trading=PaperTrading())  # type: ignore[assignment]
    runner._companion = Companion()
    for machine, there in ((1, 0), (2, 1), (13, 601), (14, 602)):
        monkeypatch.setattr(day_run, "steady", lambda machine=machine: machine * SECOND)
        runner._notice_sleep(OPEN + there * SECOND)
    (line,) = told
    assert line.startswith("this machine slept or was stopped from ")
    assert line.endswith("on paper no stop was watched meanwhile")
