"""The live line: events in their order and never early, what goes on beside them, and its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.domain.effects import StartTimer
from ninefifteen.domain.events import EndOfData, Event, Paused, TimerFired
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.record import DayRecord
from ninefifteen.runtime import live
from ninefifteen.runtime.live import hot_window
from tests.patience import PATIENCE_S
from tests.runtime.live_stage import OPEN, Disk, Gate, HandClock, RealClock, Stage, order, soon

HOT = (OPEN - 10 * SECOND, OPEN + 5 * SECOND)


# ------------------------------------------------------------------------------------------- time and order


def test_an_event_pushed_late_is_stamped_with_the_time_it_is_taken() -> None:
    stage = Stage((), ())
    stage.pushed.push(EndOfData(OPEN - SECOND))
    stage.pushed.push(EndOfData(OPEN - 2 * SECOND))
    assert stage.run() == "the record"
    assert stage.taken == [EndOfData(OPEN), EndOfData(OPEN)]


def test_a_timer_waits_for_its_instant_and_is_told_with_it() -> None:
    stage = Stage((), ())
    stage.inbox.start_timer("b", soon(700))
    stage.inbox.start_timer("a", soon(400))
    stage.run()
    assert stage.seen == [(TimerFired(soon(400), "a"), soon(400)), (TimerFired(soon(700), "b"), soon(700))]


def test_a_timer_that_is_met_late_is_stamped_with_the_time_it_is_taken() -> None:
    class Oversleeping(HandClock):
        async def sleep_until(self, until: Instant) -> None:
            await super().sleep_until(until + 3 * MILLISECOND)

    stage = Stage((), clock=Oversleeping())
    stage.inbox.start_timer("a", soon(400))
    stage.run()
    assert stage.taken == [TimerFired(soon(403), "a")]


@pytest.mark.parametrize("precise", [(0, 0), HOT])
def test_a_timer_is_not_taken_early_by_a_real_clock(precise: tuple[Instant, Instant]) -> None:
    clock = RealClock()
    stage = Stage((), (), (), clock=clock, precise=precise)
    taken: list[Instant] = []
    stage.runner.watch(lambda event, effects: taken.append(clock.now()))

    async def story() -> None:
        clock.at = OPEN - clock.now() + clock.at
        for wait in (0, 5, 31):
            stage.inbox.start_timer(str(wait), soon(wait))
        await stage.line.run()

    asyncio.run(story())
    assert all(now >= soon(wait) for now, wait in zip(taken, (0, 5, 31), strict=True))
    assert [event.at >= soon(w) for event, w in zip(stage.taken, (0, 5, 31), strict=True)] == [True] * 3


def test_around_the_opening_the_last_stretch_is_polled_and_not_slept() -> None:
    stage = Stage((), clock=HandClock(OPEN - SECOND, tick=20_000), precise=HOT)
    stage.inbox.start_timer("entry", OPEN)
    stage.run()
    assert max(stage.clock.slept) == OPEN - 2 * MILLISECOND
    [(event, moment)] = stage.seen
    assert OPEN <= event.at <= moment <= OPEN + 100_000


@settings(deadline=None, max_examples=60)
@given(
    tick=st.integers(50_000, 900_000),
    waits=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    pushes=st.lists(st.integers(-5, 0), max_size=4),
    precise=st.sampled_from([(0, 0), HOT, (soon(5), soon(20))]),
)
def test_no_timer_is_early_and_time_goes_forward(
    tick: int, waits: list[int], pushes: list[int], precise: tuple[Instant, Instant]
) -> None:
    stage = Stage(*[()] * (len(waits) + len(pushes)), clock=HandClock(tick=tick), precise=precise)
    for number, wait in enumerate(waits):
        stage.inbox.start_timer(f"{number}", soon(wait))
    for wait in pushes:
        stage.pushed.push(EndOfData(soon(wait)))
    stage.run()
    for event, moment in stage.seen:
        due = soon(waits[int(event.timer)]) if isinstance(event, TimerFired) else OPEN
        assert due <= event.at <= moment
    assert all(before.at <= after.at for before, after in pairwise(stage.taken))


@pytest.fixture
def never_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without being told, the line would look again only after an hour."""
    monkeypatch.setattr(live, "_LOOK_S", 3_600.0)


@pytest.mark.usefixtures("never_looks")
def test_what_is_pushed_while_it_sleeps_is_taken_at_once() -> None:
    stage = Stage((), (), clock=RealClock())

    async def story() -> None:
        stage.clock.at += OPEN - stage.clock.now()
        stage.inbox.start_timer("much later", OPEN + 3_600 * SECOND)
        running = asyncio.create_task(stage.line.run())
        await asyncio.sleep(0.02)
        stage.pushed.push(EndOfData(OPEN))
        stage.inbox.start_timer("now", OPEN)
        await asyncio.wait_for(running, PATIENCE_S)

    asyncio.run(story())
    assert len(stage.taken) == 2


