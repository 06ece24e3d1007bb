"""The watch over a session that somebody doubts: asked at once, not too often, until there is an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ninefifteen.adapters.zerodha.errors import BrokerProblem, Down, LoggedOut
from ninefifteen.adapters.zerodha.session import watch_session
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from tests.adapters.zerodha.fake_kite import FakeClient, in_turn
from tests.adapters.zerodha.scripted_server import MORNING

TRADER = {"user_id": "AB1234", "exchanges": ["NFO"], "products": ["MIS"], "order_types": ["LIMIT", "SL"]}
DEAD = LoggedOut("Incorrect `api_key` or `access_token`.")
Reports = list[tuple[float, type[BrokerProblem] | None]]


class HandClock:
    """A clock that shows what the test says; seconds are since its start."""

    def __init__(self) -> None:
        self.at: Instant = MORNING
        self._moved = asyncio.Condition()

    def now(self) -> Instant:
        return self.at

    async def sleep_until(self, until: Instant) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self.at >= until)

    async def show(self, seconds: float) -> None:
        """It is so late, and whoever waited for that has done what is to be done then."""
        self.at = MORNING + int(seconds * 1000) * MILLISECOND
        async with self._moved:
            self._moved.notify_all()
        for _ in range(50):
            await asyncio.sleep(0)


class Watched(FakeClient):
    """A client whose profile is answered by these in turn."""

    def __init__(self, *answers: Any) -> None:
        super().__init__({"GET /user/profile": in_turn(*answers)})
        self.clock = HandClock()

    def doubt(self) -> None:
        self.as_client().doubted.set()


def reports_of(client: Watched, story: Callable[[], Awaitable[None]]) -> Reports:
    """What the watch reported, in seconds after its start, while this happened."""
    reports: Reports = []

    def report(when: Instant, what: BrokerProblem | None) -> None:
        reports.append(((when - MORNING) / SECOND, None if what is None else type(what)))

    async def run() -> None:
        watch = asyncio.create_task(watch_session(client.as_client(), "AB1234", report))
        await client.clock.show(0)
        await story()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
    return reports


def test_a_doubted_session_is_asked_for_at_once_and_not_at_the_next_minute() -> None:
    client = Watched(DEAD)

    async def story() -> None:
        await client.clock.show(46.5)
        client.doubt()
        await client.clock.show(46.5)

    assert reports_of(client, story) == [(46.5, LoggedOut)]


def test_without_doubt_it_is_asked_for_every_minute() -> None:
    client = Watched(TRADER)

    async def story() -> None:
        for seconds in (59.9, 60, 119.9, 120):
            await client.clock.show(seconds)

    assert reports_of(client, story) == [(60, None), (120, None)]


def test_so_many_doubts_ask_no_more_often_than_every_two_seconds() -> None:
    client = Watched(TRADER)

    async def story() -> None:
        for tenth in range(100):
            client.doubt()
            await client.clock.show(10 + tenth / 10)

    assert [when for when, _ in reports_of(client, story)] == [10, 12, 14, 16, 18]


def test_a_doubt_that_is_dispelled_leaves_a_minute_to_the_next_question() -> None:
    client = Watched(TRADER)

    async def story() -> None:
        await client.clock.show(30)
        client.doubt()
        for seconds in (30, 32, 60, 89.9, 90):
            await client.clock.show(seconds)

    assert reports_of(client, story) == [(30, None), (90, None)]


def test_a_doubt_lasts_until_the_broker_answers() -> None:
    client = Watched(Down("no answer in time"), Down("no answer in time"), DEAD)

    async def story() -> None:
        await client.clock.show(10)
        client.doubt()
        for seconds in (10, 11.9, 12, 14, 16):
            await client.clock.show(seconds)

    assert reports_of(client, story) == [(10, Down), (12, Down), (14, LoggedOut)]
