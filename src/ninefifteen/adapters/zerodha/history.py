"""Historical candles: fetched in windows no longer than Kite allows, put together without a seam."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import msgspec

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.money import Paise

from .client import KiteClient
from .errors import Down
from .stamps import Units, decode, instant, nearest, written

Interval = Literal["minute", "3minute", "5minute", "10minute", "15minute", "30minute", "60minute", "day"]

DAYS = {
    "minute": 60,
    "3minute": 100,
    "5minute": 100,
    "10minute": 100,
    "15minute": 200,
    "30minute": 200,
    "60minute": 400,
    "day": 2000,
}
"""Most days of one request, by interval (`reference/brokers.md` 2.2)."""

_DAY = 86_400 * SECOND


class Candle(msgspec.Struct, frozen=True):
    """One candle; `at` is its beginning. Paise and units; `oi` None where Kite gives none."""

    at: Instant
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    volume: int
    oi: int | None


class _Row(msgspec.Struct, frozen=True, array_like=True):
    at: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Units
    oi: Units | None = None


class _Candles(msgspec.Struct, frozen=True):
    candles: tuple[msgspec.Raw, ...]


async def candles(
    client: KiteClient, token: int, interval: Interval, first: Instant, last: Instant
) -> tuple[Candle, ...]:
    """Candles of one instrument from `first` to `last`, oldest first, paced by the client.

    Raises Refused, LoggedOut or Down; one row that cannot be read makes the reply Down.
    """
    found: list[Candle] = []
    for start, end in windows(interval, first, last):
        reply = await client.read(
            f"/instruments/historical/{token}/{interval}",
            _Candles,
            params=[("from", written(start)), ("to", written(end)), ("continuous", "0"), ("oi", "1")],
            family="historical",
        )
        try:
            rows = rows_of(reply.candles)
        except ValueError as problem:
            raise Down(f"malformed candles of instrument {token}: {problem}") from None
        seam = found[-1].at if found else 0  # a window that ends within a candle gives it twice
        found.extend(candle for candle in rows if candle.at > seam)
    return tuple(found)


def windows(interval: Interval, first: Instant, last: Instant) -> Iterator[tuple[Instant, Instant]]:
    """The span cut into requests, both ends inclusive, to the second."""
    span = DAYS[interval] * _DAY
    while first <= last:
        yield first, min(first + span - SECOND, last)
        first += span


def candle_row(raw: bytes | msgspec.Raw) -> Candle:
    """One candle; raises ValueError when it cannot be read or contradicts itself."""
    row = decode(raw, _Row)
    begin, high, low, end = (nearest(price) for price in (row.open, row.high, row.low, row.close))
    if not low <= min(begin, end) <= max(begin, end) <= high:
        raise ValueError(f"the candle of {row.at} has its low or high inside")
    at = instant(row.at)
    if not at:
        raise ValueError("a candle without a time")
    return Candle(at, begin, high, low, end, row.volume, row.oi)


def rows_of(raw: tuple[msgspec.Raw, ...]) -> list[Candle]:
    """The candles of one reply; raises ValueError when one is wrong or they are not in time order."""
    rows = [candle_row(row) for row in raw]
    for before, after in pairwise(rows):
        if after.at <= before.at:
            raise ValueError("candles out of order")
    return rows