@pytest.mark.usefixtures("never_looks")
def test_whoever_puts_a_command_in_wakes_the_line() -> None:
    stage = Stage((), clock=RealClock())

    async def story() -> None:
        running = asyncio.create_task(stage.line.run())
        await asyncio.sleep(0.02)
        stage.inbox.put(Paused(0, "user", "lunch"))
        stage.pushed.wake()
        stage.pushed.wake()
        await asyncio.wait_for(running, PATIENCE_S)

    asyncio.run(story())
    assert [type(event) for event in stage.taken] == [Paused]


def test_waiting_for_an_arrival_is_over_at_once_when_something_waits() -> None:
    stage = Stage()
    stage.pushed.push(EndOfData(OPEN))
    asyncio.run(asyncio.wait_for(stage.pushed.arrival(), PATIENCE_S))
    assert stage.pushed.next_at() == OPEN
    assert stage.pushed.pop() == EndOfData(OPEN)
    assert stage.pushed.next_at() is None


def test_a_clock_that_fails_ends_the_line() -> None:
    class Gone(HandClock):
        async def sleep_until(self, until: Instant) -> None:
            raise ConnectionError("the exchange has gone")

    stage = Stage((), clock=Gone())
    stage.inbox.start_timer("a", soon(400))
    with pytest.raises(ConnectionError, match="has gone"):
        stage.run()


# --------------------------------------------------------------------------------------------------- beside


def idled(stage: Stage, enough: Callable[[], object]) -> list[Instant]:
    """When idle was called until there was enough of it, by a real clock that began at the open."""

    async def story() -> None:
        stage.clock.at += OPEN - stage.clock.now()
        running = asyncio.ensure_future(stage.line.run())
        while not enough():  # noqa: ASYNC110 - whatever it waits for tells nobody
            await asyncio.sleep(0.01)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(story())
    return stage.idled


def test_idle_is_called_ten_times_a_second_and_not_oftener() -> None:
    stage = Stage((), clock=RealClock())
    stage.inbox.start_timer("far", OPEN + 3_600 * SECOND)
    calls = idled(stage, lambda: len(stage.idled) >= 6)
    assert all(later - earlier >= 95 * MILLISECOND for earlier, later in pairwise(calls))


def test_around_the_opening_it_is_called_only_while_no_instant_is_near() -> None:
    """A halt of that moment is seen, and nothing stands between the loop and the bell."""
    stage = Stage((), (), clock=RealClock(), precise=HOT)
    bell = OPEN + SECOND
    stage.inbox.start_timer("bell", bell)
    calls = idled(stage, lambda: stage.taken)
    before = [now for now in calls if now < bell]
    assert 1 <= len(before) <= 11
    assert max(before) <= bell - 50 * MILLISECOND
    assert stage.taken[0].at >= bell


def test_a_flood_of_events_does_not_make_idle_more_frequent() -> None:
    stage = Stage(*[()] * 500)
    for _ in range(500):
        stage.pushed.push(EndOfData(OPEN))
    stage.run()
    assert len(stage.idled) <= 2


def test_what_idle_raises_comes_out_of_the_line() -> None:
    stage = Stage(())

    def asked_to_end(now: Instant) -> None:
        raise KeyboardInterrupt

    stage.line._idle = asked_to_end
    with pytest.raises(KeyboardInterrupt):
        stage.run()


@pytest.mark.parametrize("while_syncing", [True, False])
def test_a_line_that_is_cancelled_leaves_nothing_running(while_syncing: bool) -> None:
    gate = Gate()
    disk = Disk(gate)
    stage = Stage([order("t1")], (), disk=disk, clock=RealClock())

    async def story() -> set[asyncio.Task[object]]:
        if while_syncing:
            stage.pushed.push(EndOfData(0))
        else:
            stage.inbox.start_timer("far", 1 << 62)
        running = asyncio.create_task(stage.line.run())
        await asyncio.sleep(0.05)
        while while_syncing and not disk.threads:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
        running.cancel()
        threading.Timer(0.1, gate.open.set).start()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {cast("asyncio.Task[object]", asyncio.current_task())}

    assert asyncio.run(story()) == set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("journal")]
    assert "BUY t1" not in stage.told


def test_a_day_that_has_its_record_already_takes_nothing_more() -> None:
    stage = Stage()
    stage.runner.record = cast(DayRecord, "the record")
    stage.pushed.push(EndOfData(OPEN))
    assert stage.run() == "the record"
    assert stage.taken == []


def test_the_hot_window_is_ten_seconds_before_the_open_to_five_behind() -> None:
    assert hot_window(OPEN) == (OPEN - 10 * SECOND, OPEN + 5 * SECOND)


def test_timers_the_engine_asks_for_are_met() -> None:
    """Across the whole line: a timer asked for by one step is the event of a later one."""
    stage = Stage([StartTimer("next", soon(30))], ())
    stage.pushed.push(EndOfData(OPEN))
    stage.run()
    second: Event = stage.taken[1]
    assert second == TimerFired(soon(30), "next")
