"""Wall clocks: what they show when the machine's is moved, when the exchange leaps, and when nobody waits."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from contextlib import suppress

import pytest

from ninefifteen.adapters.clocks import exchange, wall
from ninefifteen.adapters.clocks.exchange import NotThere, Told, ask, follow
from ninefifteen.adapters.clocks.wall import FollowedWall, SystemWall
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant
from tests.adapters.clockwork import START, Clockwork
from tests.patience import PATIENCE_S


class Machine:
    """The two clocks of a machine, turned by hand: the steady one and the one on its wall."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steady: Instant = 5 * SECOND
        self.wall: Instant = START
        patch.setattr(wall, "steady", lambda: self.steady)
        patch.setattr(time, "time_ns", lambda: self.wall)

    def passes(self, duration: Instant) -> None:
        """Time goes by on both."""
        self.steady += duration
        self.wall += duration


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


# ----------------------------------------------------------------------------------------- the machine's own


def test_the_wall_clock_is_read_once_and_carried_on(machine: Machine) -> None:
    clock = SystemWall()
    machine.passes(3 * SECOND)
    assert clock.now() == START + 3 * SECOND
    assert clock.stepped() == 0


@pytest.mark.parametrize("step", [MINUTE, -MINUTE, 3_600 * SECOND])
def test_a_stepped_wall_clock_moves_nothing_and_is_told(machine: Machine, step: Instant) -> None:
    clock = SystemWall()
    machine.wall += step
    machine.passes(SECOND)
    assert clock.now() == START + SECOND
    assert clock.stepped() == step
    clock.settle()
    assert clock.now() == START + SECOND + step
    assert clock.stepped() == 0


def test_a_stepped_wall_clock_neither_fires_a_sleeper_nor_holds_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SystemWall()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        machine.wall += (-1) ** len(slept) * MINUTE
        machine.passes(round(seconds * SECOND))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(clock.sleep_until(START + SECOND))
    assert machine.steady == 6 * SECOND
    assert max(slept) <= 0.25


def test_the_steady_clock_goes_forward() -> None:
    before = wall.steady()
    assert before <= wall.steady()


def test_a_system_without_such_clocks_uses_the_one_python_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        monkeypatch.delattr(time, name, raising=False)
    monkeypatch.setattr(time, "monotonic_ns", lambda: 4711)
    spec = importlib.util.find_spec(wall.__name__)
    assert spec is not None
    assert spec.loader is not None
    elsewhere = importlib.util.module_from_spec(spec)  # the module as it is on such a system
    spec.loader.exec_module(elsewhere)
    assert elsewhere.steady() == 4711


@pytest.mark.parametrize("clock", [SystemWall(), FollowedWall(START, 1.0)])
def test_a_clock_that_runs_by_itself_waits_for_nobody(clock: SystemWall | FollowedWall) -> None:
    async def meanwhile() -> None:
        with clock.working():
            await clock.sleep_until(clock.now() + MILLISECOND)

    asyncio.run(asyncio.wait_for(meanwhile(), PATIENCE_S))


# ------------------------------------------------------------------------------------------- one that follows


@pytest.mark.parametrize(("speed", "shown"), [(1.0, 2), (60.0, 120), (0.5, 1)])
def test_it_runs_so_many_times_as_fast(machine: Machine, speed: float, shown: int) -> None:
    clock = FollowedWall(START, speed)
    machine.passes(2 * SECOND)
    assert clock.now() == START + shown * SECOND
    assert clock.speed == speed


def test_it_follows_a_leap_forward_and_stands_still_instead_of_going_back(machine: Machine) -> None:
    clock = FollowedWall(START, 1.0)
    clock.show(START + 17 * 3_600 * SECOND)
    assert clock.now() == START + 17 * 3_600 * SECOND
    clock.show(START + 17 * 3_600 * SECOND - 3 * SECOND)
    machine.passes(2 * SECOND)
    assert clock.now() == START + 17 * 3_600 * SECOND
    machine.passes(2 * SECOND)
    assert clock.now() == START + 17 * 3_600 * SECOND + SECOND


def test_a_new_speed_counts_from_now_on(machine: Machine) -> None:
    clock = FollowedWall(START, 1.0)
    machine.passes(SECOND)
    clock.show(clock.now(), 10.0)
    machine.passes(SECOND)
    assert clock.now() == START + 11 * SECOND


