"""The live feed: Kite's ticker over up to three WebSockets, kept alive and kept subscribed.

A connected socket proves nothing: the server may be frozen behind it. Kite sends a frame about once a
second even when no price moves, so five seconds without one end the connection, and a new one asks for
everything again. The server's certificate is verified; the addresses carry the key and the token, so
no address and no library's error text ever leaves this module.
Source: Kite Connect 3, "WebSocket streaming"; the five seconds are those of Zerodha's Go client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import aiohttp
import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.secret import SecretText
from ninefifteen.ports.wall import WallClock

from .packets import Mode
from .subscriptions import CONNECTIONS, Wanted, messages, shares
from .texts import OrderHint, read_text
from .wire import Ticks, decode

StateName = Literal["live", "connecting", "silent", "down", "refused"]
_WORST_FIRST: tuple[StateName, ...] = ("refused", "down", "silent", "connecting", "live")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LARGEST_FRAME = 4 * 2**20
_ON_CLOSING_S = 0.5


class Patience(msgspec.Struct, frozen=True):
    """How long to wait for what, in seconds of this machine: no clock of an exchange is meant.

    `silence`: without any frame. `connect`: for the handshake. `first`: before the next attempt after a
    connection whose frames came for `good`; otherwise doubling, to `longest` while no handshake succeeds
    and to `soon` while connections open and end at once. `refused`: before an attempt with a token that
    was refused.
    """

    silence: float = 5.0
    connect: float = 10.0
    first: float = 0.5
    longest: float = 10.0
    soon: float = 1.0
    good: float = 1.0
    refused: float = 30.0

    def before_next(self, waited: float, frames_for: float | None) -> float:
        """How long to wait now, having waited `waited` before the last attempt (0 before the first).

        `frames_for` is how long that attempt's frames came, None when there was no connection. A line that
        works and is cut again and again is not to blame for it, so it is back at once; one that ends as
        soon as it is open is tried about once a second, never faster.
        """
        if not waited or (frames_for is not None and frames_for >= self.good):
            return self.first
        return min(2 * waited, self.longest if frames_for is None else min(self.soon, self.longest))


class FeedState(msgspec.Struct, frozen=True):
    """How the feed is, since when (exchange time), and why in a few words.

    connecting: not live yet; live: frames arrive; silent: connected and mute, being replaced; down: no
    connection; refused: the token is not accepted. Of several connections the worst one counts.
    """

    name: StateName
    since: Instant
    why: str = ""


OnFrame = Callable[[Instant, bytes, Ticks], None]
OnText = Callable[[str, OrderHint | str | Instant], None]
OnState = Callable[[FeedState], None]


class Ticker:
    """The feed of one Kite app. `run()` works until it is cancelled; the other calls return at once.

    `on_frame(received_at, frame, ticks)` gets every frame with packets, heartbeats apart; `on_text(type,
    data)` every text that means something (`texts.Text`; with several connections an order update may
    come once on each); `on_state(state)` every change. They are called from `run()`, one at a time, and
    what they raise comes out of it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - a feed is made of these
        self,
        url: str,
        api_key: SecretText,
        access_token: SecretText,
        clock: WallClock,
        on_frame: OnFrame,
        on_text: OnText,
        on_state: OnState,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        self._url, self.host = _address(url)
        self._api_key, self._access_token = api_key, access_token
        self._clock, self._patience = clock, patience
        self._on_frame, self._on_text, self._on_state = on_frame, on_text, on_state
        self._lines = tuple(_Line(self) for _ in range(CONNECTIONS))
        self._lines[0].needed.set()  # order updates come on a connection without instruments, too
        self._state = FeedState("connecting", clock.now())
        self.heard_at: Instant = 0
        """When the last frame of any kind came, heartbeats included; 0 before the first."""

    @property
    def state(self) -> FeedState:
        """How the feed is now."""
        return self._state

    def want(self, wanted: Wanted) -> None:
        """Stream exactly these instruments (token: mode) from now on, through every reconnection.

        Raises BadInput for more than 9,000, ValueError for a token or mode that does not exist.
        """
        parts = shares(wanted, [line.wanted for line in self._lines])
        for line, part in zip(self._lines, parts, strict=True):
            line.want(part)

    def use(self, access_token: SecretText) -> None:
        """Connect with this token from now on; connections that live stay, waiting ones try at once."""
        self._access_token = access_token
        for line in self._lines:
            line.retry.set()

    async def run(self) -> None:
        """Keep the feed up; never returns. Raises what a callback raises."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            tasks = [asyncio.create_task(line.run(session)) for line in self._lines]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    # --------------------------------------------------------------------------------- for its connections

    @property
    def patience(self) -> Patience:
        """How long its connections wait."""
        return self._patience

    async def connect(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        """A new connection; the address with the secrets exists here only."""
        patience = self._patience
        return await session.ws_connect(
            self._url,
            params={"api_key": self._api_key.reveal(), "access_token": self._access_token.reveal()},
            headers={"X-Kite-Version": "3"},
            # A ping before the silence is over makes a path that has died show it. It is the frames
            # that count: a server that only answers pings is as good as dead.
            heartbeat=0.8 * patience.silence,
            max_msg_size=_LARGEST_FRAME,
            timeout=aiohttp.ClientWSTimeout(ws_close=_ON_CLOSING_S),
        )

    def heard(self, message: aiohttp.WSMessage) -> None:
        """A frame has come: decode it and pass it on."""
        self.heard_at = self._clock.now()
        if message.type is aiohttp.WSMsgType.TEXT:
            self._text(message.data)
        elif len(message.data) > 1:
            self._on_frame(self.heard_at, message.data, decode(message.data))

    def _text(self, words: str) -> None:
        text = read_text(words, (self._api_key.reveal(), self._access_token.reveal()))
        if text is not None:
            self._on_text(text.type, text.data)

    def changed(self, why: str) -> None:
        """A connection's state has changed: tell it where it changes that of the feed."""
        names = [line.state for line in self._lines if line.needed.is_set()]
        name = min(names, key=_WORST_FIRST.index)
        if name != self._state.name:
            self._state = FeedState(name, self._clock.now(), why)
            self._on_state(self._state)


