"""Everything that leaves the server passes one object, which may keep it, change it or add to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import pytest
from aiohttp import web

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.simulator.kite import Faults, Handle, KiteServer, Payload
from ninefifteen.simulator.kite.tickers import Ticker
from tests.simulator.kite.rehearsal import Rehearsal, frames, moment, rehearse


class Spoiled(Faults):
    """Loses replies of placings, doubles packets, keeps heartbeats, and kills the token at 09:25."""

    def __init__(self) -> None:
        self.server: KiteServer | None = None
        self.due: Instant | None = moment("09:25:00")

    def attach(self, server: KiteServer) -> None:
        self.server = server

    def next_at(self) -> Instant | None:
        return self.due

    def act(self, now: Instant) -> None:
        assert now == self.due
        assert self.server is not None
        self.due = None
        self.server.sessions.kill()

    async def reply(self, request: web.Request, handle: Handle) -> web.StreamResponse:
        honest = await handle(request)
        if request.method == "POST" and request.transport is not None:
            request.transport.abort()
        return honest

    async def push(self, ticker: Ticker, payload: Payload) -> Sequence[Payload]:
        return (payload, payload) if isinstance(payload, bytes) else ()

    def beats(self, ticker: Ticker) -> bool:
        return False


def test_a_fault_may_take_a_reply_away_after_the_order_was_placed() -> None:
    async def story(client: Rehearsal) -> None:
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.place(client.call_near(), "BUY", price="20")
        assert len(await client.get("/orders")) == 1

    rehearse(story, faults=Spoiled())


def test_a_fault_may_change_what_a_ticker_is_sent() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await socket.send_json({"a": "subscribe", "v": [client.call_near().token]})
            first, second = await frames(socket, until=lambda got: len(got) == 2)
            assert first == second
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.receive(), 1.3)

    rehearse(story, faults=Spoiled())


def test_a_fault_may_act_by_itself_at_its_instant_of_the_exchange() -> None:
    async def story(client: Rehearsal) -> None:
        await client.advance(moment("09:25:00") - SECOND)
        await client.get("/user/profile")
        await client.advance(moment("09:25:00"))
        assert (await client.no("GET", "/user/profile")).error_type == "TokenException"

    rehearse(story, faults=Spoiled())


def test_without_faults_everything_passes() -> None:
    assert Faults().next_at() is None
    Faults().act(0)


def test_a_mistake_inside_the_exchange_is_an_error_reply_and_it_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Faults):
        def attach(self, server: KiteServer) -> None:
            server.venue.desk.orders = None  # type: ignore[assignment]

    async def story(client: Rehearsal) -> None:
        no = await client.no("GET", "/orders")
        assert (no.status, no.error_type) == (500, "GeneralException")
        assert "Traceback" in caplog.text
        await client.get("/user/profile")

    rehearse(story, faults=Broken())
