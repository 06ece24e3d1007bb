"""The clock in lockstep: time moves only when everybody waits, to where somebody waits, here or there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web

from ninefifteen.adapters.clocks import exchange
from ninefifteen.adapters.clocks.exchange import LockstepWall, NotThere
from ninefifteen.domain.instants import SECOND, Instant
from tests.adapters.clockwork import START, Clockwork
from tests.patience import PATIENCE_S


def lockstep(clockwork: Clockwork, use: Callable[[LockstepWall], Awaitable[Any]]) -> Any:
    """What `use` makes of a clock in lockstep with this exchange."""

    async def run() -> Any:
        async with clockwork.up(), asyncio.timeout(PATIENCE_S):
            clock = LockstepWall(START, clockwork.rest)
            try:
                return await use(clock)
            finally:
                await clock.close()

    return asyncio.run(run())


def test_time_leaps_to_what_is_waited_for_first_and_wakes_in_order() -> None:
    clockwork = Clockwork()

    async def use(clock: LockstepWall) -> list[tuple[str, Instant]]:
        woken: list[tuple[str, Instant]] = []

        async def sleeper(name: str, until: Instant) -> None:
            await clock.sleep_until(until)
            woken.append((name, clock.now()))

        waits = [("c", 3), ("a", 1), ("b", 2), ("b2", 2), ("past", -1)]
        await asyncio.gather(*(sleeper(name, START + wait * SECOND) for name, wait in waits))
        return woken

    assert lockstep(clockwork, use) == [
        ("past", START), ("a", START + SECOND), ("b", START + 2 * SECOND), ("b2", START + 2 * SECOND),
        ("c", START + 3 * SECOND),
    ]  # fmt: skip
    assert clockwork.advanced == [START + wait * SECOND for wait in (1, 2, 3)]


def test_it_goes_on_step_by_step_where_the_exchange_pushes_something() -> None:
    clockwork = Clockwork(pushes=(START + SECOND // 2, START + SECOND))

    async def use(clock: LockstepWall) -> Instant:
        await clock.sleep_until(START + 2 * SECOND)
        return clock.now()

    assert lockstep(clockwork, use) == START + 2 * SECOND
    assert clockwork.advanced == [START + 2 * SECOND] * 3


def test_time_stands_still_while_somebody_is_inside() -> None:
    clockwork = Clockwork()

    async def use(clock: LockstepWall) -> None:
        with clock.working():
            sleeping = asyncio.create_task(clock.sleep_until(START + SECOND))
            with clock.working():
                await asyncio.sleep(0.03)
            await asyncio.sleep(0.03)
            assert clockwork.advanced == []
            assert clock.now() == START
        await sleeping

    lockstep(clockwork, use)
    assert clockwork.advanced == [START + SECOND]


def test_time_stands_still_while_something_is_still_running() -> None:
    clockwork = Clockwork()

    async def use(clock: LockstepWall) -> list[Instant]:
        seen: list[Instant] = []

        async def chain() -> None:
            for _ in range(5):
                await asyncio.sleep(0)
                seen.append(clock.now())

        await asyncio.gather(clock.sleep_until(START + SECOND), chain())
        return seen

    assert lockstep(clockwork, use) == [START] * 5


def test_somebody_who_gives_up_waiting_is_not_waited_for() -> None:
    clockwork = Clockwork()

    async def use(clock: LockstepWall) -> Instant:
        with clock.working():
            early = asyncio.create_task(clock.sleep_until(START + SECOND))
            late = asyncio.create_task(clock.sleep_until(START + 2 * SECOND))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            early.cancel()
            with suppress(asyncio.CancelledError):
                await early
        await late
        return clock.now()

    assert lockstep(clockwork, use) == START + 2 * SECOND
    assert clockwork.advanced == [START + 2 * SECOND]


def test_when_everybody_has_given_up_time_stands_still_and_goes_on_later() -> None:
    clockwork = Clockwork()

    async def use(clock: LockstepWall) -> None:
        with clock.working():
            waiting = asyncio.create_task(clock.sleep_until(START + SECOND))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.03)
        assert (clock.now(), clockwork.advanced) == (START, [])
        await clock.sleep_until(START + 5 * SECOND)

    lockstep(clockwork, use)
    assert clockwork.advanced == [START + 5 * SECOND]


def test_with_a_ticker_nobody_is_woken_before_it_has_heard_what_was_pushed() -> None:
    clockwork = Clockwork(pushes=(START + SECOND,))

    async def use(clock: LockstepWall) -> list[str]:
        heard: list[str] = []
        clock.listen(live=True)
        waiting = asyncio.create_task(clock.sleep_until(START + SECOND))
        waiting.add_done_callback(lambda _: heard.append("woken"))
        while not clockwork.advanced:  # noqa: ASYNC110 - the server side tells nobody
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.03)
        heard.append("pushed")
        clock.show(START + SECOND // 2)  # told of something on the way: not there yet
        await asyncio.sleep(0.01)
        clock.show(START + SECOND)
        await waiting
        return heard

    assert lockstep(clockwork, use) == ["pushed", "woken"]


def test_a_ticker_that_is_cut_in_that_moment_holds_time_up_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "_FRAME_S", 0.05)

    async def use(clock: LockstepWall) -> Instant:
        clock.listen(live=True)
        await clock.sleep_until(START + SECOND)
        return clock.now()

    assert lockstep(Clockwork(), use) == START + SECOND


def test_time_waits_for_a_ticker_that_is_connecting_again() -> None:
    clockwork = Clockwork()

    async def use(clock: LockstepWall) -> None:
        clock.listen(live=False, waits=True)
        waiting = asyncio.create_task(clock.sleep_until(START + SECOND))
        await asyncio.sleep(0.05)
        assert clockwork.advanced == []
        clock.listen(live=True)
        while not clockwork.advanced:  # noqa: ASYNC110 - the server side tells nobody
            await asyncio.sleep(0.005)
        clock.show(START + SECOND)
        await waiting

    lockstep(clockwork, use)


def test_a_ticker_that_does_not_come_back_holds_time_up_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "_RECONNECTS_S", 0.03)

    async def use(clock: LockstepWall) -> Instant:
        clock.listen(live=False, waits=True)
        await clock.sleep_until(START + SECOND)
        return clock.now()

    assert lockstep(Clockwork(), use) == START + SECOND


def test_what_the_exchange_shows_later_than_it_was_heard_does_not_turn_time_back() -> None:
    async def use(clock: LockstepWall) -> Instant:
        clock.show(START + 2 * SECOND)
        clock.show(START + SECOND)
        await clock.sleep_until(START + SECOND)
        return clock.now()

    assert lockstep(Clockwork(), use) == START + 2 * SECOND


@pytest.mark.parametrize("answer", ["<html>", "{}", '{"at": "noon"}', "[]"])
def test_an_exchange_that_is_none_any_more_is_said_to_everybody_who_waits(answer: str) -> None:
    clockwork = Clockwork()

    async def broken(until: Instant) -> web.Response:
        return web.Response(text=answer)

    async def use(clock: LockstepWall) -> None:
        clockwork.reply = broken
        waits = [clock.sleep_until(START + SECOND), clock.sleep_until(START + 2 * SECOND)]
        ends = await asyncio.gather(*waits, return_exceptions=True)
        assert [type(end) for end in ends] == [NotThere, NotThere]
        assert "has gone" in str(ends[0])
        clockwork.reply = clockwork._advance  # and somebody has started it again
        await clock.sleep_until(START + 3 * SECOND)
        assert clock.now() == START + 3 * SECOND

    lockstep(clockwork, use)
    assert clockwork.advanced[-1] == START + 3 * SECOND


def test_an_exchange_that_has_vanished_is_not_there() -> None:
    async def run() -> None:
        clock = LockstepWall(START, "http://127.0.0.1:1")
        try:
            await clock.sleep_until(START + SECOND)
        finally:
            await clock.close()

    with pytest.raises(NotThere, match="has gone"):
        asyncio.run(run())


def test_closed_it_leaves_nothing_running_and_nobody_waiting() -> None:
    async def use(clock: LockstepWall) -> int:
        with clock.working():
            waiting = asyncio.create_task(clock.sleep_until(START + SECOND))
            await asyncio.sleep(0.01)
            await clock.close()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(waiting, PATIENCE_S)
        await asyncio.sleep(0)
        return len([task for task in asyncio.all_tasks() if "LockstepWall" in repr(task)])

    assert lockstep(Clockwork(), use) == 0


def test_closed_before_it_was_ever_used_is_harmless() -> None:
    async def use(clock: LockstepWall) -> Instant:
        return clock.now()

    assert lockstep(Clockwork(), use) == START
