"""What stands before every route: Host, Origin, methods, sizes, CSRF; and the headers of every answer.

Plain ASGI, so that no answer gets past it: not a 404, not a refused WebSocket, not an error of our own.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import refusal
from .origins import is_loopback
from .site import CSRF_HEADER, Site

CHART_STYLE = "sha256-3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY="
"""Hash of the one style element that the chart library makes for its logo."""
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' '{CHART_STYLE}'; img-src 'self' data:;"
    " connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""On every answer; only parts of the page, which never change, say that they may be kept."""
STAYS_SAFE = ("strict-transport-security", "max-age=31536000")
"""For the name others call us by, over TLS. Never for this machine's own names: they stand for every port."""
LIVE = "/api/live"
"""The one WebSocket there is."""
LARGEST_BODY = 64 * 1024
"""Bytes of the largest body."""
DEEPEST = 16
"""Brackets within brackets of a JSON body."""
MOST_AT_ONCE = 64
"""Requests that are worked on at a time."""
BODY_S = 10.0
"""Seconds a body may take to arrive."""

_log = logging.getLogger("ninefifteen.web")
_TOO_LARGE = (413, "too_large", f"a body may have {LARGEST_BODY // 1024} KB")
_NOT_OURS = (403, "host", "this address is not ours", "use the address the terminal shows")
_TOO_SLOW = (408, "too_slow", f"the body took longer than {BODY_S:.0f} s")


class Guards:
    """Wraps the application of a site."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site
        self._working = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request, one WebSocket, or the start and the end of the process."""
        if scope["type"] != "lifespan":
            scope["client"] = _honest(scope.get("client"))
        if scope["type"] == "http":
            self._working += 1
            try:
                await self._http(scope, receive, send)
            finally:
                self._working -= 1
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        armed = self._armed(headers, send)
        refused = self._refused(scope, headers)
        body = b""
        if refused is None:
            read = await _read(headers, receive)
            if isinstance(read, JSONResponse):
                refused = read
            else:
                body = read
                refused = _bad_body(scope, body)
        if refused is not None:
            self._site.audit.tell(
                "refused",
                None,
                f"{scope['method'][:8]} {scope['path'][:80]}: {refused.status_code}",
                where=_peer(scope),
            )
            await refused(scope, receive, armed)
            return
        try:
            await self._app(scope, _Replay(body, receive), armed)
        except Exception:  # noqa: BLE001 - whatever it is, the answer has our shape and our headers
            _log.exception("%s %s", scope["method"], scope["path"])
            if not armed.begun:
                await refusal(500, "error", "an error of ours: see logs/dashboard.log")(scope, receive, armed)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        armed = self._armed(headers, send)
        refused = self._refused_socket(scope, headers)
        if refused is None:
            await self._app(scope, receive, armed)
            return
        words = f"WebSocket {scope['path'][:80]}: {refused.status_code}"
        self._site.audit.tell("refused", None, words, where=_peer(scope))
        await _denied(scope, armed, refused)

    def _armed(self, headers: Headers, send: Send) -> _Armed:
        host = headers.get("host", "").lower()
        origins = self._site.origins
        return _Armed(send, stays_safe=origins.secure(host) and host not in origins.local)

    def _origin(self, scope: Scope, headers: Headers) -> str | None:
        """The Origin that fits this request's Host; None for a host that is not ours, or not from there."""
        hosts = headers.getlist("host")
        here = is_loopback(_peer(scope))
        return self._site.origins.fitting(hosts[0], here=here) if len(hosts) == 1 else None

    def _refused_socket(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        """Why this WebSocket goes no further, in the order of other requests; None when it may."""
        origin = self._origin(scope, headers)
        if origin is None:
            return refusal(*_NOT_OURS)
        if scope["path"] != LIVE:
            return refusal(404, "not_found", "there is nothing at this address")
        if [one.lower() for one in headers.getlist("origin")] != [origin]:
            return refusal(403, "origin", "this page is not ours")
        return None

    def _refused(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        """Why this request goes no further; None when it may."""
        if self._working > MOST_AT_ONCE:
            return refusal(503, "busy", "too many requests at once: try again in a moment")
        origin = self._origin(scope, headers)
        if origin is None:
            return refusal(*_NOT_OURS)
        if scope["method"] not in ("GET", "POST"):
            answer = refusal(405, "method", "only GET and POST are known")
            answer.headers["allow"] = "GET, POST"
            return answer
        return None if scope["method"] == "GET" else self._refused_post(headers, origin)

    def _refused_post(self, headers: Headers, origin: str) -> JSONResponse | None:
        if headers.getlist("origin") != [origin]:
            return refusal(403, "origin", "this page is not ours")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return refusal(415, "content_type", "a body is application/json")
        wanted = self._site.csrf(cookies_of(headers).get(self._site.cookie_at(headers.get("host", ""))))
        given = headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
            return refusal(403, "csrf", "the page is out of date", "load the page again")
        return None


class _Armed:
    """Sends on, with our headers on whatever begins an answer."""

    def __init__(self, send: Send, *, stays_safe: bool) -> None:
        self._send, self._stays_safe = send, stays_safe
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
            self.begun = True
            _arm(message, stays_safe=self._stays_safe)
        await self._send(message)


class _Replay:
    """Hands the body on that has been read already, and then whatever else comes."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _arm(message: Message, *, stays_safe: bool) -> None:
    """Put our headers on the beginning of an answer; an answer that says nothing of it is not kept."""
    message.setdefault("headers", [])
    headers = MutableHeaders(scope=message)
    kept = headers.get("cache-control")
    for name, value in HEADERS.items():
        headers[name] = value
    if kept is not None:
        headers["cache-control"] = kept
    if stays_safe:
        headers[STAYS_SAFE[0]] = STAYS_SAFE[1]


def cookies_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies of a request; none where they cannot be read."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def too_deep(body: bytes) -> bool:
    """Whether brackets of this JSON are nested deeper than anything we know."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth, quoted, escaped = 0, False, False
    for sign in body:
        if quoted:
            quoted = escaped or sign != ord('"')
            escaped = not escaped and sign == ord("\\")
        elif sign == ord('"'):
            quoted = True
        elif sign in b"[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif sign in b"]}":
            depth -= 1
    return False


def _bad_body(scope: Scope, body: bytes) -> JSONResponse | None:
    if scope["method"] == "POST" and too_deep(body):
        return refusal(413, "too_deep", f"brackets may be nested {DEEPEST} deep")
    return None


async def _read(headers: Headers, receive: Receive) -> bytes | JSONResponse:
    """The whole body, or why it is not taken."""
    announced = headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit() or int(announced[:12]) > LARGEST_BODY:
        return refusal(*_TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return refusal(400, "gone", "the body has no end")
                body += message.get("body", b"")
                if len(body) > LARGEST_BODY:
                    return refusal(*_TOO_LARGE)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return refusal(*_TOO_SLOW)


async def _denied(scope: Scope, send: Send, answer: JSONResponse) -> None:
    """Refuse a WebSocket before it is accepted, with our headers where the server can carry them."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 4403})
        return
    start: Message = {
        "type": "websocket.http.response.start",
        "status": answer.status_code,
        "headers": list(answer.raw_headers),
    }
    await send(start)
    await send({"type": "websocket.http.response.body", "body": answer.body})


def _honest(client: tuple[str, int] | None) -> tuple[str, int]:
    """Where it comes from, if that is an address: behind a proxy it may be any words of the browser's."""
    host, port = client or ("", 0)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "unknown", 0
    return ("unknown", 0) if "%" in host else (host, port)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"
