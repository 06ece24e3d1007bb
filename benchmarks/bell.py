"""P6: how late the order of `entry.when = bell` leaves, 3,000 instruments streaming, 300,000 objects alive.

For each bell there is a new exchange whose clock shows a moment before the opening, and a new line of
the product with a clock that follows it: `FollowedWall` is set from one reading of the exchange's clock
and carried on by the steady clock of this machine, which is what the exchange's clock runs on, too. So
"late" is exact: the instant at which the first byte is handed to the socket, less 09:15:00.000, both by
the exchange's clock. Beside it stands the instant at which the exchange has read the request.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import aiohttp

from ninefifteen.adapters.clocks.wall import FollowedWall, steady
from ninefifteen.adapters.zerodha.client import KiteClient, simulated
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.money import rupees
from ninefifteen.domain.secret import SecretText
from ninefifteen.wiring.bell import quiet_bell

from .bell_exchange import FIRST_TOKEN, INSTRUMENTS
from .journal_append import remove
from .opening import Opening, opening
from .order_path import BytesOut, OrderPath, beside, journal_at
from .tick_to_order import spread

LIVE_OBJECTS = 300_000
BEFORE = 900 * MILLISECOND
"""Each exchange begins so long before its opening; the collector takes a part of that."""
_OPTIONS = 2
_PRICE = 2_945


class Exchange:
    """The process of the exchange, asked for one bell after the other."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._rung = 0

    async def next(self) -> tuple[dict[str, Any], list[list[int]]]:
        """Where the next exchange is, and what came to the one before: (nanoseconds late, status)."""
        before = await self._line(f"{BEFORE}\n") if self._rung else []
        if not self._rung:
            self._write(f"{BEFORE}\n")
        self._rung += 1
        ready = await self._read()
        return ready, before

    async def _line(self, text: str) -> Any:
        self._write(text)
        return await self._read()

    def _write(self, text: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(text.encode())

    async def _read(self) -> Any:
        if self._process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        return json.loads(await self._process.stdout.readline())


Bell = Callable[[Opening, dict[str, Any]], Any]


def bells(folder: Path, count: int) -> dict[str, object]:
    """Microseconds after the opening at which our orders left and arrived, and how many were early."""

    async def ring(opened: Opening, ready: dict[str, Any]) -> tuple[Instant, int]:
        return await _ours(folder / "bell.journal", opened, ready)

    return asyncio.run(_ring(ring, count))


def naive_bells(count: int) -> dict[str, object]:
    """The same by `asyncio.sleep` until the instant, the official parser in the loop, the collector on."""
    return asyncio.run(_ring(_naive, count))


async def _ring(ring: Bell, count: int) -> dict[str, object]:
    opened = opening("bell")
    alive = [[{"number": number}] for number in range(LIVE_OBJECTS // 2)]
    left: list[float] = []
    came: list[float] = []
    frames = 0
    async with _exchange() as exchange:
        for number in range(count + 2):
            ready, before = await exchange.next()
            if number >= 2:  # noqa: PLR2004 - the first one loads code, and tells with the second
                _note(came, before)
            if number <= count:
                at, heard = await ring(opened, ready)
                if number:
                    left.append((at - opened.facts.open_at) / 1000)
                    frames += heard
    early = sum(late < 0 for late in (*left, *came))
    facts = {"early": early, "frames": frames, "objects": 2 * len(alive), "least": min(left)}
    return {**spread("left", left), **spread("came", came), **facts}


def _note(came: list[float], before: list[list[int]]) -> None:
    if len(before) != 1 or before[0][1] != 200:  # noqa: PLR2004
        raise RuntimeError(f"one order was to be taken, and this came: {before}")
    came.append(before[0][0] / 1000)


@asynccontextmanager
async def _exchange() -> AsyncIterator[Exchange]:
    command = "benchmarks.bell_exchange"
    async with beside(command, ready=False) as (process, _):
        yield Exchange(process)


def _clock(ready: dict[str, Any]) -> FollowedWall:
    return FollowedWall(ready["at"] + (steady() - ready["steady"]), 1)


async def _ours(path: Path, opened: Opening, ready: dict[str, Any]) -> tuple[Instant, int]:
    clock, token = _clock(ready), SecretText(ready["access_token"])
    client = KiteClient(simulated(ready["rest"], ready["ws"]), SecretText(ready["api_key"]), clock)
    client.use(token)
    with journal_at(path, opened) as journal:
        order = OrderPath(opened, client, journal, clock, token)
        order.ticker.want({(FIRST_TOKEN + n) << 8 | _OPTIONS: "full" for n in range(INSTRUMENTS)})
        quiet = asyncio.create_task(quiet_bell(clock, opened.facts.open_at))
        streaming = asyncio.create_task(order.ticker.run())
        try:
            await client.warm()
            out = BytesOut(client)
            behind = steady() - clock.now()
            await order.order_id()
        finally:
            for task in (quiet, streaming):
                task.cancel()
            await asyncio.gather(quiet, streaming, return_exceptions=True)
            await order.close()
            await client.close()
    remove(path)
    return out.at - behind, order.frames


async def _naive(opened: Opening, ready: dict[str, Any]) -> tuple[Instant, int]:
    clock = _clock(ready)
    written: list[Instant] = []

    async def stamp(*_: object) -> None:
        written.append(clock.now())

    sent = aiohttp.TraceConfig()
    sent.on_request_chunk_sent.append(stamp)
    headers = {"X-Kite-Version": "3", "Authorization": f"token {ready['api_key']}:{ready['access_token']}"}
    form = {
        "exchange": "NFO",
        "tradingsymbol": opened.contract.symbol,
        "transaction_type": "BUY",
        "quantity": str(opened.contract.lot_size),
        "product": "MIS",
        "order_type": "LIMIT",
        "price": rupees(_PRICE),
        "validity": "DAY",
    }
    async with aiohttp.ClientSession(headers=headers, trace_configs=[sent]) as session:
        reading = asyncio.create_task(_read_frames(session, ready["ws"]))
        async with session.get(f"{ready['rest']}/user/profile") as reply:
            await reply.read()
        await asyncio.sleep((opened.facts.open_at - clock.now()) / SECOND)
        async with session.post(f"{ready['rest']}/orders/regular", data=form) as reply:
            await reply.read()
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
    return written[-1], 0


async def _read_frames(session: aiohttp.ClientSession, ws: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kiteconnect = import_module("kiteconnect")
    parse = kiteconnect.KiteTicker("key", "token")._parse_binary  # noqa: SLF001 - what its callbacks get
    latest = {}
    async with session.ws_connect(ws) as socket:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                latest.update({tick["instrument_token"]: tick for tick in parse(message.data)})
