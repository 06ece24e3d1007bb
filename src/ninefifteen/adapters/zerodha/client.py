"""The transport to Kite Connect: one place where requests leave, and where answers are judged.

Reads and writes have connections of their own, so that a slow read never blocks an order; those for
orders are the plain ones of `.order_line`. TLS is verified, no proxy of the environment is used, no
redirect is followed, no cookie is kept. A write is sent once, on a connection that is known to be
open. Whatever the server answers, only the errors of `.errors` come out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from aiohttp.http_exceptions import HttpProcessingError

from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
from ninefifteen.ports.wall import WallClock

from .errors import Down, LoggedOut, Refused, Unknown
from .limits import CANDLES_PER_SECOND, QUOTES_PER_SECOND, READS_PER_SECOND, ReadGate, WriteGate
from .order_line import Broken, OrderLine
from .replies import Reply, Untrusted, data_of, description, refusal_of, unzipped
from .secret import fits_a_header, one_line

T = TypeVar("T")
Family = Literal["quote", "historical", "other"]
"""Which rate limit a read counts for."""
Params = Mapping[str, str] | Sequence[tuple[str, str]]
"""A query; pairs where a name comes several times."""

MEGABYTE = 1 << 20
LARGEST_REPLY = 16 * MEGABYTE
LARGEST_DUMP = 128 * MEGABYTE
"""Unzipped; the dump of all exchanges is some ten megabytes."""

_CHUNK = 1 << 16
_KEPT_OPEN_S = 75.0
_NAMES_KEPT_S = 600


class Endpoint(msgspec.Struct, frozen=True):
    """Where a broker speaking Kite's protocol lives: REST, ticker, and the page people log in on."""

    rest: str
    ws: str
    login: str


REAL = Endpoint("https://api.kite.trade", "wss://ws.kite.trade", "https://kite.zerodha.com/connect/login")


def simulated(rest: str, ws: str) -> Endpoint:
    """The endpoint of an exchange of our own: it serves its login page beside the REST interface."""
    return Endpoint(rest.rstrip("/"), ws, rest.rstrip("/") + "/connect/login")


class Timeouts(msgspec.Struct, frozen=True):
    """Patience in seconds of this machine: to connect (both), and for the whole request."""

    connect_read: float = 3.0
    connect_write: float = 1.0
    write: float = 4.0
    read: float = 8.0
    dump: float = 90.0


PATIENT = Timeouts()


class _Lost(Exception):
    """No whole answer came; `sent` is whether the request may have left."""

    def __init__(self, text: str, *, sent: bool) -> None:
        super().__init__(text)
        self.sent = sent


