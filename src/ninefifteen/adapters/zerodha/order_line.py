"""The connections that orders leave on: HTTP/1.1 with as little as possible between a decision and its bytes.

An order is one call of the socket on a connection that is open already. A general HTTP library does a
third of a millisecond of work there, most of it for cases that do not exist here: there is no
redirect, no cookie, no proxy and no second try. What comes back is read strictly; whatever is not a
whole HTTP reply to the request that was just sent is `Broken`, and its connection is not used again.
Source of the framing: RFC 9112, sections 4 to 6 and 9.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

import msgspec

MOST_REPLY = 1 << 20
"""Bytes of a reply to an order; the real ones have some hundred."""
_MOST_HEAD = 1 << 16
_KEPT_OPEN_S = 75.0
_BLANK = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?\Z")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}\Z")
_LENGTH = re.compile(rb"\d{1,12}\Z")
_INFORMATION = 200
"""Below it a reply is only an announcement of the one to come."""
_EMPTY = (204, 304)


class Broken(Exception):
    """No whole reply came; the text says why, in words of ours only."""


class RawReply(msgspec.Struct, frozen=True):
    """A whole reply: status, headers by lower-case name, and the body as it came, packed or not."""

    status: int
    headers: dict[str, str]
    body: bytes


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

        `leaves` is called right before the first byte is handed to the socket. Raises Broken, and the
        connection is closed whenever this does not return.
        """
        method, path = request
        lines = [f"{method} {self._prefix}{quote(path, safe='/')} HTTP/1.1", f"Host: {self._name}"]
        lines += [f"{name}: {text}" for name, text in headers.items()]
        if body or method != "GET":
            lines += [f"Content-Length: {len(body)}"]
        packed = "\r\n".join(lines).encode("latin-1") + _BLANK + body
        try:
            reply = await connection.ask(packed, leaves)
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
    """One socket: a request, then its reply, then the next request."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[RawReply] | None = None
        self._read = bytearray()
        self.usable = False
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The way is open."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection promises
        self._transport, self.usable = transport, True

    async def ask(self, request: bytes, leaves: Callable[[], None]) -> RawReply:
        """Call `leaves`, send these bytes and wait for the reply; raises Broken."""
        if self._transport is None or not self.usable:
            raise Broken("the connection was cut before anything was sent")
        leaves()
        self._reply = asyncio.get_running_loop().create_future()
        self._read.clear()
        self._transport.write(request)
        try:
            return await self._reply
        finally:
            self._reply = None

    def data_received(self, data: bytes) -> None:
        """More of the reply; bytes that nobody has asked for end the connection."""
        if self._reply is None or self._reply.done():
            self.abort()
            return
        self._read += data
        self._look(ended=False)

    def eof_received(self) -> None:
        """The server says no more: that may be how the reply ends."""
        self.usable = False
        self._look(ended=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it the reply that was waited for."""
        self.usable = False
        self._look(ended=exc is None)
        if exc is not None:
            self._fail(Broken(f"no whole answer came ({type(exc).__name__})"))

    def abort(self) -> None:
        """Cut the connection."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def _look(self, *, ended: bool) -> None:
        """Hand over the reply once it is whole, or say that it never will be."""
        if self._reply is None or self._reply.done():
            return
        try:
            found = read_reply(self._read, ended=ended)
        except Broken as broken:
            self._fail(broken)
            self.abort()
            return
        if found is not None:
            reply, rest, stays = found
            self.usable = self.usable and stays and not rest
            self._reply.set_result(reply)
        elif ended:
            self._fail(Broken("the connection was cut before an answer came"))

    def _fail(self, broken: Broken) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(broken)


def read_reply(read: bytearray, *, ended: bool) -> tuple[RawReply, bytes, bool] | None:
    """The reply in what was read, what came behind it, and whether the connection stays open.

    None while it is not whole; `ended` is whether nothing more can come. Raises Broken for what is no
    reply of HTTP/1.1, and for more than a reply may have.
    """
    if len(read) > MOST_REPLY:
        raise Broken(f"answered with more than {MOST_REPLY} bytes")
    start = 0
    while True:
        end = read.find(_BLANK, start)
        if end < 0 or end - start > _MOST_HEAD:
            if len(read) - start > _MOST_HEAD:
                raise Broken("no whole answer came (head too large)")
            return None
        status, minor, headers = _head(bytes(read[start:end]))
        start = end + len(_BLANK)
        if status >= _INFORMATION:
            break
    framed = _body(bytes(read[start:]), status, headers, ended=ended)
    if framed is None:
        return None
    body, rest, delimited = framed
    words = headers.get("connection", "").lower()
    stays = delimited and "close" not in words and (minor == 1 or "keep-alive" in words)
    return RawReply(status, headers, body), rest, stays


def _head(head: bytes) -> tuple[int, int, dict[str, str]]:
    first, *lines = head.split(b"\r\n")
    found = _STATUS.match(first)
    if found is None:
        raise Broken("no whole answer came (no reply of HTTP/1.1)")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.match(name):
            raise Broken("no whole answer came (malformed header)")
        key, text = name.decode("ascii").lower(), value.strip(b" \t").decode("latin-1")
        if key in ("content-length", "transfer-encoding") and headers.get(key, text) != text:
            raise Broken("no whole answer came (two lengths)")
        headers[key] = text
    return int(found[2]), int(found[1]), headers


def _body(
    read: bytes, status: int, headers: Mapping[str, str], *, ended: bool
) -> tuple[bytes, bytes, bool] | None:
    """The body, what came behind it, and whether its own length ended it; None while it is not whole."""
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if status in _EMPTY:
        return b"", read, True
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise Broken("no whole answer came (unknown transfer coding)")
        return _chunks(read)
    if length is not None:
        if not _LENGTH.match(length.encode("latin-1")):
            raise Broken("no whole answer came (malformed length)")
        size = int(length)
        if size > MOST_REPLY:
            raise Broken(f"answered with more than {MOST_REPLY} bytes")
        return (read[:size], read[size:], True) if len(read) >= size else None
    return (read, b"", False) if ended else None


def _chunks(read: bytes) -> tuple[bytes, bytes, bool] | None:
    """Chunks put together; extensions and trailers are passed over."""
    body, at = bytearray(), 0
    while True:
        end = read.find(b"\r\n", at)
        if end < 0:
            return None
        size_text = read[at:end].partition(b";")[0].strip()
        if not _SIZE.match(size_text):
            raise Broken("no whole answer came (malformed chunk)")
        size, at = int(size_text, 16), end + 2
        if size == 0:
            break
        if len(read) < at + size + 2:
            return None
        if read[at + size : at + size + 2] != b"\r\n":
            raise Broken("no whole answer came (malformed chunk)")
        body += read[at : at + size]
        at += size + 2
    while True:  # trailers, up to an empty line
        end = read.find(b"\r\n", at)
        if end < 0:
            return None
        if end == at:
            return bytes(body), read[end + 2 :], True
        at = end + 2
