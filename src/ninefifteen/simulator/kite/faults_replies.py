"""Replies to REST requests that go wrong: what each fault on an address does.

Seconds of a late order are those of the exchange, because that is when the order gets there. Seconds of
a slow reply are those of this machine, because a client's patience is.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .envelope import (
    FORBIDDEN,
    GENERAL,
    INPUT,
    NETWORK,
    ORDER,
    PERMISSION,
    TOKEN,
    TOO_MANY,
    KiteError,
    refused,
)
from .faults import Handle
from .faults_file import Fault
from .quotes import instruments_file
from .routes import NO_STATIC_IP
from .sessions import WRONG_TOKEN

if TYPE_CHECKING:
    from .server import KiteServer

TIMED_OUT = "Order request timed out. Please check the order book and confirm before placing again."
"""Words under which orders were in fact placed (forum 35732)."""
_GATEWAY = 502
_TYPES = {
    FORBIDDEN: (TOKEN, WRONG_TOKEN),
    TOO_MANY: (NETWORK, "Too many requests"),
    500: (GENERAL, "Something unexpected happened."),
    _GATEWAY: ("DataException", "Unknown response from the order system."),
    503: (NETWORK, "The service is not available."),
    504: ("DataException", "Gateway timed out."),
}
_LOOK_S = 0.02
_LONGEST_SILENCE_S = 120.0
_LEFT = 0.5

Work = Callable[[], Awaitable[object]]
Later = Callable[[float, Work], Coroutine[Any, Any, None]]
"""Does something so many seconds of the exchange later."""
Spoiler = Callable[[Fault, web.Request, Handle, "Circumstances"], Awaitable[web.StreamResponse]]


class Circumstances:
    """What a fault may use: the server, doing something later on its clock, and beside the reply."""

    def __init__(
        self, server: KiteServer, later: Later, beside: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self.server = server
        self.later = later
        self.beside = beside


async def spoiled(
    fault: Fault, request: web.Request, handle: Handle, circumstances: Circumstances
) -> web.StreamResponse:
    """The reply that this fault gives."""
    return await _SPOILERS[fault.what](fault, request, handle, circumstances)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """End a connection at once and without a goodbye: the other side sees a reset."""
    if not isinstance(transport, asyncio.Transport):
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _late(
    fault: Fault, request: web.Request, handle: Handle, circumstances: Circumstances
) -> web.StreamResponse:
    """It happens `seconds` later, and nobody is told: the client waits until its patience ends."""
    await request.read()
    await circumstances.later(fault.seconds or 0.0, partial(handle, request))
    return await _silence(request)


async def _lost(_: Fault, request: web.Request, handle: Handle, __: Circumstances) -> web.StreamResponse:
    """It happens, and the connection drops before the reply."""
    await handle(request)
    return _dropped_now(request)


async def _timed_out(
    fault: Fault, request: web.Request, handle: Handle, circumstances: Circumstances
) -> web.StreamResponse:
    """It happens now or `seconds` later, and the reply says at once that it timed out."""
    await request.read()
    if fault.seconds:
        circumstances.beside(circumstances.later(fault.seconds, partial(handle, request)))
    else:
        await handle(request)
    return refused(KiteError(fault.message or TIMED_OUT, ORDER))


async def _dropped(_: Fault, request: web.Request, __: Handle, ___: Circumstances) -> web.StreamResponse:
    """Nothing happens, and the connection drops."""
    await request.read()
    return _dropped_now(request)


async def _error(fault: Fault, _: web.Request, __: Handle, ___: Circumstances) -> web.StreamResponse:
    """Nothing happens, and the reply is an error, a web page or nothing."""
    status = fault.status or _GATEWAY
    if fault.body == "html":
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1>cloudflare</body></html>"
        return web.Response(text=page, status=status, content_type="text/html")
    if fault.body == "empty":
        return web.Response(status=status)
    error_type, message = _TYPES.get(status, (GENERAL if status >= 500 else INPUT, "Refused by a fault."))  # noqa: PLR2004
    return refused(KiteError(fault.message or message, fault.error_type or error_type, status))


async def _slow(fault: Fault, request: web.Request, handle: Handle, _: Circumstances) -> web.StreamResponse:
    """It happens, and the reply comes `seconds` of this machine later: order updates come before it."""
    reply = await handle(request)
    await asyncio.sleep(fault.seconds or 0.0)
    return reply


async def _cut(_: Fault, request: web.Request, handle: Handle, __: Circumstances) -> web.StreamResponse:
    """It happens, and half of the reply is missing."""
    reply = await handle(request)
    whole = _body(reply)
    return _with_body(reply, whole[: len(whole) // 2])


async def _static_ip(fault: Fault, _: web.Request, __: Handle, ___: Circumstances) -> web.StreamResponse:
    """Refused as from an address that is not registered."""
    return refused(KiteError(fault.message or NO_STATIC_IP, PERMISSION, FORBIDDEN))


async def _missing_rows(
    fault: Fault, request: web.Request, handle: Handle, _: Circumstances
) -> web.StreamResponse:
    """A table that ends early, after a whole row."""
    reply = await handle(request)
    header, *rows = _table(reply)
    kept = rows[: int(len(rows) * (_LEFT if fault.keep is None else fault.keep))]
    return _with_table(reply, [header, *kept])


async def _missing_column(
    fault: Fault, request: web.Request, handle: Handle, _: Circumstances
) -> web.StreamResponse:
    """A table without one of its columns."""
    reply = await handle(request)
    rows = [row.split(",") for row in _table(reply)]
    if fault.column not in rows[0]:
        return reply
    place = rows[0].index(fault.column)
    return _with_table(reply, [",".join(row[:place] + row[place + 1 :]) for row in rows])


async def _yesterday(
    _: Fault, request: web.Request, handle: Handle, circumstances: Circumstances
) -> web.StreamResponse:
    """The instruments file of the trading day before: other tokens, and contracts that have expired."""
    reply = await handle(request)
    before = circumstances.server.venue.day_before()
    if before is None or reply.status != 200:  # noqa: PLR2004
        return reply
    return _with_body(reply, instruments_file(before.market, request.match_info.get("exchange")))


_SPOILERS: dict[str, Spoiler] = {
    "late": _late,
    "lost": _lost,
    "timed_out": _timed_out,
    "dropped": _dropped,
    "error": _error,
    "slow": _slow,
    "cut": _cut,
    "static_ip": _static_ip,
    "missing_rows": _missing_rows,
    "missing_column": _missing_column,
    "yesterday": _yesterday,
}


async def _silence(request: web.Request) -> web.StreamResponse:
    """Never answer; ends when the client has gone, or has waited longer than any client does."""
    for _ in range(int(_LONGEST_SILENCE_S / _LOOK_S)):
        if request.transport is None or request.transport.is_closing():
            break
        await asyncio.sleep(_LOOK_S)
    return _dropped_now(request)


def _dropped_now(request: web.Request) -> web.Response:
    """Drop the connection; the reply returned reaches nobody."""
    reset(request.transport)
    return web.Response()


def _body(reply: web.StreamResponse) -> bytes:
    return reply.body if isinstance(reply, web.Response) and isinstance(reply.body, bytes) else b""


def _with_body(reply: web.StreamResponse, body: bytes) -> web.Response:
    """The same reply with another body."""
    kept = {name: reply.headers[name] for name in ("Content-Encoding",) if name in reply.headers}
    return web.Response(body=body, status=reply.status, content_type=reply.content_type, headers=kept)


def _table(reply: web.StreamResponse) -> list[str]:
    """The lines of a gzipped table; one empty line of a reply that is none."""
    zipped = "Content-Encoding" in reply.headers
    return gzip.decompress(_body(reply)).decode().splitlines() if zipped else [""]


def _with_table(reply: web.StreamResponse, lines: list[str]) -> web.StreamResponse:
    if lines == [""]:
        return reply
    return _with_body(reply, gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
