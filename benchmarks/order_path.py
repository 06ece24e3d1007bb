"""The way of an order: the product's feed, line, journal and broker, built anew for one decision.

What is stamped: the instant before a frame is handed to the ticker, the instant at which the bytes of
the POST are handed to the socket of this process, and the instant at which a server, a process of its
own, has read them. All are the steady clock of this machine.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from ninefifteen.adapters.clocks.wall import FollowedWall, steady
from ninefifteen.adapters.journal import FileJournal, Header, settings_json
from ninefifteen.adapters.zerodha.catalogue import Catalogue
from ninefifteen.adapters.zerodha.client import KiteClient, simulated
from ninefifteen.adapters.zerodha.feed import ZerodhaFeed
from ninefifteen.adapters.zerodha.interest import OpenInterest
from ninefifteen.adapters.zerodha.orders import ZerodhaOrders
from ninefifteen.adapters.zerodha.ticker import Ticker
from ninefifteen.adapters.zerodha.wire import Ticks
from ninefifteen.domain.events import Event, OrderAccepted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.secret import SecretText
from ninefifteen.runtime.live import LiveLine, Pushed, hot_window

from .measuring import ROOT
from .opening import Opening, silent

KEY, TOKEN = SecretText("benchmark-key"), SecretText("benchmark-token")


@asynccontextmanager
async def beside(*command: str, ready: bool = True) -> AsyncIterator[tuple[Process, bytes]]:
    """A process of its own while the block runs, and the line it prints when it is ready, if it does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=1 << 20
    )
    try:
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        yield process, await process.stdout.readline() if ready else b""
    finally:
        process.terminate()
        await process.wait()


class BytesOut:
    """When the first bytes were handed to the sockets that a client keeps open for orders."""

    def __init__(self, client: KiteClient) -> None:
        self.at: Instant = 0
        for connection in client._orders._open:  # noqa: SLF001 - its socket is what is measured
            transport = connection._transport  # noqa: SLF001
            if transport is None:
                raise RuntimeError("the connection was not warmed")
            self._listen(transport)

    def _listen(self, transport: asyncio.Transport) -> None:
        write = transport.write

        def stamped(data: bytes) -> None:
            self.at = self.at or steady()
            write(data)

        transport.write = stamped  # type: ignore[method-assign,assignment]


class OrderPath:
    """The real ticker, feed, line and orders of one opening, with an engine that waits for its price."""

    def __init__(
        self,
        opened: Opening,
        client: KiteClient,
        journal: FileJournal,
        clock: FollowedWall,
        token: SecretText = TOKEN,
    ) -> None:
        self.pushed = Pushed()
        self.accepted: asyncio.Future[OrderAccepted] = asyncio.get_running_loop().create_future()
        facts = opened.facts
        self.orders = ZerodhaOrders(client, self._deliver, clock)
        self.ticker = Ticker(
            client.endpoint.ws, client.api_key, token, clock, self._frame, lambda *_: None, lambda _: None
        )
        contracts = Catalogue("NFO", facts.date, [opened.contract])
        self.feed = ZerodhaFeed(
            client=client,
            ticker=self.ticker,
            shares=Catalogue("NSE", facts.date, ()),
            contracts=contracts,
            facts=facts,
            interest=OpenInterest(client, contracts, facts, clock, silent),
            deliver=self.pushed.push,
            tell=silent,
            give_up_at=facts.open_at,
        )
        self.feed.subscribe(clock.now(), (opened.contract.symbol,))
        runner = opened.line(feed=self.feed, broker=self.orders, journal=journal, pushed=self.pushed)
        self.line = LiveLine(
            runner, self.pushed, clock, precise=hot_window(facts.open_at), idle=lambda _: None
        )
        self._running = asyncio.create_task(self.line.run())
        self.frames = 0

    def _frame(self, received_at: Instant, _frame: bytes, ticks: Ticks) -> None:
        self.frames += 1
        self.feed.on_frame(received_at, ticks)

    def _deliver(self, event: Event) -> None:
        if isinstance(event, OrderAccepted):
            self.accepted.set_result(event)
        elif not self.accepted.done():
            self.accepted.set_exception(RuntimeError(f"the order was not taken: {event}"))

    def hear(self, frame: bytes) -> None:
        """A frame has come over the socket."""
        self.ticker.heard(aiohttp.WSMessage(aiohttp.WSMsgType.BINARY, frame, None))

    async def order_id(self) -> str:
        """Return it once the order was taken; raises RuntimeError when it was not."""
        self._running.add_done_callback(self._ended)
        async with asyncio.timeout(5):
            return (await self.accepted).order_id

    def _ended(self, running: asyncio.Task[DayRecord]) -> None:
        if not running.cancelled() and not self.accepted.done():
            self.accepted.set_exception(running.exception() or RuntimeError("the day ended"))

    async def close(self) -> None:
        """End the line."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.orders.close()
        await self.feed.close()


@asynccontextmanager
async def client_of(port: int, clock: FollowedWall) -> AsyncIterator[KiteClient]:
    """A client of a broker on this port, logged in, its connection for orders open."""
    client = KiteClient(simulated(f"http://127.0.0.1:{port}", "ws://127.0.0.1:9"), KEY, clock)
    client.use(TOKEN)
    try:
        await client.warm()
        yield client
    finally:
        await client.close()


def journal_at(path: Path, opened: Opening) -> FileJournal:
    """A fresh journal of the opening's day."""
    path.unlink(missing_ok=True)
    facts, settings = opened.facts, settings_json(opened.settings)
    header = Header(
        program="bench",
        date=facts.date,
        synthetic=True,
        seed=facts.seed,
        settings=settings,
        settings_hash="",
        started=facts.open_at,
    )
    return FileJournal.create(path, header)


def port_in(line: bytes) -> int:
    """The port that a process beside this one has told."""
    return msgspec.json.decode(line, type=dict[str, int])["port"]