class KiteClient:
    """Connections for reads and for orders; headers, limits, timeouts, error classes.

    Build it anywhere, use it within one running event loop, `close` it there. `clock` is the clock of
    the exchange: rate limits run on it.
    """

    def __init__(
        self, endpoint: Endpoint, api_key: SecretText, clock: WallClock, *, timeouts: Timeouts = PATIENT
    ) -> None:
        if not fits_a_header(api_key.reveal()):
            raise BadInput("BROKER_API_KEY: holds signs that no API key has: copy it again from the console")
        self.endpoint = endpoint
        self.api_key = api_key
        self.clock = clock
        self.doubted = asyncio.Event()
        """Set where the broker treats this session as dead: the watch over it asks at once."""
        self.may_write: Callable[[], bool] = lambda: True
        """Asked directly before the first byte of an order, change or cancel; False: nothing is sent."""
        self._timeouts = timeouts
        self._token: SecretText | None = None
        self._session: aiohttp.ClientSession | None = None
        self._orders = OrderLine(endpoint.rest)
        self._gates: dict[Family, ReadGate] = {
            "quote": ReadGate(clock, QUOTES_PER_SECOND),
            "historical": ReadGate(clock, CANDLES_PER_SECOND),
            "other": ReadGate(clock, READS_PER_SECOND),
        }
        self._write_gate = WriteGate(clock)

    def use(self, access_token: SecretText) -> None:
        """Speak for this session from now on; raises BadInput for a text that can be no token."""
        if not fits_a_header(access_token.reveal()):
            raise BadInput("the access token holds signs that no token has: run `ninefifteen login`")
        self._token = access_token

    async def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._orders.close()

    # ------------------------------------------------------------------------------------------- reads

    async def read(
        self, path: str, shape: type[T], *, params: Params | None = None, family: Family = "other"
    ) -> T:
        """GET `path`; the `data` of the answer in `shape`. Raises Refused, LoggedOut or Down."""
        return self._judged(f"GET {path}", await self._read("GET", path, family=family, params=params), shape)

    async def ask(self, path: str, body: Any, shape: type[T]) -> T:
        """POST `body` as JSON to a place that only calculates: margins and charges. Raises as `read`."""
        headers = {"Content-Type": "application/json"}
        packed = msgspec.json.encode(body)
        reply = await self._read("POST", path, family="other", data=packed, headers=headers)
        return self._judged(f"POST {path}", reply, shape)

    async def open_session(self, form: Mapping[str, str], shape: type[T]) -> T:
        """POST the form of a login; it needs no session yet. Raises as `read`."""
        path = "/session/token"
        reply = await self._read("POST", path, family="other", data=dict(form), anonymous=True)
        return self._judged(f"POST {path}", reply, shape, form.values())

    async def read_csv(self, path: str) -> bytes:
        """GET a table, unzipped and whole, but not looked into. Raises Refused, LoggedOut or Down."""
        patience = self._timeouts.dump
        reply = await self._read("GET", path, family="other", patience=patience, most=LARGEST_DUMP)
        first = reply.body.lstrip()[:1]
        if reply.status != 200 or first in (b"", b"<", b"{") or "html" in reply.kind:  # noqa: PLR2004
            raise self._no(f"GET {path}", reply)
        return reply.body

    async def warm(self) -> None:
        """Open the connection that orders will use, or keep it open, by reading the profile over it.

        Call it shortly before an order is due: an idle connection is kept for about a minute. Raises
        as `read`.
        """
        path = "/user/profile"
        self._headers()
        async with self._gates["other"].turn():
            try:
                reply = await self._ordered("GET", path, {})
            except (_Lost, Untrusted) as lost:
                raise Down(self._say(f"GET {path}: {lost}")) from None
        self._judged(f"GET {path}", reply, dict[str, Any])

    # ------------------------------------------------------------------------------------------ writes

    async def write(self, method: str, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Place, change or cancel an order; the `data` of the answer, with its `order_id`.

        Sent once and never again. Raises Refused (LoggedOut) for a definite no, Down when it is
        certain that nothing was sent, and Unknown for everything else.
        """
        what = f"{method} {path}"
        self._headers()  # without a session there is nothing to wait for
        opens = method == "POST" and form.get("transaction_type") == "BUY"
        await self._write_gate.turn(opens=opens)
        try:
            reply = await self._ordered(method, path, form)
            data = data_of(reply, dict[str, Any]) if reply.status == 200 else None  # noqa: PLR2004
        except _Lost as lost:
            text = self._say(f"{what}: {lost}")
            raise (Unknown if lost.sent else Down)(text) from None
        except Untrusted as odd:
            raise Unknown(self._say(f"{what}: {odd}")) from None
        if data is None:
            no = refusal_of(reply, write=True)
            raise self._refused(what, *no) if no else Unknown(self._say(f"{what}: {description(reply)}"))
        if not isinstance(data.get("order_id"), str) or not data["order_id"]:
            raise Unknown(f"{what}: answered without an order id")
        return data

    # ----------------------------------------------------------------------------------------- judging

    def _judged(self, what: str, reply: Reply, shape: type[T], secrets: Iterable[str] = ()) -> T:
        if reply.status != 200:  # noqa: PLR2004
            raise self._no(what, reply, secrets)
        try:
            return data_of(reply, shape)
        except Untrusted as odd:
            raise Down(self._say(f"{what}: {odd}", secrets)) from None

    def _no(self, what: str, reply: Reply, secrets: Iterable[str] = ()) -> Refused | Down:
        no = refusal_of(reply, write=False)
        if no is not None:
            return self._refused(what, *no, secrets)
        return Down(self._say(f"{what}: {description(reply)}", secrets))

    def _refused(self, what: str, kind: str, words: str, secrets: Iterable[str] = ()) -> Refused:
        text = self._say(f"{what} refused: {words}", secrets)
        return LoggedOut(f"{text}: run `ninefifteen login`") if kind == "token" else Refused(text, kind)

    def _say(self, text: str, secrets: Iterable[str] = ()) -> str:
        """A line that can be printed: whatever the server repeated, none of our secrets is in it."""
        token = [self._token.reveal()] if self._token is not None else []
        return "Zerodha: " + one_line(text, [*secrets, *token, self.api_key.reveal()])

    # --------------------------------------------------------------------------------------- transport

    async def _read(
        self,
        method: str,
        path: str,
        *,
        family: Family,
        anonymous: bool = False,
        **request: Any,
    ) -> Reply:
        if not anonymous:
            self._headers()
        async with self._gates[family].turn():
            try:
                return await self._answer(method, path, anonymous=anonymous, **request)
            except (_Lost, Untrusted) as lost:
                raise Down(self._say(f"{method} {path}: {lost}")) from None

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        patience: float | None = None,
        most: int = LARGEST_REPLY,
        anonymous: bool = False,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> Reply:
        """The whole reply to a read; raises _Lost where none came, Untrusted where it cannot be unpacked."""
        progress = SimpleNamespace(sent=False)
        times = self._timeouts
        request_made = self._reads().request(
            method,
            self.endpoint.rest + path,
            headers={**self._headers(anonymous=anonymous), **(headers or {})},
            timeout=aiohttp.ClientTimeout(total=patience or times.read, connect=times.connect_read),
            allow_redirects=False,
            trace_request_ctx=progress,
            **request,
        )
        try:
            with self.clock.working():
                async with request_made as response:
                    raw = await _body(response, most)
        except TimeoutError:
            text = "no answer in time" if progress.sent else "no connection in time"
            raise _Lost(text, sent=progress.sent) from None
        except aiohttp.ServerDisconnectedError:
            raise _Lost("the connection was cut before an answer came", sent=progress.sent) from None
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            # Not the error's own text: it may hold the address, and what the server wrote.
            lost = "no whole answer came" if progress.sent else "no connection"
            raise _Lost(f"{lost} ({type(error).__name__})", sent=progress.sent) from None
        return _unpacked(response.status, response.headers, raw, most)

    async def _ordered(self, method: str, path: str, form: Mapping[str, str]) -> Reply:
        """The whole reply to what was sent on a connection for orders, once; raises as `_answer`."""
        progress, times = SimpleNamespace(sent=False), self._timeouts
        headers, body = self._headers(), urlencode(form).encode()
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"

        def leaves() -> None:
            if method != "GET" and not self.may_write():
                raise Broken("nothing was sent: somebody else has taken over")
            progress.sent = True

        try:
            with self.clock.working():
                async with asyncio.timeout(times.write):
                    async with asyncio.timeout(times.connect_write):
                        connection = await self._orders.connect()
                    raw = await self._orders.exchange(connection, (method, path), headers, body, leaves)
        except TimeoutError:
            text = "no answer in time" if progress.sent else "no connection in time"
            raise _Lost(text, sent=progress.sent) from None
        except Broken as broken:
            raise _Lost(str(broken), sent=progress.sent) from None
        except (OSError, ValueError) as error:
            raise _Lost(f"no connection ({type(error).__name__})", sent=progress.sent) from None
        return _unpacked(raw.status, raw.headers, raw.body, LARGEST_REPLY)

    def _headers(self, *, anonymous: bool = False) -> dict[str, str]:
        headers = {"X-Kite-Version": "3", "User-Agent": "ninefifteen", "Accept-Encoding": "gzip"}
        if anonymous:
            return headers
        if self._token is None:
            raise LoggedOut("Zerodha: nobody is logged in: run `ninefifteen login`")
        headers["Authorization"] = f"token {self.api_key.reveal()}:{self._token.reveal()}"
        return headers

    def _reads(self) -> aiohttp.ClientSession:
        if self._session is None:
            sent = aiohttp.TraceConfig()
            sent.on_request_headers_sent.append(_mark_sent)
            connector = aiohttp.TCPConnector(keepalive_timeout=_KEPT_OPEN_S, ttl_dns_cache=_NAMES_KEPT_S)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # the library takes a gzip that is cut off for a whole one
                trust_env=False,
                trace_configs=[sent],
            )
        return self._session


async def _mark_sent(_session: object, context: SimpleNamespace, _params: object) -> None:
    """Called before the first byte is handed to the socket: without this mark nothing has left."""
    context.trace_request_ctx.sent = True


def _unpacked(status: int, headers: Mapping[str, str], raw: bytes, most: int) -> Reply:
    by_name = {name.lower(): value.strip() for name, value in headers.items()}
    encoding, kind = by_name.get("content-encoding", ""), by_name.get("content-type", "")
    return Reply(status, kind.lower(), unzipped(raw, encoding.lower(), most))


async def _body(response: aiohttp.ClientResponse, most: int) -> bytes:
    whole = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        whole += chunk
        if len(whole) > most:
            response.close()
            raise Untrusted(f"answered with more than {most} bytes")
    return bytes(whole)
