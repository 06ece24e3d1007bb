"""What one instrument shows at every second, as columns and as a compact record for quick snapshots."""

from __future__ import annotations

from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from ninefifteen.domain.instants import MINUTE, SECOND

Whole = NDArray[np.int64]
NEVER = 0xFFFF  # the "second of the last trade" before there was one
_NO_PRICE = np.iinfo(np.int64).max
_A_MINUTE = MINUTE // SECOND

# Quantities are in lots and the step in ticks, so that two bytes hold them.
ROW = np.dtype(
    [
        ("bid", "<i4"),
        ("ask", "<i4"),
        ("bid_lots", "<u2"),
        ("ask_lots", "<u2"),
        ("deeper_lots", "<u2"),
        ("step_ticks", "<u2"),
        ("last", "<i4"),
        ("last_lots", "<u2"),
        ("latest", "<u2"),
        ("volume", "<i4"),
        ("average", "<i4"),
        ("open", "<i4"),
        ("high", "<i4"),
        ("low", "<i4"),
    ]
)
BYTES_A_SECOND = ROW.itemsize + 1


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """A whole session of one instrument, second by second. Prices are paise, quantities units.

    `price` is that of the second's trade (0: none) and `quantity` what it traded; an index has prices
    and no quantities. `deeper` is the quantity at every level behind the best, `step` paise apart.
    `shown` tells the seconds with something to show, `first_volume` what the auction traded at the
    opening price, and `oi` the open interest at the beginning of each minute and at the close.
    """

    bid: Whole
    bid_quantity: Whole
    ask: Whole
    ask_quantity: Whole
    deeper: Whole
    step: Whole
    price: Whole
    quantity: Whole
    shown: NDArray[np.bool_]
    first_volume: int
    oi: Whole


class Tape:
    """A stretch of an instrument's seconds, ready to be read one at a time."""

    __slots__ = ("_rows", "_shown", "oi", "start", "stop")

    def __init__(self, start: int, rows: NDArray[np.void], shown: bytes, oi: NDArray[np.int32]) -> None:
        self.start, self.stop = start, start + len(shown)
        self._rows, self._shown, self.oi = rows, shown, oi

    @classmethod
    def of(cls, columns: Columns, tick: int, lot: int) -> Self:
        """The whole session."""
        held = columns.oi
        oi = np.stack((held, np.maximum.accumulate(held), np.minimum.accumulate(held)), axis=1)
        shown = columns.shown.astype(np.uint8).tobytes()
        return cls(0, _rows(columns, tick, lot), shown, oi.astype(np.int32))

    def cut(self, start: int, stop: int) -> Tape:
        """These seconds only, in memory of their own; more before them when `start` showed nothing."""
        last = self._shown.rfind(1, 0, max(0, start - self.start) + 1)
        first = max(0, start - self.start) if last < 0 else last
        end = max(first, stop - self.start)
        return Tape(self.start + first, self._rows[first:end].copy(), self._shown[first:end], self.oi)

    def row(self, second: int) -> tuple[int, ...]:
        """The fields of `ROW` at `second`."""
        row: tuple[int, ...] = self._rows[second - self.start].item()
        return row

    def shown_at(self, second: int) -> int:
        """The latest second up to `second` with something to show; -1 when there is none."""
        found = self._shown.rfind(1, 0, second - self.start + 1)
        return found + self.start if found >= 0 else -1

    def shown_from(self, second: int) -> int:
        """The first second from `second` on with something to show; -1 when this tape has none."""
        found = self._shown.find(1, second - self.start)
        return found + self.start if found >= 0 else -1


def _rows(columns: Columns, tick: int, lot: int) -> NDArray[np.void]:
    price, n = columns.price, len(columns.price)
    latest = np.maximum.accumulate(np.where(price > 0, np.arange(n), -1))
    before = latest < 0
    volume = columns.first_volume + np.cumsum(columns.quantity)
    value = columns.first_volume * int(price[0]) + np.cumsum(price * columns.quantity)
    low = np.minimum.accumulate(np.where(price > 0, price, _NO_PRICE))
    rows = np.zeros(n, dtype=ROW)
    rows["bid"], rows["ask"] = columns.bid, columns.ask
    rows["bid_lots"], rows["ask_lots"] = columns.bid_quantity // lot, columns.ask_quantity // lot
    rows["deeper_lots"], rows["step_ticks"] = columns.deeper // lot, columns.step // tick
    rows["last"] = np.where(before, 0, price[latest])
    rows["last_lots"] = np.where(before, 0, columns.quantity[latest] // lot)
    rows["latest"] = np.where(before, NEVER, latest)
    rows["volume"], rows["average"] = volume, value // np.maximum(volume, 1)
    rows["open"] = np.where(before, 0, price[int(np.argmax(price > 0))])
    rows["high"] = np.maximum.accumulate(price)
    rows["low"] = np.where(before, 0, low)
    return rows


def by_minute(values: Whole) -> Whole:
    """Sums over whole minutes; the last minute may be short."""
    return np.asarray(np.add.reduceat(values, np.arange(0, len(values), _A_MINUTE)), dtype=np.int64)
