"""Binary market data as Kite's ticker sends it: big-endian packets in frames.

Layout: Kite Connect v3, "WebSocket streaming". A frame is a u16 count, then for each packet a u16
length and its bytes. Prices are paise. The order of open, high, low and close of an index differs
from that of everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from ninefifteen.domain.instants import SECOND
from ninefifteen.simulator.market import Snapshot

HEARTBEAT = b"\x00"
MODES = ("ltp", "quote", "full")
_LARGEST = 0xFFFF_FFFF
_MOST_ORDERS = 0xFFFF
_DEPTH = 5

_LTP = Struct(">II")
_QUOTE = Struct(">11I")
_FULL = Struct(">16I" + "IIHxx" * 2 * _DEPTH)
_INDEX = Struct(">6Ii")
_INDEX_FULL = Struct(">6IiI")
_COUNT = Struct(">H")


def packet(snapshot: Snapshot, mode: str, *, index: bool) -> bytes:
    """One packet of 8, 44 or 184 bytes, or of 28 or 32 for an index."""
    s = snapshot
    if mode == "ltp":
        return _LTP.pack(s.token, s.last)
    if index:
        figures = (s.token, s.last, s.high, s.low, s.open, s.close, s.last - s.close)
        return _INDEX.pack(*figures) if mode == "quote" else _INDEX_FULL.pack(*figures, s.at // SECOND)
    quote = (
        s.token, s.last, _u32(s.last_quantity), s.average, _u32(s.volume), _u32(s.bought), _u32(s.sold),
        s.open, s.high, s.low, s.close,
    )  # fmt: skip
    if mode == "quote":
        return _QUOTE.pack(*quote)
    rest = (s.last_trade_at // SECOND, _u32(s.oi), _u32(s.oi_high), _u32(s.oi_low), s.at // SECOND)
    return _FULL.pack(*quote, *rest, *_levels(s.bids), *_levels(s.asks))


def frame(packets: Sequence[bytes]) -> bytes:
    """One frame of these packets."""
    parts = [_COUNT.pack(len(packets))]
    for one in packets:
        parts += (_COUNT.pack(len(one)), one)
    return b"".join(parts)


def _levels(levels: Sequence[tuple[int, int, int]]) -> list[int]:
    """Quantity, price, orders of five levels; (0, 0, 0) where there is none."""
    flat: list[int] = []
    for price, quantity, orders in levels[:_DEPTH]:
        flat += (_u32(quantity), price, min(orders, _MOST_ORDERS))
    return flat + [0, 0, 0] * (_DEPTH - len(flat) // 3)


def _u32(figure: int) -> int:
    """A count in the 32 bits the wire has for it; a larger one is shown as the largest."""
    return min(figure, _LARGEST)
