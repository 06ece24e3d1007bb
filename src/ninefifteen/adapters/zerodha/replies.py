"""Reads what came back: the data of a success, or whether a failure is a definite no.

Kite's envelope is `{status: "success", data}` or `{status: "error", message, error_type}`. The words
may change at any time (forum 42301), a web page may stand in the place of JSON, and even a 400 may
hide an order that was placed ("Order request timed out ...", forum 35732). So a refusal counts only
when `data/definite_refusals.csv` lists it and its words leave no doubt; all else is not trusted.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Hashable
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

_DOUBT = re.compile(r"tim(ed|e)[ -]?out|check the order book|pending", re.IGNORECASE)
"""Words of a failure behind which an order may live on (reliability notes 4a rule 4). "Check the orderbook
for open orders", in one word, ends the plain text about missing funds and is no doubt."""
_GZIP = b"\x1f\x8b"


class Reply(msgspec.Struct, frozen=True):
    """One answer of the server: status, type (lower case, empty where it names none) and unzipped body."""

    status: int
    kind: str
    body: bytes


class Untrusted(Exception):
    """The reply is not what was asked for; the text says in which way."""


class _Success(msgspec.Struct, Generic[T]):
    status: str
    data: T


class _Failure(msgspec.Struct):
    status: str = ""
    message: str | None = None
    error_type: str | None = None


class DefiniteRefusal(msgspec.Struct, frozen=True):
    """One line of the allow-list; empty words fit any text, error type "*" fits any."""

    http: str
    error_type: str
    words: re.Pattern[str]
    kind: str
    asked: str

    def fits(self, status: int, error_type: str, message: str, *, write: bool) -> bool:
        """Whether this line makes that failure a definite no."""
        return (
            self.http in (str(status), f"{status // 100}xx")
            and self.error_type in ("*", error_type)
            and self.asked in ("any", "write" if write else "read")
            and self.words.search(message) is not None
        )


@cache
def definite_refusals() -> tuple[DefiniteRefusal, ...]:
    """The allow-list; the first line that fits decides."""
    text = (files("ninefifteen.adapters.zerodha") / "data" / "definite_refusals.csv").read_text("utf-8")
    return tuple(
        DefiniteRefusal(
            http=row["http"],
            error_type=row["error_type"],
            words=re.compile(row["words"], re.IGNORECASE),
            kind=row["kind"],
            asked=row["asked"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def data_of(reply: Reply, shape: type[T]) -> T:
    """The `data` of a reply with status 200 in that shape; raises Untrusted when it holds none."""
    try:
        envelope: _Success[T] = _decoder(shape).decode(reply.body)  # type: ignore[arg-type]  # types can be hashed
    except msgspec.ValidationError as error:
        raise Untrusted(f"answered with JSON of another shape ({error})") from None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Untrusted(description(reply)) from None
    if envelope.status != "success":
        raise Untrusted(f"answered with status {envelope.status!r} and data")
    return envelope.data


def refusal_of(reply: Reply, *, write: bool) -> tuple[str, str] | None:
    """Kind and words of a definite no; None for a reply that is none, or that leaves a doubt."""
    failure = _failure_of(reply)
    if failure is None:
        # A read changed nothing, so that here even a web page that says 429 can be believed.
        return ("rate", "Too many requests") if reply.status == 429 and not write else None  # noqa: PLR2004
    message, error_type = failure.message or "", failure.error_type or ""
    if write and _DOUBT.search(message):
        return None
    for line in definite_refusals():
        if line.fits(reply.status, error_type, message, write=write):
            return line.kind, f"{message or 'no reason given'} ({error_type or 'error'}, HTTP {reply.status})"
    return None


def description(reply: Reply) -> str:
    """What came back instead of an answer, in a few words of ours and, where it has some, of theirs."""
    failure = _failure_of(reply)
    if failure is not None:
        return f"answered HTTP {reply.status} {failure.error_type or 'without an error type'}: " + (
            failure.message or "no reason given"
        )
    if "html" in reply.kind or reply.body.lstrip()[:1] == b"<":
        return f"answered with a web page instead of data (HTTP {reply.status})"
    if not reply.body:
        return f"answered with nothing (HTTP {reply.status})"
    return f"answered with something that is not whole JSON (HTTP {reply.status})"


def unzipped(raw: bytes, encoding: str, most: int) -> bytes:
    """The body as it was before it was packed, at most `most` bytes.

    Packed by the header or by its own first bytes: the instruments dump is a gzip file under some
    headers. Raises Untrusted when it is cut, damaged, too large or packed in another way.
    """
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Untrusted(f"answered packed as {encoding}, which nobody asked for")
    if not raw.startswith(_GZIP):
        if encoding in ("", "identity") or not raw:
            return raw
        raise Untrusted("answered with a damaged gzip")
    whole = bytearray()
    while raw:
        member = zlib.decompressobj(wbits=31)
        try:
            whole += member.decompress(raw, most + 1 - len(whole))
        except zlib.error:
            raise Untrusted("answered with a damaged gzip") from None
        if len(whole) > most:
            raise Untrusted(f"answered with more than {most} bytes")
        if not member.eof:
            raise Untrusted("answered with a gzip that is cut off")
        raw = member.unused_data
    return bytes(whole)


@cache
def _decoder(shape: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Success[shape])  # type: ignore[valid-type]


def _failure_of(reply: Reply) -> _Failure | None:
    """The error envelope; None where the reply is none."""
    try:
        failure = msgspec.json.decode(reply.body, type=_Failure)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return failure if failure.status == "error" else None
