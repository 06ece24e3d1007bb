"""A WebSocket server that streams, freezes, breaks off and refuses as told, and a feed against it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, time
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from ninefifteen.adapters.zerodha.packets import Mode
from ninefifteen.adapters.zerodha.texts import OrderHint
from ninefifteen.adapters.zerodha.ticker import FeedState, Patience, Ticker
from ninefifteen.adapters.zerodha.wire import Ticks
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.secret import SecretText
from tests.patience import PATIENCE_S

KEY, TOKEN = "key-4711", "token-0815"
HASTE = Patience(silence=PATIENCE_S, connect=PATIENCE_S, first=0.02, longest=0.08, good=30.0, refused=0.3)
"""In a hurry to connect again, and in none to call a busy machine's server silent."""
EARS = msgspec.structs.replace(HASTE, silence=1.0)
"""So that a silence is over soon."""
START = at(date(2026, 11, 23), time(9, 14))
Script = Callable[["Conversation"], Awaitable[None]]


class CountingClock:
    """A clock that is a second later whenever it is read."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> Instant:
        self.at += SECOND
        return self.at

    async def sleep_until(self, until: Instant) -> None:
        raise AssertionError("the feed waits by this machine's time only")

    def working(self) -> contextlib.AbstractContextManager[None]:
        raise AssertionError("a feed only listens")


class Conversation:
    """One connection as the server sees it."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.request, self.socket = request, socket
        self.heard: list[dict[str, Any]] = []
        self.modes: dict[int, str] = {}

    async def listen(self) -> None:
        """Take messages until the other side goes away."""
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                self.take(json.loads(message.data))

    def take(self, said: dict[str, Any]) -> None:
        self.heard.append(said)
        if said["a"] == "subscribe":
            self.modes |= dict.fromkeys(said["v"], "quote")
        elif said["a"] == "unsubscribe":
            for token in said["v"]:
                del self.modes[token]
        else:
            mode, tokens = said["v"]
            assert set(tokens) <= set(self.modes)
            self.modes |= dict.fromkeys(tokens, mode)


class Server:
    """A ticker whose nth connection follows the nth script, and all later ones the last."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = scripts
        self.conversations: list[Conversation] = []
        self.attempts: list[tuple[str, dict[str, str]]] = []
        self.times: list[float] = []
        self.refuse: dict[str, int] = {}
        self.port = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        number = len(self.conversations)
        token = request.query["access_token"]
        self.attempts.append((token, dict(request.headers)))
        self.times.append(asyncio.get_running_loop().time())
        if token in self.refuse:
            return web.json_response({"status": "error"}, status=self.refuse[token])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        conversation = Conversation(request, socket)
        self.conversations.append(conversation)
        await self.scripts[min(number, len(self.scripts) - 1)](conversation)
        return socket

    @contextlib.asynccontextmanager
    async def up(self, context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Server]:
        app = web.Application()
        app.router.add_get("/", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=context)
        await site.start()
        self.port = runner.addresses[0][1]
        self.url = f"{'wss' if context else 'ws'}://127.0.0.1:{self.port}"
        try:
            yield self
        finally:
            await runner.cleanup()


class Seen:
    """Everything the feed told, and a way to wait for it."""

    def __init__(self) -> None:
        self.frames: list[tuple[Instant, bytes, Ticks]] = []
        self.texts: list[tuple[str, OrderHint | str | Instant]] = []
        self.states: list[FeedState] = []

    def ticker(self, url: str, patience: Patience = HASTE) -> Ticker:
        return Ticker(
            url,
            SecretText(KEY),
            SecretText(TOKEN),
            CountingClock(),
            on_frame=lambda *told: self.frames.append(told),
            on_text=lambda *told: self.texts.append(told),
            on_state=self.states.append,
            patience=patience,
        )

    @property
    def names(self) -> list[str]:
        return [state.name for state in self.states]


async def until(holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - whatever it waits for tells nobody
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(ticker: Ticker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(ticker.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def heartbeats(every: float = 0.05) -> Script:
    """A quiet market: heartbeats, and an ear for what is said."""

    async def script(talk: Conversation) -> None:
        async def beat() -> None:
            while True:
                await talk.socket.send_bytes(b"\x00")
                await asyncio.sleep(every)

        beating = asyncio.create_task(beat())
        await talk.listen()
        beating.cancel()

    return script


def sends(*data: bytes | str) -> Script:
    """Say these at once, then be a quiet market."""

    async def script(talk: Conversation) -> None:
        for item in data:
            await (talk.socket.send_bytes(item) if isinstance(item, bytes) else talk.socket.send_str(item))
        await heartbeats()(talk)

    return script


async def freeze(talk: Conversation) -> None:
    """One frame, and then nothing, not even an answer to a ping or to a farewell."""
    await talk.socket.send_bytes(b"\x00")
    await asyncio.sleep(30)


async def break_off(talk: Conversation) -> None:
    """One frame, and the connection is reset."""
    await talk.socket.send_bytes(b"\x00")
    await asyncio.sleep(0.02)
    assert talk.request.transport is not None
    talk.request.transport.abort()


async def say_goodbye(talk: Conversation) -> None:
    """One frame, and an orderly end."""
    await talk.socket.send_bytes(b"\x00")
    await talk.socket.close(code=1001)


@contextlib.asynccontextmanager
async def feeding(
    server: Server, wanted: Mapping[int, Mode] | None = None, patience: Patience = HASTE
) -> AsyncIterator[tuple[Seen, Ticker]]:
    """The server is up and a feed that wants these instruments runs against it."""
    seen = Seen()
    async with server.up():
        ticker = seen.ticker(server.url, patience)
        ticker.want(wanted or {})
        async with running(ticker):
            yield seen, ticker
