"""The REST addresses of the server, each with what it answers.

Every address but the login page and the token exchange asks for a living access token first, and counts
towards a rate limit. Bodies are read before the time is taken: the exchange moves on while they come.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web
from yarl import URL

from ninefifteen.domain.instants import Instant

from . import costs, portfolio, quotes
from .envelope import (
    FORBIDDEN,
    GENERAL,
    PERMISSION,
    KiteError,
    decoded,
    ok,
    stamp,
)
from .rows import history_rows, order_row, trade_row
from .wishes import Form

if TYPE_CHECKING:
    from .server import KiteServer

NO_STATIC_IP = "No IPs configured for this app. Add allowed IPs on the Kite developer console."
NO_GTT = "There are no GTT orders on this exchange."
_EXCHANGES = ("NSE", "NFO")

Answer = Callable[["Asked"], Any]
"""A request whose body is here, to the `data` of its reply; raises KiteError."""


class Asked:
    """One request with its body read: what an answer may look at."""

    def __init__(self, request: web.Request, body: bytes, now: Instant) -> None:
        self.path = request.match_info
        self.query = request.query
        self.now = now
        self._body = body
        self._type = request.content_type

    def keys(self) -> list[str]:
        """Every instrument asked for."""
        return self.query.getall("i", [])

    def form(self) -> Form:
        """The form in the body; raises KiteError when it is none."""
        if self._type not in ("application/x-www-form-urlencoded", "application/octet-stream"):
            raise KiteError("Invalid request body: a form is expected.")
        try:
            # A form and the query of an address are written alike.
            return dict(URL.build(query_string=self._body.decode(), encoded=True).query)
        except ValueError:
            raise KiteError("Invalid request body: the form cannot be read.") from None

    def json(self) -> object:
        """The JSON in the body; raises KiteError when it is none."""
        return decoded(self._body)


class Routes:
    """The answers of one server."""

    def __init__(self, server: KiteServer) -> None:
        self._server = server

    def add_to(self, app: web.Application) -> None:
        """Register every address."""
        add = app.router.add_route
        add("GET", "/connect/login", self._login_page)
        add("POST", "/session/token", self._log_in)
        for method, path, family, answer in self._table():
            add(method, path, self._asked(family, answer), expect_handler=None)
        for path in ("/instruments", "/instruments/{exchange}"):
            add("GET", path, self._instruments)

    def _table(self) -> tuple[tuple[str, str, str, Answer], ...]:
        return (
            ("DELETE", "/session/token", "other", self._log_out),
            ("POST", "/session/refresh_token", "other", _no_refresh),
            ("GET", "/user/profile", "other", self._profile),
            ("GET", "/user/margins", "other", self._funds),
            ("GET", "/user/margins/{segment}", "other", self._funds_of),
            ("GET", "/quote", "quote", self._quotes("quote")),
            ("GET", "/quote/ohlc", "quote", self._quotes("ohlc")),
            ("GET", "/quote/ltp", "quote", self._quotes("ltp")),
            ("GET", "/instruments/historical/{token:[0-9]+}/{interval}", "historical", self._candles),
            ("GET", "/orders", "other", self._orders),
            ("GET", "/orders/{order_id}", "other", self._history),
            ("GET", "/orders/{order_id}/trades", "other", self._trades_of),
            ("POST", "/orders/{variety}", "order", self._place),
            ("PUT", "/orders/{variety}/{order_id}", "order", self._modify),
            ("DELETE", "/orders/{variety}/{order_id}", "order", self._cancel),
            ("GET", "/trades", "other", self._trades),
            ("GET", "/portfolio/positions", "other", self._positions),
            ("PUT", "/portfolio/positions", "other", _no_conversion),
            ("GET", "/portfolio/holdings", "other", _nothing),
            ("GET", "/portfolio/holdings/auctions", "other", _nothing),
            ("POST", "/margins/orders", "other", self._margins),
            ("POST", "/margins/basket", "other", self._basket),
            ("POST", "/charges/orders", "other", self._notes),
            ("*", "/gtt/{rest:.*}", "other", _no_gtt),
        )

    def _asked(self, family: str, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        """The handler of an address for members: body, token, rate limit, answer."""

        async def handle(request: web.Request) -> web.Response:
            body = await request.read()
            now = self._member(request, family)
            return ok(answer(Asked(request, body, now)))

        return handle

    def _member(self, request: web.Request, family: str) -> Instant:
        """Let a member in; returns the time. Raises KiteError for a wrong token or too many requests."""
        now = self._server.catch_up()
        self._server.sessions.check_header(request.headers.get("Authorization"), now)
        self._server.limits.take(family, now)
        return now

    # ------------------------------------------------------------------------------------------- session

    async def _login_page(self, request: web.Request) -> web.Response:
        """Nobody types a password here: the browser goes back to the app at once."""
        now = self._server.catch_up()
        token = self._server.sessions.request_token(request.query.get("api_key", ""), now)
        answer = {"action": "login", "type": "login", "status": "success", "request_token": token}
        echoed = URL.build(query_string=request.query.get("redirect_params", ""), encoded=True).query
        target = URL(self._server.redirect_url).update_query({**echoed, **answer})
        return web.Response(status=302, headers={"Location": str(target)})

    async def _log_in(self, request: web.Request) -> web.Response:
        body = await request.read()
        asked = Asked(request, body, self._server.catch_up())
        form, keys = asked.form(), self._server.sessions.credentials
        token = self._server.sessions.log_in(
            form.get("api_key", ""), form.get("request_token", ""), form.get("checksum", ""), asked.now
        )
        await self._server.close_dead()
        person = self._person()
        return ok(
            {
                **person,
                "api_key": keys.api_key,
                "access_token": token,
                "public_token": f"public{token[-8:]}",
                "enctoken": "",
                "refresh_token": "",
                "silo": "",
                "login_time": stamp(asked.now),
            }
        )

    def _log_out(self, asked: Asked) -> bool:
        self._server.sessions.kill(asked.query.get("access_token", ""))
        self._server.poke()
        return True

    def _profile(self, asked: Asked) -> dict[str, Any]:  # noqa: ARG002 - one shape for all answers
        return self._person()

    def _person(self) -> dict[str, Any]:
        return {
            "user_id": self._server.sessions.credentials.user_id,
            "user_type": "individual",
            "email": "nobody@example.invalid",
            "user_name": "Rehearsal Account",
            "user_shortname": "Rehearsal",
            "broker": "ZERODHA",
            "exchanges": list(_EXCHANGES),
            "products": ["CNC", "NRML", "MIS"],
            "order_types": ["MARKET", "LIMIT", "SL", "SL-M"],
            "avatar_url": None,
            "meta": {"demat_consent": "physical"},
        }

    def _funds(self, asked: Asked) -> dict[str, Any]:  # noqa: ARG002 - one shape for all answers
        return portfolio.funds(self._server.venue.desk)

    def _funds_of(self, asked: Asked) -> dict[str, Any]:
        segment = portfolio.funds(self._server.venue.desk).get(asked.path["segment"])
        if segment is None:
            raise KiteError("Invalid `segment`: equity or commodity is expected.")
        return segment

    # --------------------------------------------------------------------------------------- market data

    def _quotes(self, kind: str) -> Answer:
        def answer(asked: Asked) -> dict[str, Any]:
            return quotes.quote_rows(self._server.venue.market, asked.keys(), kind, asked.now)

        return answer

    def _candles(self, asked: Asked) -> dict[str, Any]:
        digits = asked.path["token"]
        token = int(digits) if len(digits) <= quotes.LONGEST_TOKEN else 0
        return quotes.candle_rows(
            self._server.venue.market, token, asked.path["interval"], asked.query, asked.now
        )

    async def _instruments(self, request: web.Request) -> web.Response:
        self._member(request, "other")
        exchange = request.match_info.get("exchange")
        if exchange not in (None, *_EXCHANGES):
            raise KiteError(f"Invalid `exchange`: {exchange}.")
        return web.Response(
            body=self._server.instruments_file(exchange),
            content_type="text/csv",
            headers={"Content-Encoding": "gzip"},
        )

    # -------------------------------------------------------------------------------------------- orders

    def _place(self, asked: Asked) -> dict[str, str]:
        desk, form = self._server.venue.desk, asked.form()

        def place() -> str:
            self._from_known_address()
            return desk.place(asked.now, asked.path["variety"], form)

        return self._written(asked, "place", form.get("tag"), place)

    def _modify(self, asked: Asked) -> dict[str, str]:
        desk, path = self._server.venue.desk, asked.path

        def modify() -> str:
            self._from_known_address()
            return desk.modify(asked.now, path["variety"], path["order_id"], asked.form())

        return self._written(asked, "modify", self._tag_of(path["order_id"]), modify)

    def _cancel(self, asked: Asked) -> dict[str, str]:
        desk, path = self._server.venue.desk, asked.path

        def cancel() -> str:
            self._from_known_address()
            return desk.cancel(asked.now, path["variety"], path["order_id"])

        return self._written(asked, "cancel", self._tag_of(path["order_id"]), cancel)

    def _written(self, asked: Asked, what: str, tag: str | None, do: Callable[[], str]) -> dict[str, str]:
        return {"order_id": self._server.truth.written(asked.now, what, tag, do)}

    def _tag_of(self, order_id: str) -> str | None:
        order = self._server.venue.desk.orders.get(order_id)
        return None if order is None else order.wish.tag

    def _from_known_address(self) -> None:
        if not self._server.static_ip:
            raise KiteError(NO_STATIC_IP, PERMISSION, FORBIDDEN)

    def _orders(self, asked: Asked) -> list[dict[str, Any]]:  # noqa: ARG002 - one shape for all answers
        return [order_row(order, self._user()) for order in self._server.venue.desk.orders.values()]

    def _history(self, asked: Asked) -> list[dict[str, Any]]:
        return history_rows(self._server.venue.desk.order(asked.path["order_id"]), self._user())

    def _trades(self, asked: Asked) -> list[dict[str, Any]]:  # noqa: ARG002 - one shape for all answers
        return [trade_row(fill, order) for fill, order in self._server.venue.desk.trades()]

    def _trades_of(self, asked: Asked) -> list[dict[str, Any]]:
        desk = self._server.venue.desk
        order = desk.order(asked.path["order_id"])
        return [trade_row(fill, found) for fill, found in desk.trades(order.order_id)]

    def _positions(self, asked: Asked) -> dict[str, Any]:
        return portfolio.positions(self._server.venue.desk, asked.now)

    def _margins(self, asked: Asked) -> list[dict[str, Any]]:
        venue = self._server.venue
        return costs.order_margins(venue.desk, venue.day.rates, asked.json(), asked.now)

    def _basket(self, asked: Asked) -> dict[str, Any]:
        venue = self._server.venue
        return costs.basket_margins(venue.desk, venue.day.rates, asked.json(), asked.now)

    def _notes(self, asked: Asked) -> list[dict[str, Any]]:
        venue = self._server.venue
        return costs.contract_notes(venue.desk, venue.day.rates, asked.json(), asked.now)

    def _user(self) -> str:
        return self._server.sessions.credentials.user_id


def _nothing(asked: Asked) -> list[Any]:  # noqa: ARG001 - one shape for all answers
    return []


def _no_gtt(asked: Asked) -> None:  # noqa: ARG001 - one shape for all answers
    raise KiteError(NO_GTT, GENERAL)


def _no_conversion(asked: Asked) -> None:  # noqa: ARG001 - one shape for all answers
    raise KiteError("Positions cannot be converted on this exchange.", GENERAL)


def _no_refresh(asked: Asked) -> None:  # noqa: ARG001 - one shape for all answers
    raise KiteError("There are no refresh tokens: log in again.", GENERAL)
