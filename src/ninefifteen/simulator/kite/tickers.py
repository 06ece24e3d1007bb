"""The tickers: WebSocket connections, what each of them wants, and what is waiting to be sent to it.

Market data is a stream of snapshots: a connection that reads slowly gets the newest one of each
instrument, never a queue of old ones, so what waits is bounded by what it has subscribed to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from ninefifteen.domain.instants import Instant

from .envelope import KiteError, decoded
from .faults import Faults, Payload
from .packets import HEARTBEAT, MODES

MOST_CONNECTIONS = 3
MOST_TOKENS = 3000
_MOST_TEXTS = 1000
_AT_A_TIME = 20
_DEFAULT_MODE = "quote"

Render = Callable[[dict[int, Instant], dict[int, str]], bytes]
"""Tokens with the instant of their newest change, and the mode of each, to one frame."""


class Ticker:
    """One connection. `modes` is what it has subscribed to, by token."""

    def __init__(self, token: str, socket: web.WebSocketResponse, render: Render, faults: Faults) -> None:
        self.access_token = token
        self.socket = socket
        self.modes: dict[int, str] = {}
        self._render = render
        self._faults = faults
        self._changed: dict[int, Instant] = {}
        self._texts: deque[str] = deque()
        self._waiting = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._quiet = True
        self._over = False

    def show(self, token: int, at: Instant) -> None:
        """There is something new of a token; it goes out with the next `flush`."""
        self._changed[token] = at

    def tell(self, kind: str, data: Any) -> None:
        """Send a text message; a connection that has let a thousand of them wait is dropped."""
        if len(self._texts) >= _MOST_TEXTS:
            self.drop()
            return
        self._texts.append(msgspec.json.encode({"type": kind, "data": data}).decode())
        self.flush()

    def flush(self) -> None:
        """Let what is waiting go out."""
        if self.loaded and not self._over:
            self._idle.clear()
            self._waiting.set()

    @property
    def loaded(self) -> bool:
        """Whether something is waiting that has not gone out."""
        return bool(self._changed or self._texts)

    async def sent(self) -> None:
        """Return when everything waiting has gone out."""
        await self._idle.wait()

    def forget(self, tokens: Iterable[int]) -> None:
        """Nothing of these is wanted any more."""
        for token in tokens:
            self.modes.pop(token, None)
            self._changed.pop(token, None)

    def drop(self) -> None:
        """Cut the connection without a goodbye."""
        self._idle.set()
        if self.transport is not None:
            self.transport.abort()

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection itself, while there is one."""
        writer = self.socket._writer  # noqa: SLF001 - aiohttp has no public way to cut a connection
        return None if writer is None else writer.transport

    async def beat(self) -> None:
        """A heartbeat, when nothing has been sent since the last one."""
        if self._quiet and not self.socket.closed and self._faults.beats(self):
            await self.socket.send_bytes(HEARTBEAT)
        self._quiet = True

    async def send(self) -> None:
        """Send what is waiting, as it comes, until the connection is gone; then nobody waits for it."""
        try:
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                while self.loaded:
                    await self._push(self._next())
                self._idle.set()
        finally:
            self._over = True
            self._idle.set()

    def _next(self) -> Payload:
        if self._changed:
            changed, self._changed = self._changed, {}
            return self._render(changed, self.modes)
        return self._texts.popleft()

    async def _push(self, payload: Payload) -> None:
        for one in await self._faults.push(self, payload):
            self._quiet = False
            if isinstance(one, str):
                await self.socket.send_str(one)
            else:
                await self.socket.send_bytes(one)


class Tickers:
    """Every open connection. `wanted` is told whenever the set of subscribed tokens may have changed."""

    def __init__(self, knows: Callable[[int], bool], wanted: Callable[[], None]) -> None:
        self.open: list[Ticker] = []
        self._knows = knows
        self._wanted = wanted
        self._by_token: dict[int, list[Ticker]] = {}

    def tokens(self) -> set[int]:
        """Everything somebody has subscribed to."""
        return set(self._by_token)

    def show(self, token: int, at: Instant) -> None:
        """Something new of a token, for everybody who wants it."""
        for ticker in self._by_token.get(token, ()):
            ticker.show(token, at)

    def tell(self, kind: str, data: Any) -> None:
        """A text message to everybody."""
        for ticker in self.open:
            ticker.tell(kind, data)

    def flush(self) -> None:
        """Let everything that is waiting go out."""
        for ticker in self.open:
            ticker.flush()

    def clear(self) -> None:
        """Nobody wants anything any more: the tokens of yesterday mean nothing today."""
        for ticker in self.open:
            ticker.forget(tuple(ticker.modes))
        self._changed()

    async def beat(self) -> None:
        """A heartbeat to every quiet connection; one that cannot take it is gone or stuck."""
        for ticker in tuple(self.open):
            try:
                async with asyncio.timeout(1.0):
                    await ticker.beat()
            except (TimeoutError, ConnectionError):
                continue

    async def serve(self, ticker: Ticker, now: Callable[[], Instant]) -> None:
        """One connection from its opening to its end."""
        self.open.append(ticker)
        sender = asyncio.create_task(ticker.send())
        try:
            async for message in ticker.socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(ticker, message.data, now)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            self.open.remove(ticker)
            self._changed()

    async def _hear(self, ticker: Ticker, text: str, now: Callable[[], Instant]) -> None:
        """Obey one message; what cannot be understood is answered with an error text."""
        try:
            message = decoded(text)
        except KiteError:
            message = None
        wish = message.get("a") if isinstance(message, dict) else None
        values = message.get("v") if isinstance(message, dict) else None
        if wish == "mode" and isinstance(values, list) and len(values) == 2 and values[0] in MODES:  # noqa: PLR2004
            tokens, mode = self._numbers(values[1]), str(values[0])
        elif wish in ("subscribe", "unsubscribe"):
            tokens, mode = self._numbers(values), _DEFAULT_MODE
        else:
            ticker.tell("error", "Invalid message: subscribe, unsubscribe or mode is expected.")
            return
        if wish == "unsubscribe":
            ticker.forget(tokens)
            self._changed()
            return
        for start in range(0, len(tokens), _AT_A_TIME):
            part = tokens[start : start + _AT_A_TIME]
            if not self._subscribe(ticker, part, mode, now(), again=wish == "mode"):
                ticker.tell("error", f"Cannot subscribe to more than {MOST_TOKENS} instruments.")
                return
            await asyncio.sleep(0)  # the first look at an instrument takes some milliseconds

    def _subscribe(self, ticker: Ticker, tokens: list[int], mode: str, now: Instant, *, again: bool) -> bool:
        """Take these on, unless they are too many; the last packet of each goes out, however old it is."""
        fresh = [token for token in tokens if token not in ticker.modes]
        if len(ticker.modes) + len(fresh) > MOST_TOKENS:
            return False
        for token in tokens if again else fresh:
            ticker.modes[token] = mode
        self._changed()
        for token in tokens if again else fresh:
            ticker.show(token, now)
        ticker.flush()
        return True

    def _numbers(self, values: object) -> list[int]:
        """The instruments among these: JSON numbers that exist. Strings are ignored, as Kite does."""
        given = values if isinstance(values, list) else []
        return [value for value in dict.fromkeys(map(_number, given)) if value and self._knows(value)]

    def _changed(self) -> None:
        by_token: dict[int, list[Ticker]] = {}
        for ticker in self.open:
            for token in ticker.modes:
                by_token.setdefault(token, []).append(ticker)
        self._by_token = by_token
        self._wanted()


def _number(value: object) -> int:
    """The value when it is a whole JSON number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
