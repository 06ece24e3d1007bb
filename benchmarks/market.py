"""The benchmark's own market: 50 shares, weekdays of 375 minute bars, seeded, on a tick of Rs 0.05.

A store is two files of int32 paise in one folder. `bars.npy` is [day][share][open, high, low,
close][minute]: one share's day is one run of 6,000 bytes, read with a single call at a computed
offset, so a replay pays for what it subscribed to and nothing else. `opens.npy` is [day][open,
previous close][share]: a day's ranking is one row.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

SHARES = 50
MINUTES = 375
TICK = 5
NAMES = tuple(f"S{n:02d}" for n in range(SHARES))
FIRST_DAY = date(2019, 1, 1)

Floats = NDArray[np.float64]
Prices = NDArray[np.int32]

_MIDDLE = float(np.sqrt(300.0 * 500.0))
_POSITION = np.linspace(-1.0, 1.0, MINUTES)
# Volatility of a minute: U-shaped over the day and hot in the first minutes.
_MINUTE_VOLATILITY = 0.0006 * (0.7 + 1.3 * _POSITION**2 + 1.5 * np.exp(-np.arange(MINUTES) / 8.0))


def weekdays(count: int) -> list[date]:
    """The first `count` weekdays from `FIRST_DAY`."""
    found: list[date] = []
    day = FIRST_DAY
    while len(found) < count:
        if day.weekday() < 5:  # noqa: PLR2004 - Saturday
            found.append(day)
        day += timedelta(days=1)
    return found


def make_days(count: int, seed: int) -> Iterator[tuple[Prices, Prices]]:
    """The days one by one: bars [share][ohlc][minute] and [open, previous close][share], int32 paise.

    The first days are the same however many are made. The previous close of the first day is 0: it
    has none, and nothing can be ranked on it.
    """
    chance = np.random.default_rng(seed)
    beta = chance.uniform(0.7, 1.8, SHARES)
    close: Floats = np.round(chance.uniform(150.0, 900.0, SHARES) * 20.0)
    before = np.zeros(SHARES, dtype=np.int32)
    for _ in range(count):
        ticks = _one_day(chance, beta, close)
        bars = np.ascontiguousarray((ticks * TICK).astype(np.int32).transpose(1, 0, 2))
        yield bars, np.stack([bars[:, 0, 0], before])
        close, before = ticks[3, :, -1], bars[:, 3, -1].copy()


def _one_day(chance: np.random.Generator, beta: Floats, close: Floats) -> Floats:
    """Open, high, low and close of every share and minute, in ticks."""
    gap = chance.standard_t(4, SHARES) * 0.008 * beta + chance.normal(0.0, 0.004)
    gap -= 0.005 * np.log(close / 20.0 / _MIDDLE)  # a weak pull keeps prices at three digits
    start = close * np.exp(gap)
    spread = _MINUTE_VOLATILITY * beta[:, None]
    closes = start[:, None] * np.exp(np.cumsum(chance.normal(0.0, 1.0, (SHARES, MINUTES)) * spread, axis=1))
    opens = np.empty_like(closes)
    opens[:, 0] = start
    opens[:, 1:] = closes[:, :-1] * (1.0 + chance.normal(0.0, 0.00012, (SHARES, MINUTES - 1)))
    reach = np.abs(chance.normal(0.0, 0.6, (2, SHARES, MINUTES))) * spread
    opens, closes = np.maximum(np.round(opens), 1.0), np.maximum(np.round(closes), 1.0)
    top, bottom = np.maximum(opens, closes), np.minimum(opens, closes)
    highs = np.maximum(np.ceil(top * (1.0 + reach[0])), top)
    lows = np.maximum(np.minimum(np.floor(bottom * (1.0 - reach[1])), bottom), 1.0)
    return np.stack([opens, highs, lows, closes])


def write_store(folder: Path, count: int, seed: int = 915) -> None:
    """Make a store of `count` days in `folder`, unless it holds one of that size already."""
    if (folder / "opens.npy").exists() and len(np.load(folder / "opens.npy", mmap_mode="r")) == count:
        return
    folder.mkdir(parents=True, exist_ok=True)
    opens = np.empty((count, 2, SHARES), dtype=np.int32)
    with (folder / "bars.npy").open("wb") as file:
        header = {"descr": "<i4", "fortran_order": False, "shape": (count, SHARES, 4, MINUTES)}
        np.lib.format.write_array_header_1_0(file, header)
        for day, (bars, row) in enumerate(make_days(count, seed)):
            file.write(bars.tobytes())
            opens[day] = row
    np.save(folder / "opens.npy", opens)


class BarStore:
    """An open store, read day by day. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.opens: Prices = np.load(folder / "opens.npy")
        self._file: IO[bytes] = (folder / "bars.npy").open("rb", buffering=0)
        np.lib.format.read_magic(self._file)
        np.lib.format.read_array_header_1_0(self._file)
        self._offset = self._file.tell()
        self._handle = self._file.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def days(self) -> int:
        """How many days it holds."""
        return len(self.opens)

    def share(self, day: int, share: int) -> Prices:
        """One share's day: [open, high, low, close][minute], paise. One read of 6,000 bytes."""
        return self._read(day * SHARES + share, (4, MINUTES))

    def whole(self, day: int) -> Prices:
        """All shares of a day: [share][open, high, low, close][minute], paise."""
        return self._read(day * SHARES, (SHARES, 4, MINUTES))

    def _read(self, place: int, shape: tuple[int, ...]) -> NDArray[Any]:
        stride = 4 * MINUTES * 4
        size = stride * (shape[0] if len(shape) == 3 else 1)  # noqa: PLR2004 - several shares
        data = os.pread(self._handle, size, self._offset + place * stride)
        return np.frombuffer(data, dtype="<i4").reshape(shape)
