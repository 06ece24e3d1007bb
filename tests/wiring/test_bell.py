"""No garbage collection around the opening bell, and all of it again afterwards, whatever happens."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.wiring.bell import AFTER, BEFORE, quiet_bell
from tests.adapters.zerodha.scripted_server import StepClock

OPEN = 1_795_000_000 * SECOND


class Bell(StepClock):
    """A clock that notes, at each instant slept until, whether the collector is on."""

    def __init__(self, now: Instant, stop_at: Callable[[Instant], bool] = lambda until: False) -> None:
        super().__init__(now)
        self.collector: list[tuple[Instant, bool, int]] = []
        self._stop_at = stop_at

    async def sleep_until(self, until: Instant) -> None:
        self.collector.append((until, gc.isenabled(), gc.get_freeze_count()))
        if self._stop_at(until):
            await asyncio.sleep(3600)
        await super().sleep_until(until)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    assert gc.isenabled()
    gc.unfreeze()
    yield
    gc.enable()
    gc.unfreeze()


def test_the_collector_rests_from_ten_seconds_before_the_open_until_the_entry_window_has_closed() -> None:
    clock = Bell(OPEN - 60 * SECOND)
    asyncio.run(quiet_bell(clock, OPEN))
    (first, on_before, frozen_before), (second, on_within, frozen_within) = clock.collector
    assert (first, on_before, frozen_before) == (OPEN - 10 * SECOND, True, 0)
    assert (second, on_within) == (OPEN + 35 * SECOND, False)
    assert frozen_within > 0
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, 0)


def test_it_collects_just_before_so_that_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def noted(name: str, real: Callable[[], object]) -> Callable[[], object]:
        def call() -> object:
            calls.append(name)
            return real()

        return call

    for name in ("collect", "freeze", "disable"):
        monkeypatch.setattr(gc, name, noted(name, getattr(gc, name)))
    asyncio.run(quiet_bell(Bell(OPEN - BEFORE), OPEN))
    assert calls == ["collect", "freeze", "disable"]


def test_whoever_starts_after_the_window_is_left_alone() -> None:
    clock = Bell(OPEN + AFTER)
    asyncio.run(quiet_bell(clock, OPEN))
    assert clock.collector == []
    assert gc.isenabled()


def test_a_start_within_the_window_rests_for_what_is_left_of_it() -> None:
    clock = Bell(OPEN + 5 * SECOND)
    asyncio.run(quiet_bell(clock, OPEN))
    assert [on for _, on, _ in clock.collector] == [True, False]


@pytest.mark.parametrize("where", [OPEN - BEFORE, OPEN + AFTER])
def test_a_day_that_ends_there_leaves_the_collector_on(where: Instant) -> None:
    clock = Bell(OPEN - 60 * SECOND, stop_at=lambda until: until == where)

    async def run() -> None:
        task = asyncio.create_task(quiet_bell(clock, OPEN))
        while not clock.collector or clock.collector[-1][0] != where:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, 0)
