"""Frames of Kite's ticker made by hand, and the official client's reading of them."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

NIFTY = 256265  # segment 9: an index
INFY = 408065  # segment 1: a share
LENGTHS = (8, 28, 32, 44, 184)


def frame(*packets: bytes, count: int | None = None) -> bytes:
    """A frame of packets; `count` is what it claims to hold."""
    head = struct.pack(">H", len(packets) if count is None else count)
    return head + b"".join(struct.pack(">H", len(packet)) + packet for packet in packets)


def ltp(token: int, last: int) -> bytes:
    """The shortest packet."""
    return struct.pack(">2I", token, last)


def quote(token: int, last: int) -> bytes:
    """A quote: every figure is another number."""
    return struct.pack(">11I", token, last, 7, 157_037, 1_192_471, 256_443, 363_009, 11, 22, 5, 20)


def full(token: int, last: int, traded: int = 0, stamped: int = 0) -> bytes:
    """A quote with times (seconds) and depth: bids 100, 99 ..., asks 101, 102 ..."""
    levels = [(10 + n, 100 - n, 1 + n) for n in range(5)] + [(20 + n, 101 + n, 6 + n) for n in range(5)]
    depth = b"".join(struct.pack(">IIHxx", *level) for level in levels)
    return quote(token, last) + struct.pack(">5I", traded, 500, 600, 400, stamped) + depth


def index(token: int, last: int, change: int, stamped: int | None = None) -> bytes:
    """An index: high, low, open, close in this order, and a signed change."""
    packet = struct.pack(">6Ii", token, last, 22, 5, 11, 20, change)
    return packet if stamped is None else packet + struct.pack(">I", stamped)


def official() -> Callable[[bytes], list[dict[str, Any]]]:
    """The parser of the official client, its naive local times made aware; skips where it is not there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old Twisted stack imports with warnings of its own
        ticker = pytest.importorskip("kiteconnect").KiteTicker("key", "token")

    def parse(data: bytes) -> list[dict[str, Any]]:
        return list(with_aware_times(ticker._parse_binary(data)))

    return parse


def with_aware_times(ticks: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """The same dictionaries with every time in UTC."""
    for tick in ticks:
        yield {
            name: value.astimezone(UTC) if isinstance(value, datetime) else value
            for name, value in tick.items()
        }
