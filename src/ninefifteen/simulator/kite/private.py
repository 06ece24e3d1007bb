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
        app.router.add_post("/ninefifteen/by_hand", self._by_hand)

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

    async def _by_hand(self, request: web.Request) -> web.Response:
        """The account's owner trades in the broker's app; tickers hear of it as of every order."""
        asked, now = await _asked(request), self._server.catch_up()
        listed = self._server.venue.market.by_key.get(f"NFO:{asked.get('symbol')}")
        side, quantity = asked.get("side"), asked.get("quantity")
        if listed is None or listed.kind not in ("CE", "PE"):
            raise KiteError(f"Invalid `symbol`: {asked.get('symbol')} is no option of today.")
        if side not in ("BUY", "SELL"):
            raise KiteError("Invalid `side`: BUY or SELL is expected.")
        if not isinstance(quantity, int) or quantity <= 0 or quantity % listed.lot_size:
            raise KiteError(f"Invalid `quantity`: whole lots of {listed.lot_size} are expected.")
        desk = self._server.venue.desk
        order_id = desk.by_hand(now, listed, "BUY" if side == "BUY" else "SELL", quantity)
        self._server.poke()
        state = desk.order(order_id).state
        return plain({"order_id": order_id, "status": state.status, "filled": state.filled})


async def _asked(request: web.Request) -> dict[str, object]:
    """The JSON object in the body, empty where it is another thing; raises KiteError where it is none."""
    body = decoded(await request.read())
    return body if isinstance(body, dict) else {}
