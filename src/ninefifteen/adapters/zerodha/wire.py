"""Kite's binary frames as columns of numbers; objects and dictionaries only where they are asked for.

A frame is a count of packets (16 bits), then for each packet its length (16 bits) and its bytes, all
big-endian; a frame of one byte is a heartbeat. `decode` looks at lengths only: the words are read when
the first column is asked for, all at once, into one native array. That costs about a microsecond a
frame and some 40 ns a packet, also for a single packet, so there is no second way for small frames.

What is whole and of a known kind is returned, everything else is counted: a decoder must neither stop
the feed nor read one figure as another.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ninefifteen.domain.instants import SECOND, Instant

from . import packets as p
from .packets import LAYOUTS, Layout, Moments, Tick

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_HEAD = struct.Struct(">HH")
_WORD = np.dtype(">u4")
_NUMBER = np.dtype(np.int64)
_ORDERS_SHIFT = 16
_SIGN = 1 << 31


class _Part(NamedTuple):
    """`packets` of one kind in `data`, each behind its length; the first word is at `start`.

    `places` are their numbers in the frame, None when they are the whole frame.
    """

    layout: Layout
    data: bytes
    start: int
    packets: int
    places: list[int] | None

    def words(self) -> Numbers:
        """The words as native numbers: [word, packet], in the packet's own order."""
        layout = self.layout
        shape, strides = (len(layout.words), self.packets), (4, layout.length + 2)
        wire = np.ndarray(shape, _WORD, self.data, self.start, strides)
        return wire.astype(_NUMBER, order="C")


class Ticks:
    """The packets of one frame as columns, in the order of the frame.

    Every column is an int64 array with one number a packet, read-only; depth columns are
    [level, packet] with five levels, the best first. Prices are whole units of the wire, paise where
    `divisors` is 100 (NSE, NFO). Instants are whole seconds; 0 is none. A figure that a kind of packet
    does not carry is 0. `damaged` counts what could not be read: packets cut off, of an unknown
    length, or missing, and bytes behind the last packet.
    """

    __slots__ = ("_parts", "_table", "count", "damaged")

    def __init__(self, parts: tuple[_Part, ...] = (), count: int = 0, damaged: int = 0) -> None:
        self._parts = parts
        self._table: Numbers | None = None
        self.count = count
        self.damaged = damaged

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"Ticks(count={self.count}, damaged={self.damaged})"

    # ------------------------------------------------------------------------------------------- columns

    @property
    def tokens(self) -> Numbers:
        """The instrument tokens."""
        return self._column(p.TOKEN)

    @property
    def lengths(self) -> Numbers:
        """The lengths of the packets in bytes, which tell their kinds (`packets.LAYOUTS`)."""
        lengths = np.zeros(self.count, np.int64)
        for part in self._parts:
            lengths[slice(None) if part.places is None else part.places] = part.layout.length
        return lengths

    @property
    def divisors(self) -> Numbers:
        """How many units of the wire are one rupee."""
        segments = self.tokens & 0xFF
        divisors = np.full(self.count, p.PAISE, np.int64)
        divisors[segments == 3] = p.divisor_of(3)  # noqa: PLR2004 - segments of `divisor_of`
        divisors[(segments == 6) | (segments == 12)] = p.divisor_of(6)  # noqa: PLR2004
        return divisors

    @property
    def last(self) -> Numbers:
        """Last prices."""
        return self._column(p.LAST)

    @property
    def last_quantity(self) -> Numbers:
        """Units of the last trade."""
        return self._column(p.LAST_QUANTITY)

    @property
    def average(self) -> Numbers:
        """Average prices of the day's trades."""
        return self._column(p.AVERAGE)

    @property
    def volume(self) -> Numbers:
        """Units traded on the day."""
        return self._column(p.VOLUME)

    @property
    def bought(self) -> Numbers:
        """Units in all waiting buy orders."""
        return self._column(p.BOUGHT)

    @property
    def sold(self) -> Numbers:
        """Units in all waiting sell orders."""
        return self._column(p.SOLD)

    @property
    def open(self) -> Numbers:
        """Opening prices of the day."""
        return self._column(p.OPEN)

    @property
    def high(self) -> Numbers:
        """Highest prices of the day."""
        return self._column(p.HIGH)

    @property
    def low(self) -> Numbers:
        """Lowest prices of the day."""
        return self._column(p.LOW)

    @property
    def close(self) -> Numbers:
        """Previous closes, while the market is open."""
        return self._column(p.CLOSE)

    @property
    def change(self) -> Numbers:
        """Changes of the price, signed; only indices carry them."""
        return self._column(p.CHANGE)

    @property
    def oi(self) -> Numbers:
        """Open interest, units."""
        return self._column(p.OI)

    @property
    def oi_high(self) -> Numbers:
        """Highest open interest of the day."""
        return self._column(p.OI_HIGH)

    @property
    def oi_low(self) -> Numbers:
        """Lowest open interest of the day."""
        return self._column(p.OI_LOW)

    @property
    def traded_at(self) -> Numbers:
        """Instants of the last trades."""
        return self._column(p.TRADED) * SECOND

    @property
    def exchange_at(self) -> Numbers:
        """Instants the exchange put on the packets."""
        return self._column(p.STAMPED) * SECOND

    @property
    def best_bid(self) -> Numbers:
        """Best bids, 0 where nobody bids."""
        return self._column(p.DEPTH + 1)

    @property
    def best_ask(self) -> Numbers:
        """Best asks, 0 where nobody offers."""
        return self._column(p.DEPTH + 16)

    @property
    def bid_prices(self) -> Numbers:
        """Prices of the five best bids: [level, packet]."""
        return self._depth(1)[:5]

    @property
    def bid_quantities(self) -> Numbers:
        """Units at the five best bids: [level, packet]."""
        return self._depth(0)[:5]

    @property
    def bid_orders(self) -> Numbers:
        """Orders at the five best bids: [level, packet]."""
        return self._depth(2)[:5] >> _ORDERS_SHIFT

    @property
    def ask_prices(self) -> Numbers:
        """Prices of the five best asks: [level, packet]."""
        return self._depth(1)[5:]

    @property
    def ask_quantities(self) -> Numbers:
        """Units at the five best asks: [level, packet]."""
        return self._depth(0)[5:]

    @property
    def ask_orders(self) -> Numbers:
        """Orders at the five best asks: [level, packet]."""
        return self._depth(2)[5:] >> _ORDERS_SHIFT

    # ------------------------------------------------------------------------------------------ freshness

    def fresh(self, since: Instant, until: Instant) -> Mask:
        """Which packets carry a time of the exchange within both instants; see `Tick.fresh`."""
        return _within(self.exchange_at, since, until)

    def last_is_fresh(self, since: Instant, until: Instant) -> Mask:
        """Which last prices were made within both instants; see `Tick.last_is_fresh`."""
        made_at = np.where(self.lengths == p.INDEX_FULL, self.exchange_at, self.traded_at)
        return _within(made_at, since, until)

    # ------------------------------------------------------------------------------------------- on demand

    def rows(self) -> list[Tick]:
        """Every packet as an object."""
        return [p.tick_of(row, length) for row, length in self._rows()]

    def row(self, place: int) -> Tick:
        """One packet as an object, by its place in the frame."""
        return p.tick_of(self._words()[:, place].tolist(), int(self.lengths[place]))

    def as_dicts(self) -> list[dict[str, object]]:
        """Every packet as the dictionary of the official Python client, its times aware (IST)."""
        moments = Moments()
        return [p.dict_of(row, length, moments) for row, length in self._rows()]

    def _rows(self) -> zip[tuple[list[int], int]]:
        return zip(self._words().T.tolist(), self.lengths.tolist(), strict=True)

    # -------------------------------------------------------------------------------------------- the words

    def _words(self) -> Numbers:
        """All words: [word, packet], each at its place of `packets`; places nobody uses may be left out."""
        if self._table is None:
            self._table = self._read()
            self._table.setflags(write=False)
        return self._table

    def _read(self) -> Numbers:
        parts = self._parts
        if len(parts) == 1 and parts[0].layout.in_order and parts[0].places is None:
            return parts[0].words()
        table = np.zeros((p.WORDS, self.count), np.int64)
        for part in parts:
            columns = slice(None) if part.places is None else np.array(part.places)
            for place, word in zip(part.layout.words, part.words(), strict=True):
                table[place, columns] = word
        table[p.CHANGE] = (table[p.CHANGE] ^ _SIGN) - _SIGN  # the one word that is signed
        return table

    def _column(self, place: int) -> Numbers:
        table = self._words()
        return table[place] if place < len(table) else np.zeros(self.count, np.int64)

    def _depth(self, which: int) -> Numbers:
        table = self._words()
        if len(table) <= p.DEPTH:
            return np.zeros((10, self.count), np.int64)
        return table[p.DEPTH + which : p.CHANGE : 3]


