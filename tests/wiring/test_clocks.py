"""The clock of a home: the machine's, or in a rehearsal that of the exchange, and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ninefifteen.adapters.clocks import exchange
from ninefifteen.adapters.clocks.exchange import LockstepWall, NotThere, Told
from ninefifteen.adapters.clocks.wall import FollowedWall, SystemWall
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.settings import BrokerEndpoint, Settings
from ninefifteen.wiring.clocks import HomeClock, home_clock
from tests.adapters.clockwork import START, Clockwork
from tests.patience import PATIENCE_S


def with_clock(
    clockwork: Clockwork | None, use: Callable[[HomeClock], Awaitable[Any]] | None = None
) -> HomeClock:
    """The clock of a home whose broker this is, after its use."""

    async def run() -> HomeClock:
        if clockwork is None:
            return await used(Settings())
        async with clockwork.up():
            return await used(
                Settings(broker_endpoint=BrokerEndpoint(rest=clockwork.rest, ws="ws://127.0.0.1:1"))
            )

    async def used(settings: Settings) -> HomeClock:
        async with home_clock(settings) as clock:
            if use is not None:
                await use(clock)
        left = [task for task in asyncio.all_tasks() if task.get_coro().__qualname__ == "follow"]  # type: ignore[union-attr]
        assert left == []
        return clock

    return asyncio.run(run())


def told(speed: float | str, **changes: Any) -> Clockwork:
    """An exchange of this speed."""
    return Clockwork({"at": START, "speed": speed, "date": "2026-11-23", "seed": 7} | changes)


def test_a_real_home_goes_by_the_machine() -> None:
    clock = with_clock(None)
    assert isinstance(clock.wall, SystemWall)
    assert (clock.told, clock.seed, clock.words) == (None, None, "")
    clock.show(0)
    clock.listens(on=True)


def test_a_simulator_that_does_not_tell_its_time_is_met_by_the_machine_s_clock() -> None:
    assert isinstance(with_clock(Clockwork(b"<html>")).wall, SystemWall)


@pytest.mark.parametrize(("speed", "words"), [(1, "real time"), (60, "x60"), (2.5, "x2.5")])
def test_an_exchange_that_runs_is_followed(speed: float, words: str) -> None:
    clock = with_clock(told(speed))
    assert isinstance(clock.wall, FollowedWall)
    assert START <= clock.wall.now() < START + 300 * SECOND
    assert (clock.wall.speed, clock.seed, clock.words) == (speed, 7, words)
    clock.listens(on=True)


def test_a_leap_is_followed_when_it_is_told_and_when_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_FOLLOW_S", 0.02)
    clockwork = told(1)

    async def leap(clock: HomeClock) -> None:
        clock.show(START + 3_600 * SECOND)
        assert clock.wall.now() >= START + 3_600 * SECOND
        clockwork.told["at"] = START + 7_200 * SECOND
        async with asyncio.timeout(PATIENCE_S):
            while clock.wall.now() < START + 7_200 * SECOND:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.01)

    with_clock(clockwork, leap)


def test_in_lockstep_the_clock_moves_when_everybody_waits() -> None:
    clockwork = told("max")

    async def wait(clock: HomeClock) -> None:
        await clock.wall.sleep_until(START + SECOND)
        assert clock.wall.now() == START + SECOND
        clock.listens(on=True)
        assert isinstance(clock.wall, LockstepWall)
        assert clock.wall.listening
        clock.show(START + 2 * SECOND)
        assert clock.wall.now() == START + 2 * SECOND
        clock.listens(on=False)
        assert not clock.wall.listening

    assert with_clock(clockwork, wait).words == "lockstep"
    assert clockwork.advanced == [START + SECOND]


def test_an_exchange_that_is_named_and_not_there_is_an_error() -> None:
    clockwork = Clockwork()
    clockwork.rest = "http://127.0.0.1:1"

    async def run() -> None:
        endpoint = BrokerEndpoint(rest=clockwork.rest, ws="ws://127.0.0.1:1")
        async with home_clock(Settings(broker_endpoint=endpoint)):
            raise AssertionError("there is no clock")

    with pytest.raises(NotThere, match=r"nothing answers at http://127\.0\.0\.1:1"):
        asyncio.run(run())


def test_what_the_exchange_told_is_kept() -> None:
    assert with_clock(told(60)).told == Told(at=START, speed=60.0, date="2026-11-23", seed=7, synthetic=True)


def test_what_goes_wrong_in_the_day_ends_the_following_too() -> None:
    async def fail(clock: HomeClock) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        with_clock(told(60), fail)
