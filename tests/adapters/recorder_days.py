"""An invented opening for tests of the recorder: a header, frames, and a decoder that needs no broker."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import msgspec

from ninefifteen.adapters.recorder import FrameSpool, SpoolHeader
from ninefifteen.domain.instants import SECOND, Instant, at

DAY = date(2026, 11, 23)
BEGIN = at(DAY, time(9, 0))
END = at(DAY, time(9, 20))
_ONE = struct.Struct("<II")


class Level(msgspec.Struct, frozen=True):
    """One level of the depth."""

    price: int
    quantity: int
    orders: int


class Row(msgspec.Struct, frozen=True):
    """One instrument of a frame, as a decoder gives it."""

    token: int
    last: int
    mode: str = "full"
    last_quantity: int = 75
    average: int = 10_050
    volume: int = 7_500
    bought: int = 100
    sold: int = 200
    open: int = 10_000
    high: int = 10_100
    low: int = 9_900
    close: int = 9_950
    traded_at: Instant = BEGIN
    exchange_at: Instant = BEGIN
    oi: int = 4_000
    bids: tuple[Level, ...] = (Level(10_000, 75, 1), Level(9_995, 150, 2))
    asks: tuple[Level, ...] = (Level(10_005, 75, 1),)


def header(**other: object) -> SpoolHeader:
    """A real day of two shares, unless told otherwise."""
    plain = SpoolHeader(
        date=DAY,
        source="zerodha",
        synthetic=False,
        rehearsal=False,
        begin=BEGIN,
        end=END,
        names={1: "RELIANCE", 2: "TCS"},
    )
    return msgspec.structs.replace(plain, **other)


def frame(*prices: tuple[int, int]) -> bytes:
    """A frame with these (token, last price)."""
    return b"".join(_ONE.pack(*one) for one in prices)


def decode(data: bytes) -> Iterator[Row]:
    """The rows of such a frame; a frame of one byte is a heartbeat and has none."""
    if len(data) > 1:
        yield from (Row(token, last) for token, last in _ONE.iter_unpack(data))


def write(path: Path, frames: int, *, first: Instant = BEGIN, of: SpoolHeader | None = None) -> Path:
    """A spool with a frame a second, each of one share at a price that counts up from 100."""
    spool = FrameSpool.open(path, of or header())
    for number in range(frames):
        spool.take(first + number * SECOND, frame((1, 100 + number)))
    spool.close()
    assert spool.problem is None
    return path
