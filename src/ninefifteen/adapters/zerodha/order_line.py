"""The connections that orders leave on: HTTP/1.1 with as little as possible between a decision and its bytes.

An order is one call of the socket on a connection that is open already. A client library for everything
does a third of a millisecond of work there, most of it for cases that do not exist here: there is no
redirect, no cookie, no proxy and no second try. h11 makes and reads the protocol's bytes, with its usual
strictness; whatever is not a whole reply to the request that was just sent is `Broken`, and its connection
is not used again.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

import h11
import msgspec

MOST_REPLY = 1 << 20
"""Bytes of a reply to an order; the real ones have some hundred."""
_MOST_HEAD = 1 << 16
_KEPT_OPEN_S = 75.0
_CUT = "the connection was cut before an answer came"


class Broken(Exception):
    """No whole reply came; the text says why, in words of ours only."""


class RawReply(msgspec.Struct, frozen=True):
    """A whole reply: status, headers by lower-case name, and the body as it came, packed or not."""

    status: int
    headers: dict[str, str]
    body: bytes


class Talk:
    """What is said on one connection: a request, its reply, the next request. Bytes only, no socket."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEAD)
        self._head: h11.Response | None = None
        self._body = bytearray()

    @property
    def goes_on(self) -> bool:
        """Whether another request may follow: nothing is under way, and both sides keep the connection."""
        return self._http.our_state is h11.IDLE

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The bytes of a request; raises ValueError for one that cannot be written."""
        lines = list(headers.items())
        if body or method != "GET":
            lines.append(("Content-Length", str(len(body))))
        http = self._http
        try:
            packed = http.send(h11.Request(method=method, target=target, headers=lines)) or b""
            packed += (http.send(h11.Data(data=body)) or b"") if body else b""
            return packed + (http.send(h11.EndOfMessage()) or b"")
        except h11.LocalProtocolError:
            raise ValueError("no request of HTTP/1.1") from None

    def hear(self, data: bytes) -> RawReply | None:
        """Take what came, empty for the end; the reply once it is whole. Raises Broken."""
        try:
            self._http.receive_data(data)
            return self._next()
        except h11.RemoteProtocolError:
            why = "no whole answer came (no reply of HTTP/1.1)" if data else _CUT
            raise Broken(why) from None

    def _next(self) -> RawReply | None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MOST_REPLY:
                    raise Broken(f"answered with more than {MOST_REPLY} bytes")
            elif isinstance(event, h11.EndOfMessage):
                return self._whole()
            elif isinstance(event, h11.ConnectionClosed):
                raise Broken(_CUT)
            elif not isinstance(event, h11.InformationalResponse):
                return None  # more has to come

    def _whole(self) -> RawReply:
        head, body = self._head, bytes(self._body)
        assert head is not None  # noqa: S101 - the protocol has no end of a message before its head
        self._head, self._body = None, bytearray()
        http = self._http
        if http.our_state is h11.DONE and http.their_state is h11.DONE and http.trailing_data == (b"", False):
            http.start_next_cycle()
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in head.headers}
        return RawReply(head.status_code, headers, body)


class OrderLine:
    """Requests to one host, each on a connection on which nothing else is under way.

    `rest` is the address that paths are relative to. A connection is kept open for the next request;
    one that has been idle for 75 s, or on which anything came that nobody asked for, is not used again.
    """

    def __init__(self, rest: str) -> None:
        parts = urlsplit(rest)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._prefix = parts.path.rstrip("/")
        self._name = parts.netloc.rpartition("@")[2]
        self._context: ssl.SSLContext | None = None
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()

    async def connect(self) -> _Connection:
        """A connection to send one request on, the one used last if it is still good; raises OSError."""
        now = asyncio.get_running_loop().time
        while self._idle:
            kept = self._idle.pop()
            if kept.usable and now() - kept.idle_since < _KEPT_OPEN_S:
                return kept
            self._drop(kept)
        _, made = await asyncio.get_running_loop().create_connection(
            _Connection, self._host, self._port, ssl=self._verified() if self._tls else None
        )
        self._open.add(made)
        return made

    async def exchange(
        self,
        connection: _Connection,
        request: tuple[str, str],
        headers: Mapping[str, str],
        body: bytes,
        leaves: Callable[[], None],
    ) -> RawReply:
        """Send the request (method, path) and return the whole reply.

        `leaves` is called right before the first byte is handed to the socket. Raises Broken, or ValueError
        for what is no request; the connection is closed whenever this does not return.
        """
        method, path = request
        try:
            target = self._prefix + quote(path, safe="/")
            packed = connection.talk.ask(method, target, {"Host": self._name, **headers}, body)
            reply = await connection.send(packed, leaves)
        except BaseException:
            self._drop(connection)
            raise
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            self._drop(connection)
        return reply

    async def close(self) -> None:
        """Close every connection."""
        for connection in tuple(self._open):
            self._drop(connection)
        await asyncio.sleep(0)

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.abort()

    def _verified(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
            self._context.set_alpn_protocols(["http/1.1"])
        return self._context


class _Connection(asyncio.Protocol):
    """One socket and what is said on it."""

    def __init__(self) -> None:
        self.talk = Talk()
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[RawReply] | None = None
        self.usable = False
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The way is open."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection promises
        self._transport, self.usable = transport, True

    async def send(self, request: bytes, leaves: Callable[[], None]) -> RawReply:
        """Call `leaves`, send these bytes and wait for the reply; raises Broken."""
        if self._transport is None or not self.usable:
            raise Broken("the connection was cut before anything was sent")
        leaves()
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._reply
        finally:
            self._reply = None

    def data_received(self, data: bytes) -> None:
        """More of the reply; bytes that nobody has asked for end the connection."""
        if self._reply is None or self._reply.done():
            self.abort()
        else:
            self._hear(self._reply, data)

    def eof_received(self) -> None:
        """The server says no more: that may be how the reply ends."""
        self.usable = False
        if self._reply is not None and not self._reply.done():
            self._hear(self._reply, b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it the reply that was waited for."""
        self.usable = False
        if self._reply is not None and not self._reply.done():
            why = "" if exc is None else f" ({type(exc).__name__})"
            self._reply.set_exception(Broken(f"no whole answer came{why}"))

    def abort(self) -> None:
        """Cut the connection."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def _hear(self, waiting: asyncio.Future[RawReply], data: bytes) -> None:
        """Hand over the reply once it is whole, or say that it never will be."""
        try:
            reply = self.talk.hear(data)
        except Broken as broken:
            waiting.set_exception(broken)
            self.abort()
            return
        if reply is not None:
            self.usable = self.usable and self.talk.goes_on
            waiting.set_result(reply)