def decode(frame: bytes) -> Ticks:
    """The packets of one binary frame. Never raises on any bytes; see `Ticks.damaged`."""
    size = len(frame)
    if size < 2:  # noqa: PLR2004 - a heartbeat is shorter than the count of packets
        return Ticks()
    if size >= _HEAD.size:
        count, length = _HEAD.unpack_from(frame)
        layout = LAYOUTS.get(length)
        if layout is not None and size == 2 + count * (2 + length) and _all_of(frame, count, length):
            return Ticks((_Part(layout, frame, _HEAD.size, count, None),), count)
    return _walk(frame)


def _all_of(frame: bytes, count: int, length: int) -> bool:
    """Whether every packet has this length; the right size alone does not prove it."""
    step = length + 2
    return frame[2::step] == bytes(count) and frame[3::step] == bytes((length,)) * count


def _walk(frame: bytes) -> Ticks:
    """A frame of several kinds, or a damaged one: from length to length."""
    size, count = len(frame), int.from_bytes(frame[:2], "big")
    found: dict[int, tuple[list[int], list[bytes]]] = {}
    at, seen, damaged = 2, 0, 0
    for left in range(count, 0, -1):
        end = at + 2 + int.from_bytes(frame[at : at + 2], "big")
        if at + 2 > size or end > size:
            damaged += left
            break
        length = end - at - 2
        if length in LAYOUTS:
            places, blocks = found.setdefault(length, ([], []))
            places.append(seen)
            blocks.append(frame[at:end])
            seen += 1
        else:
            damaged += 1
        at = end
    else:
        damaged += at < size
    parts = (
        _Part(LAYOUTS[length], b"".join(blocks), 2, len(blocks), None if len(found) == 1 else places)
        for length, (places, blocks) in found.items()
    )
    return Ticks(tuple(parts), seen, damaged)


def _within(moments: Numbers, since: Instant, until: Instant) -> Mask:
    return (moments >= since) & (moments <= until)
