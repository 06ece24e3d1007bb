"""Candles of today from what traded, and the previous day's one daily candle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from ninefifteen.domain.instants import SECOND, Instant, midnight

from .lines import Line
from .snapshot import Candle
from .tape import Columns

INTERVALS = {
    "minute": 60,
    "3minute": 180,
    "5minute": 300,
    "10minute": 600,
    "15minute": 900,
    "30minute": 1800,
    "60minute": 3600,
    "day": 0,
}
"""Seconds of a candle by the broker's name of its length; 0 is the whole session."""


def candles_of(line: Line, interval: str, today: date, previous: date) -> Iterator[tuple[Instant, Candle]]:
    """Every candle there is, ascending, each with the instant at which it is finished.

    Intervals in which nothing traded have none. Raises KeyError for an unknown interval.
    """
    length = INTERVALS[interval]
    if length:
        yield from _inside(line, line.make(), length)
        return
    old = line.yesterday
    price = old.close
    yield old.stamp, Candle(midnight(previous), price, price, price, price, old.volume, old.oi)
    for finished, candle in _inside(line, line.make(), line.end):
        yield finished, candle._replace(at=midnight(today))


def _inside(line: Line, columns: Columns, length: int) -> Iterator[tuple[Instant, Candle]]:
    seconds = np.flatnonzero(columns.price)
    if not len(seconds):
        return
    buckets, firsts = np.unique(seconds // length, return_index=True)
    lasts = np.append(firsts[1:], len(seconds)) - 1
    price = columns.price[seconds]
    volume = np.add.reduceat(columns.quantity[seconds], firsts)
    volume[0] += columns.first_volume if buckets[0] == 0 else 0
    ends = np.minimum((buckets + 1) * length, line.end)
    held = columns.oi[np.minimum(-(-ends // 60), len(columns.oi) - 1)]
    rows = zip(
        (buckets * length).tolist(), ends.tolist(), price[firsts].tolist(),
        np.maximum.reduceat(price, firsts).tolist(), np.minimum.reduceat(price, firsts).tolist(),
        price[lasts].tolist(), volume.tolist(), held.tolist(), strict=True,
    )  # fmt: skip
    for start, end, *figures in rows:
        yield line.open_at + end * SECOND, Candle(line.open_at + start * SECOND, *figures)
