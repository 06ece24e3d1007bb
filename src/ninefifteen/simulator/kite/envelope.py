"""What every reply of the server is wrapped in, and how it writes prices and times.

Shapes: the sample responses Zerodha publishes; error types and codes: Kite Connect v3, "Exceptions".
"""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from ninefifteen.domain.instants import Instant, to_datetime
from ninefifteen.domain.money import Paise

BAD_REQUEST, FORBIDDEN, NOT_FOUND, WRONG_METHOD, TOO_MANY, BROKEN = 400, 403, 404, 405, 429, 500

INPUT, ORDER, TOKEN, NETWORK, GENERAL, PERMISSION = (
    "InputException",
    "OrderException",
    "TokenException",
    "NetworkException",
    "GeneralException",
    "PermissionException",
)


class KiteError(Exception):
    """A refusal in Kite's words: message, error type and HTTP code."""

    def __init__(self, message: str, error_type: str = INPUT, status: int = BAD_REQUEST) -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type
        self.status = status


def decoded(text: bytes | str) -> object:
    """The JSON a client has sent; raises KiteError when it is none, or nested deeper than can be read."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise KiteError("Invalid request body: JSON is expected.") from None


def ok(data: Any) -> web.Response:
    """A successful reply."""
    return _json({"status": "success", "data": data}, 200)


def refused(error: KiteError) -> web.Response:
    """The reply that says no."""
    body = {"status": "error", "message": error.message, "data": None, "error_type": error.error_type}
    return _json(body, error.status)


def plain(document: Any) -> web.Response:
    """A reply of the exchange's own, private addresses: JSON without an envelope."""
    return _json(document, 200)


def number(paise: Paise) -> int | float:
    """Paise as the JSON number of rupees that Kite writes: 470 or 156.7."""
    return paise // 100 if paise % 100 == 0 else paise / 100


def stamp(instant: Instant) -> str | None:
    """An instant as Kite writes it, IST without a zone: "2026-11-23 09:15:01"; None for 0."""
    return to_datetime(instant).strftime("%Y-%m-%d %H:%M:%S") if instant else None


def _json(document: Any, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(document), status=status, content_type="application/json")