def test_a_sleeper_is_woken_by_a_leap_within_a_quarter_of_a_second() -> None:
    async def leap() -> float:
        clock = FollowedWall(START, 1.0)
        began = asyncio.get_running_loop().time()
        sleeping = asyncio.create_task(clock.sleep_until(START + 3_600 * SECOND))
        await asyncio.sleep(0.02)
        clock.show(START + 3_600 * SECOND)
        await sleeping
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(leap()) < PATIENCE_S  # it is an hour of its own clock


def test_nobody_is_woken_early() -> None:
    async def sleep() -> Instant:
        clock = FollowedWall(START, 60.0)
        await clock.sleep_until(START + 3 * SECOND)
        return clock.now()

    assert START + 3 * SECOND <= asyncio.run(sleep()) < START + 3_600 * SECOND


# ---------------------------------------------------------------------------------------- asking the exchange


def asked(clockwork: Clockwork) -> Told | None:
    async def run() -> Told | None:
        async with clockwork.up():
            return await ask(clockwork.rest)

    return asyncio.run(run())


def test_an_exchange_tells_its_time_speed_and_day() -> None:
    told: dict[str, object] = {
        "at": START,
        "iso": "...",
        "speed": 60,
        "date": "2026-11-23",
        "seed": 7,
        "synthetic": True,
    }
    assert asked(Clockwork(told)) == Told(at=START, speed=60.0, date="2026-11-23", seed=7, synthetic=True)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"not found"), (200, b"<html>"), (200, b'{"at": "noon"}'), (200, b'{"speed": "quick"}')],
)
def test_a_simulator_that_does_not_tell_is_none_of_ours(status: int, body: bytes) -> None:
    clockwork = Clockwork(body)
    clockwork.status = status
    assert asked(clockwork) is None


def test_where_nobody_answers_is_said_in_one_line() -> None:
    with pytest.raises(NotThere, match=r"^nothing answers at http://127.0.0.1:1 \(\w+\)$"):
        asyncio.run(ask("http://127.0.0.1:1"))


async def following(clockwork: Clockwork, clock: FollowedWall) -> None:
    """The clock follows until the exchange has been asked a few times."""
    async with clockwork.up():
        task = asyncio.create_task(follow(clockwork.rest, clock))
        async with asyncio.timeout(PATIENCE_S):
            while clockwork.asked < 4:  # noqa: ASYNC110 - the server side tells nobody
                await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchange is asked every hundredth of a second."""
    monkeypatch.setattr(exchange, "_FOLLOW_S", 0.01)


@pytest.mark.usefixtures("often")
def test_a_followed_clock_leaps_with_the_exchange_and_takes_its_speed() -> None:
    clockwork = Clockwork({"at": START + 3_600 * SECOND, "speed": 2.0, "date": "2026-11-24"})
    clock = FollowedWall(START, 1.0)
    asyncio.run(following(clockwork, clock))
    assert START + 3_600 * SECOND <= clock.now() < START + 3_900 * SECOND
    assert clock.speed == 2.0


@pytest.mark.usefixtures("often")
def test_a_followed_clock_is_left_alone_while_it_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_AGREE_S", 10 + 2 * PATIENCE_S)
    clock = FollowedWall(START, 1.0)
    shown: list[Instant] = []
    clock.show = lambda at, speed=None: shown.append(at)  # type: ignore[method-assign]
    clockwork = Clockwork({"at": START + 10 * SECOND, "speed": 1.0, "date": "2026-11-23"})
    asyncio.run(following(clockwork, clock))
    assert shown == []


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("body", [b"<html>", b'{"at": 0, "speed": "max", "date": "2026-11-23"}'])
def test_what_is_no_running_clock_is_not_followed(body: bytes) -> None:
    clock = FollowedWall(START, 1.0)
    asyncio.run(following(Clockwork(body), clock))
    assert clock.speed == 1.0
    assert START <= clock.now() < START + 2 * PATIENCE_S * SECOND


@pytest.mark.usefixtures("often")
def test_an_exchange_that_is_away_for_a_while_is_asked_again() -> None:
    async def run() -> FollowedWall:
        clock = FollowedWall(START, 1.0)
        task = asyncio.create_task(follow("http://127.0.0.1:1", clock))
        await asyncio.sleep(0.08)
        assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return clock

    assert asyncio.run(run()).now() < START + PATIENCE_S * SECOND
