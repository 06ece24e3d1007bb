"""A server inside the test, its clock turned by hand, and short words for what a client does."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, time
from functools import cache
from hashlib import sha256
from typing import Any

import aiohttp
import msgspec
from aiohttp import web_app
from yarl import URL

from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.settings import Settings
from ninefifteen.simulator.kite import ExchangeClock, Faults, KiteServer, MakeDay
from ninefifteen.simulator.market import Listed
from ninefifteen.wiring.exchange import synthetic_days
from tests.patience import PATIENCE_S
from tests.simulator.synthetic_facts import rules

DAY = date(2026, 12, 2)
SEED = 7
CASH = 10_000_000
REDIRECT = "http://127.0.0.1:9151/back?from=kite"


def moment(text: str, day: date = DAY) -> Instant:
    """That time of the day."""
    return at(day, time.fromisoformat(text))


@cache
def days() -> MakeDay:
    """What makes the days: those of `run --demo` with the seed."""
    return synthetic_days(Settings(), rules(), SEED)


class Refused(Exception):
    """The server said no: HTTP code, error type and words."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(f"{status} {error_type}: {message}")
        self.status, self.error_type, self.message = status, error_type, message


class Rehearsal:
    """A client of the server. Every call goes over HTTP."""

    def __init__(self, server: KiteServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http
        self.token = server.access_token
        self.rest = server.ready()["rest"]

    @property
    def api_key(self) -> str:
        """The app's key."""
        return self.server.sessions.credentials.api_key

    @property
    def headers(self) -> dict[str, str]:
        """What every call carries."""
        return {"Authorization": f"token {self.api_key}:{self.token}", "X-Kite-Version": "3"}

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """The data of a reply; raises Refused."""
        given: dict[str, Any] = {"headers": self.headers, "allow_redirects": False} | options
        async with self.http.request(method, self.rest + path, **given) as reply:
            body = msgspec.json.decode(await reply.read())
            if body["status"] != "success":
                raise Refused(reply.status, body["error_type"], body["message"])
            assert reply.status == 200
            return body["data"]

    async def get(self, path: str, **options: Any) -> Any:
        """A GET."""
        return await self.call("GET", path, **options)

    async def no(self, method: str, path: str, **options: Any) -> Refused:
        """The refusal of a call that must be refused."""
        try:
            data = await self.call(method, path, **options)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} {path} was answered with {data!r}")

    async def advance(self, until: Instant) -> Instant:
        """Turn the clock, as a client in lockstep does."""
        async with self.http.post(f"{self.rest}/ninefifteen/advance", json={"until": until}) as reply:
            return int(msgspec.json.decode(await reply.read())["at"])

    async def go_to(self, text: str, day: date = DAY) -> None:
        """Turn the clock to a time of the day, whatever is pushed on the way."""
        until = moment(text, day)
        while await self.advance(until) < until:
            pass

    async def wait(self, seconds: float) -> None:
        """Turn the clock by that much."""
        until = self.server.clock.now() + round(seconds * SECOND)
        while await self.advance(until) < until:
            pass

    async def place(self, listed: Listed, side: str, **fields: Any) -> str:
        """Place an order for one lot unless `fields` say otherwise; returns its id."""
        await self.wait(0.2)  # ten orders a second are let through
        form = {
            "exchange": listed.exchange,
            "tradingsymbol": listed.symbol,
            "transaction_type": side,
            "quantity": str(listed.lot_size),
            "product": "MIS",
            "order_type": "LIMIT",
            "validity": "DAY",
        }
        data = await self.call("POST", "/orders/regular", data=form | fields)
        return str(data["order_id"])

    async def refusal(self, listed: Listed, side: str, **fields: Any) -> Refused:
        """The refusal of an order that must be refused."""
        try:
            order_id = await self.place(listed, side, **fields)
        except Refused as refused:
            return refused
        raise AssertionError(f"order {order_id} was accepted")

    async def order(self, order_id: str) -> dict[str, Any]:
        """The order's row in the book."""
        await self.wait(0.2)
        rows = await self.get("/orders")
        return next(row for row in rows if row["order_id"] == order_id)

    async def statuses(self, order_id: str) -> list[str]:
        """The order's states, the first one first."""
        await self.wait(0.2)
        return [row["status"] for row in await self.get(f"/orders/{order_id}")]

    async def log_in(self) -> str:
        """A whole login; returns the access token and uses it from now on."""
        keys = self.server.sessions.credentials
        page = f"{self.rest}/connect/login?v=3&api_key={keys.api_key}"
        async with self.http.get(page, allow_redirects=False) as reply:
            request_token = URL(reply.headers["Location"]).query["request_token"]
        text = keys.api_key + request_token + keys.api_secret
        form = {
            "api_key": keys.api_key,
            "request_token": request_token,
            "checksum": sha256(text.encode()).hexdigest(),
        }
        data = await self.call("POST", "/session/token", data=form, headers={})
        self.token = data["access_token"]
        return self.token

    async def instruments(self, path: str = "/instruments/NFO") -> list[dict[str, str]]:
        """The rows of an instruments file."""
        async with self.http.get(self.rest + path, headers=self.headers, auto_decompress=False) as reply:
            assert reply.status == 200
            lines = gzip.decompress(await reply.read()).decode().splitlines()
        names = lines[0].split(",")
        return [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]

    @asynccontextmanager
    async def ticker(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A connected ticker."""
        address = f"{self.server.ready()['ws']}/?api_key={self.api_key}&access_token={self.token}"
        async with self.http.ws_connect(address) as socket:
            yield socket

    def call_near(self, symbol: str = "INFY", *, later: bool = False) -> Listed:
        """The call of the near expiry, or of the later one, nearest to the share's opening price."""
        market = self.server.venue.market
        share = market.by_key[f"NSE:{symbol}"]
        spot = market.snapshot(share.token, moment("09:14:59")).last
        calls = [one for one in market.listed if one.root == symbol and one.kind == "CE"]
        expiry = sorted({one.expiry for one in calls if one.expiry is not None})[later]
        calls = [one for one in calls if one.expiry == expiry]
        return min(calls, key=lambda one: abs(one.strike - spot))


Story = Callable[[Rehearsal], Awaitable[None]]


def rehearse(
    story: Story,
    *,
    start: str = "09:20:00",
    day: date = DAY,
    speed: float | None = None,
    seconds: Callable[[], float] = lambda: 0.0,
    cash: int = CASH,
    static_ip: bool = True,
    faults: Faults | None = None,
) -> None:
    """Tell a story against a fresh server, whose clock stands still unless there is a speed."""

    async def run() -> None:
        server = KiteServer(
            clock=ExchangeClock(moment(start, day), speed, seconds),
            seed=SEED,
            first=day,
            make_day=days(),
            cash=cash,
            redirect_url=REDIRECT,
            static_ip=static_ip,
            faults=faults,
        )
        await server.start()
        try:
            async with aiohttp.ClientSession() as http:
                await asyncio.wait_for(story(Rehearsal(server, http)), PATIENCE_S)
        finally:
            await server.stop()
            web_app._cached_build_middleware.cache_clear()  # it would keep every server for ever

    asyncio.run(run())


async def frames(socket: aiohttp.ClientWebSocketResponse, *, until: Callable[[list[Any]], Any]) -> list[Any]:
    """Messages as they come: bytes of frames, decoded texts; heartbeats left out."""
    got: list[Any] = []
    while not until(got):
        message = await asyncio.wait_for(socket.receive(), PATIENCE_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            if len(message.data) > 1:
                got.append(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            got.append(msgspec.json.decode(message.data))
        else:
            got.append(message.type)
            return got
    return got
