"""Rate limits: windows that are told the time, and gates that wait on the clock of the exchange."""

from __future__ import annotations

import asyncio
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.adapters.zerodha.limits import (
    KEPT_FOR_EXITS,
    WRITES_PER_DAY,
    ReadGate,
    Window,
    WriteGate,
    WriteLimits,
)
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant, at
from tests.adapters.zerodha.scripted_server import MORNING, StepClock
from tests.patience import PATIENCE_S

BELL = at(date(2026, 11, 23), time(9, 15))


# ------------------------------------------------------------------------------------------------ windows


def test_a_window_lets_its_count_out_at_once_and_the_next_one_a_second_after_the_first() -> None:
    window = Window(3, SECOND)
    for moment in (0, 100, 200):
        assert window.free_at(moment) == moment
        window.take(moment)
    assert window.free_at(300) == SECOND
    assert window.free_at(SECOND) == SECOND
    window.take(SECOND)
    assert window.free_at(SECOND + 1) == SECOND + 100


def test_a_request_holds_its_place_until_its_answer_and_counts_from_then() -> None:
    window = Window(1, SECOND)
    window.start()
    assert window.free_at(10 * SECOND) is None
    window.end(10 * SECOND)
    assert window.free_at(10 * SECOND) == 11 * SECOND


def test_requests_under_way_and_answered_count_together() -> None:
    window = Window(3, SECOND)
    window.start()
    window.start()
    window.end(500)
    assert window.free_at(600) == 600
    window.start()
    assert window.free_at(600) == SECOND + 500


@given(st.lists(st.integers(0, 3 * SECOND), max_size=60), st.integers(1, 12))
def test_no_stretch_of_a_second_ever_has_more_than_the_count(wishes: list[int], count: int) -> None:
    window, sent, now = Window(count, SECOND), [], 0
    for wish in sorted(wishes):
        now = max(now, wish)
        free = window.free_at(now)
        assert free is not None
        now = free
        window.take(now)
        sent.append(now)
    for first, last in zip(sent, sent[count:], strict=False):
        assert last - first >= SECOND


# -------------------------------------------------------------------------------------------------- reads


def test_reads_go_out_in_the_order_asked_at_the_pace_of_their_family() -> None:
    clock = StepClock(BELL)
    gate = ReadGate(clock, 3)
    left: list[tuple[int, Instant]] = []

    async def one(number: int) -> None:
        async with gate.turn():
            left.append((number, clock.now() - BELL))

    async def run() -> None:
        await asyncio.gather(*(one(number) for number in range(7)))

    asyncio.run(run())
    assert left == [(0, 0), (1, 0), (2, 0), (3, SECOND), (4, SECOND), (5, SECOND), (6, 2 * SECOND)]


def test_a_read_waits_for_the_answer_of_the_one_before_when_there_is_room_for_one_only() -> None:
    clock = StepClock(BELL)
    gate = ReadGate(clock, 1)
    told: list[str] = []

    async def slow() -> None:
        async with gate.turn():
            for _ in range(5):
                await asyncio.sleep(0)
            clock.at += 400 * MILLISECOND
            told.append("answer")

    async def next_one() -> None:
        async with gate.turn():
            told.append(f"next after {(clock.now() - BELL) / SECOND} s")

    async def run() -> None:
        await asyncio.gather(slow(), next_one())

    asyncio.run(run())
    assert told == ["answer", "next after 1.4 s"]


def test_a_read_given_up_while_waiting_or_failing_leaves_its_place_to_others() -> None:
    clock = StepClock(BELL)
    gate = ReadGate(clock, 1)

    async def hold(seconds: float) -> None:
        async with gate.turn():
            await asyncio.sleep(seconds)

    async def run() -> None:
        first, second = asyncio.create_task(hold(60)), asyncio.create_task(hold(0))
        await asyncio.sleep(0.01)
        second.cancel()
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        await asyncio.wait_for(hold(0), PATIENCE_S)

    asyncio.run(run())


# ------------------------------------------------------------------------------------------------- writes


def test_entries_stop_at_three_a_second_and_exits_go_on_to_ten() -> None:
    limits = WriteLimits()
    for _ in range(3):
        assert limits.free_at(BELL, opens=True) == BELL
        limits.take(BELL)
    assert limits.free_at(BELL, opens=True) == BELL + SECOND
    for _ in range(7):
        assert limits.free_at(BELL, opens=False) == BELL
        limits.take(BELL)
    assert limits.free_at(BELL, opens=False) == BELL + SECOND


def test_no_minute_has_more_than_four_hundred_writes() -> None:
    limits, now = WriteLimits(), BELL
    for _ in range(400):
        free = limits.free_at(now, opens=False)
        assert free is not None
        now = free
        limits.take(now)
    assert now == BELL + 39 * SECOND
    assert limits.free_at(now, opens=False) == BELL + MINUTE


def test_the_last_writes_of_a_day_are_kept_for_exits_and_the_next_day_begins_anew() -> None:
    limits = WriteLimits()
    for number in range(WRITES_PER_DAY - KEPT_FOR_EXITS):
        limits.take(BELL + number * SECOND)
    later = BELL + WRITES_PER_DAY * SECOND
    assert limits.free_at(later, opens=True) is None
    assert limits.free_at(later, opens=False) == later
    for number in range(KEPT_FOR_EXITS):
        limits.take(later + number * SECOND)
    evening = later + WRITES_PER_DAY * SECOND
    assert limits.free_at(evening, opens=False) is None
    tomorrow = BELL + 24 * 60 * MINUTE
    assert limits.free_at(tomorrow, opens=True) == tomorrow


def test_an_entry_waits_a_second_at_most_and_an_exit_as_long_as_the_broker_demands() -> None:
    clock = StepClock(BELL)
    gate = WriteGate(clock)

    async def run() -> None:
        for _ in range(10):
            await gate.turn(opens=False)
        assert clock.now() == BELL
        await gate.turn(opens=True)
        assert clock.now() == BELL + SECOND
        for _ in range(389):
            await gate.turn(opens=False)
        with pytest.raises(Down, match="nothing was sent: too many order requests"):
            await gate.turn(opens=True)
        before = clock.now()
        await gate.turn(opens=False)
        assert clock.now() == BELL + MINUTE > before + SECOND

    asyncio.run(run())


def test_when_the_day_is_used_up_even_an_exit_is_told_that_nothing_was_sent() -> None:
    clock = StepClock(MORNING)
    gate = WriteGate(clock)

    async def run() -> None:
        for _ in range(WRITES_PER_DAY):
            await gate.turn(opens=False)
        with pytest.raises(Down, match="used up; call the broker"):
            await gate.turn(opens=False)

    asyncio.run(run())
