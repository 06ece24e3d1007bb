"""Text frames of Kite's ticker: order updates, the server's words, and the clock of our own exchange.

All of them are JSON objects {"type": ..., "data": ...}. An order update is a hint and nothing more: it
may be lost, late, doubled or out of order, so it only says which order to look up.
Source: Kite Connect 3, "Postbacks" and "WebSocket streaming".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from ninefifteen.domain.instants import Instant

from .secret import one_line

TextType = Literal["order", "error", "message", "ninefifteen_clock"]


class OrderHint(msgspec.Struct, frozen=True):
    """An order of this account has changed, placed from wherever. "" and None where it does not say.

    `data` is the whole message as it came; nothing in it has been checked.
    """

    order_id: str
    status: str
    tag: str | None
    data: Mapping[str, object]


class Text(msgspec.Struct, frozen=True):
    """One text frame that means something.

    `data` is an `OrderHint` for "order", the server's words for "error" and "message", and the new
    instant for "ninefifteen_clock" (only our own exchange sends that).
    """

    type: TextType
    data: OrderHint | str | Instant


class _Frame(msgspec.Struct):
    type: str = ""
    data: object = None


_FRAME = msgspec.json.Decoder(_Frame)


def read_text(text: str | bytes, secrets: Iterable[str] = ()) -> Text | None:
    """What the frame says; None for anything unknown, empty or malformed. Never raises.

    The server's words become one short line in which none of `secrets` is left.
    """
    try:
        frame = _FRAME.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    data = frame.data
    if frame.type == "order":
        return Text("order", _order(data)) if isinstance(data, dict) and data else None
    if frame.type in ("error", "message"):
        words = data if isinstance(data, str) else "" if data is None else repr(data)
        return Text("error" if frame.type == "error" else "message", one_line(words, secrets))
    if frame.type == "ninefifteen_clock":
        at = data.get("at") if isinstance(data, dict) else None
        return Text("ninefifteen_clock", at) if type(at) is int and at > 0 else None
    return None


def _order(data: Mapping[str, object]) -> OrderHint:
    tag = data.get("tag")
    return OrderHint(
        order_id=_word(data.get("order_id")),
        status=_word(data.get("status")),
        tag=tag if isinstance(tag, str) and tag else None,
        data=data,
    )


def _word(value: object) -> str:
    """Text, or a whole number as text: order ids have come as both."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""
