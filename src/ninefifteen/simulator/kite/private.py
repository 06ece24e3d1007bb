"""The addresses of this exchange's own, which real Kite has none of: the clock, the counts, the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from ninefifteen.domain.instants import day_of, iso_ms

from .envelope import KiteError, decoded, plain

if TYPE_CHECKING:
    from .server import KiteServer


class PrivateRoutes:
    """What only rehearsals and tests ask. Nothing here is counted, limited or spoiled."""

    def __init__(self, server: KiteServer) -> None:
        self._server = server

    def add_to(self, app: web.Application) -> None:
        """Register every address."""
        app.router.add_get("/ninefifteen/clock", self._clock)
        app.router.add_get("/ninefifteen/counts", self._counts)
        app.router.add_get("/ninefifteen/truth", self._truth)
        app.router.add_post("/ninefifteen/advance", self._advance)

    async def _clock(self, request: web.Request) -> web.Response:  # noqa: ARG002 - one shape for all handlers
        now = self._server.catch_up()
        return plain(
            {
                "at": now,
                "iso": iso_ms(now),
                "speed": self._server.speed,
                "date": day_of(now),
                "seed": self._server.seed,
                "synthetic": True,
            }
        )

    async def _counts(self, request: web.Request) -> web.Response:  # noqa: ARG002 - one shape for all handlers
        return plain(dict(sorted(self._server.counts.items())))

    async def _truth(self, request: web.Request) -> web.Response:  # noqa: ARG002 - one shape for all handlers
        now = self._server.catch_up()
        return plain(self._server.truth.document(self._server.venue.desk, now))

    async def _advance(self, request: web.Request) -> web.Response:
        until = (await _asked(request)).get("until")
        if not isinstance(until, int) or isinstance(until, bool):
            raise KiteError('Invalid request body: {"until": nanoseconds} is expected.')
        return plain({"at": await self._server.advance(until)})


async def _asked(request: web.Request) -> dict[str, object]:
    """The JSON object in the body, empty where it is another thing; raises KiteError where it is none."""
    body = decoded(await request.read())
    return body if isinstance(body, dict) else {}
