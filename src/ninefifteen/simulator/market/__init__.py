"""The whole visible market of one synthetic day: shares, indices, calls and puts, for protocol servers."""

from .day import MarketDay
from .listed import Listed
from .snapshot import Candle, Change, Snapshot

__all__ = ["Candle", "Change", "Listed", "MarketDay", "Snapshot"]
