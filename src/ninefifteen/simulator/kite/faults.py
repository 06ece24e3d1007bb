"""The one place where things go wrong on purpose. Every reply and every pushed frame comes through here.

`Faults` itself lets everything through. A subclass overrides what it wants to spoil; the rest of the
server does not know that anything can be wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from ninefifteen.domain.instants import Instant

if TYPE_CHECKING:
    from .server import KiteServer
    from .tickers import Ticker

Payload = bytes | str
"""A binary frame of ticks, or a text frame."""
Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Faults:
    """No fault at all: the base of everything that spoils something."""

    def attach(self, server: KiteServer) -> None:
        """Told once, before the first request: the server whose clock, sessions and tickers may be used."""

    def next_at(self) -> Instant | None:
        """The next instant of the exchange at which something goes wrong by itself; None: nothing will."""
        return None

    def act(self, now: Instant) -> None:
        """Do what is due at `now`; afterwards `next_at` is later than `now`, or None."""

    async def settled(self) -> None:
        """Return when everything that `act` set going has been done, at the instant it was due."""

    async def reply(self, request: web.Request, handle: Handle) -> web.StreamResponse:
        """The reply to one REST request, or to a ticker's handshake (path "/").

        `handle` does the work and gives the honest reply. It may be called late, or its reply thrown
        away, or not be called at all. `request.transport` may be closed, which is a connection that drops.
        """
        return await handle(request)

    async def push(self, ticker: Ticker, payload: Payload) -> Sequence[Payload]:  # noqa: ARG002 - one promise
        """What is sent down one socket in place of `payload`: nothing, it, or it and others."""
        return (payload,)

    def beats(self, ticker: Ticker) -> bool:  # noqa: ARG002 - one promise
        """Whether the heartbeat of this second is sent to that socket."""
        return True