class _Line:
    """One connection: up to 3,000 instruments, and one attempt after the other."""

    def __init__(self, ticker: Ticker) -> None:
        self._ticker = ticker
        self.wanted: dict[int, Mode] = {}
        self.state: StateName = "connecting"
        self.needed = asyncio.Event()
        self.retry = asyncio.Event()
        self._changed = asyncio.Event()

    def want(self, wanted: dict[int, Mode]) -> None:
        self.wanted = wanted
        self._changed.set()
        if wanted:
            self.needed.set()

    async def run(self, session: aiohttp.ClientSession) -> None:
        await self.needed.wait()
        self._tell("connecting", "")
        patience = self._ticker.patience
        wait = 0.0
        while True:
            self.retry.clear()
            frames_for = await self._attempt(session)
            if self.state == "refused":
                wait = 0.0
                await self._rest(patience.refused)
                continue
            wait = patience.before_next(wait, frames_for)
            await self._rest(wait)

    async def _rest(self, seconds: float) -> None:
        """Wait before the next attempt, or until there is a new token."""
        try:
            async with asyncio.timeout(seconds):
                await self.retry.wait()
        except TimeoutError:
            return

    async def _attempt(self, session: aiohttp.ClientSession) -> float | None:
        """Connect and stay connected; on return the state says why that is over.

        The seconds during which frames came, None when there was no connection.
        """
        ticker = self._ticker
        try:
            async with asyncio.timeout(ticker.patience.connect):
                socket = await ticker.connect(session)
        except aiohttp.WSServerHandshakeError as error:
            if error.status in (401, 403):
                self._tell("refused", f"the ticker refuses the token (HTTP {error.status}): log in again")
            else:
                self._tell("down", f"the ticker answered HTTP {error.status}")
            return None
        except aiohttp.ClientConnectorCertificateError:
            self._tell("down", f"the certificate of {ticker.host} is not to be trusted")
            return None
        except TimeoutError:
            self._tell("down", f"no answer from {ticker.host} in {ticker.patience.connect:g} s")
            return None
        except (aiohttp.ClientError, OSError):
            self._tell("down", f"no connection to {ticker.host}")
            return None
        sender = asyncio.create_task(self._ask(socket))
        try:
            frames_for = await self._listen(socket)
        finally:
            sender.cancel()
            await socket.close()
            await asyncio.wait({sender})
        if not sender.cancelled():
            sender.result()
        return frames_for

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> float:
        """Pass on what comes until it is over: the seconds from the first frame to the last sign of life."""
        silence, time = self._ticker.patience.silence, asyncio.get_running_loop().time
        began, last = 0.0, 0.0
        while True:
            try:
                async with asyncio.timeout(silence):
                    message = await socket.receive()
            except TimeoutError:
                self._tell("silent", f"no frame for {silence:g} s")
                return last - began
            last = time()
            began = began or last
            if message.type not in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT):
                self._tell("down", f"the connection has ended (code {socket.close_code})")
                return last - began
            if self.state != "live":
                self._tell("live", "")
            self._ticker.heard(message)

    async def _ask(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Subscribe to what is wanted, and to every change of it."""
        held: Wanted = {}
        try:
            while True:
                self._changed.clear()
                wanted = self.wanted
                for message in messages(held, wanted):
                    await socket.send_str(message)
                held = wanted
                await self._changed.wait()
        except (aiohttp.ClientError, OSError):
            return  # the listener sees the end of the connection, too

    def _tell(self, name: StateName, why: str) -> None:
        self.state = name
        self._ticker.changed(why)


def _address(url: str) -> tuple[str, str]:
    """The address of the ticker and its host, fit to be printed; ValueError when it will not do.

    The token must not travel unencrypted, so ws:// is for this machine only.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError("the address of the ticker is no URL") from None
    if host and (parts.scheme == "wss" or (parts.scheme == "ws" and host in _LOOPBACK)):
        return url, host
    raise ValueError("the address of the ticker has to begin with wss:// (ws:// on this machine only)")
