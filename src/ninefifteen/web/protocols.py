"""What speaks on each connection: how many there may be, how long one may be silent, what is refused bare."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Sequence
from typing import Any

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .guards import HEADERS, LIVE
from .origins import is_loopback

_CONNECTIONS = 200
_OF_ONE = 100
"""Connections of one address."""
_KEPT = 20
"""Connections that only this machine can have: whoever looks after us gets in, however many others come."""
_IDLE_S = 15
_AFTER_S = 3.0
_LONGEST_HEADER, _MOST_HEADERS = 4096, 100
_KEY_BYTES = 16
_WITH_BODY = (b"content-length", b"transfer-encoding")

_quiet = logging.getLogger("ninefifteen.web.lines")
_quiet.setLevel(logging.ERROR)
"""What any stranger can make the server say, of requests that are none, fills no log."""


class ArmedHttp(H11Protocol):
    """HTTP with an end to what never asks anything, and our headers on refusals of what is no HTTP."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there are too many, and give it some time to ask something."""
        super().connection_made(transport)
        self.logger = _quiet
        others = [one for one in self.connections if one is not self]
        if too_many([_address(one) for one in others], _address(self)):
            transport.abort()
        else:
            self._wait_for_a_question()

    def on_response_complete(self) -> None:
        """Give it the same time again: half a question is none."""
        super().on_response_complete()
        self._wait_for_a_question()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, and its time with it."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read."""
        named = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        body = msgspec.json.encode({"error": {"code": "bad_request", "text": msg, "fix": None}})
        headers = [(b"content-type", b"application/json"), (b"connection", b"close"), *named]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_a_question(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(_IDLE_S, self._has_asked)

    def _has_asked(self) -> None:
        cycle: Any = self.cycle  # none before the first question, whatever its type says
        if (
            (cycle is None or cycle.response_complete)
            and not self.transport.is_closing()
            and self in self.connections
        ):
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        """Whether it is a whole handshake of the one WebSocket there is.

        Any other is a request like any other: it meets the guards, and the answer carries our headers.
        """
        return self._get_upgrade() == b"websocket" and is_handshake(self.scope, self.headers)


class EndingSocket(WebSocketsSansIOProtocol):
    """A WebSocket whose connection ends with it, however little the other side reads."""

    async def run_asgi(self) -> None:
        """Serve it, and see it gone."""
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(_AFTER_S, self.transport.abort)

    async def send(self, message: Any) -> None:
        """Send on; a refusal that is said is the end of the handshake, and no error to log."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True


def too_many(others: Sequence[str], mine: str) -> bool:
    """Whether one more connection of this address is too many beside those of the others."""
    most = _CONNECTIONS if is_loopback(mine) else _CONNECTIONS - _KEPT
    return len(others) >= most or others.count(mine) >= _OF_ONE


def is_handshake(scope: Any, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether the WebSocket library takes this request as a handshake, by every rule it has."""
    if (scope["method"], scope["http_version"], scope["path"]) != ("GET", "1.1", LIVE):
        return False
    if len(headers) > _MOST_HEADERS or any(len(value) > _LONGEST_HEADER for _, value in headers):
        return False
    by_name: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        by_name.setdefault(name, []).append(value)
    if any(name in by_name for name in _WITH_BODY) or by_name.get(b"sec-websocket-version") != [b"13"]:
        return False
    keys = by_name.get(b"sec-websocket-key", [])
    try:
        return len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == _KEY_BYTES
    except binascii.Error:
        return False


def _address(connection: Any) -> str:
    return connection.client[0] if connection.client else ""
