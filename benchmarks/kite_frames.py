"""P4: a binary frame of Kite's ticker, decoded by us, by the official client and by struct.

Measured is CPU time, in rounds in which everybody has a turn, so that a busy machine slows all alike. "To
columns" means decoded from the bytes and five columns read as native arrays: token, last price, best
bid, best ask, and the exchange's time as nanoseconds. "As the same dictionaries" means equal to the
official client's but for the times, which are aware; that equality is checked before anything is timed.
"""

from __future__ import annotations

import struct
import time
import warnings
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from random import Random
from statistics import median

from ninefifteen.adapters.zerodha.wire import decode

ROUNDS = 25
TURN_S = 0.02
SEED = 915

PACKET = struct.Struct(">16I" + "IIHxx" * 10)
"""A full packet: 16 figures, then quantity, price and orders of five bids and five asks."""
_BEHIND_LENGTH = struct.Struct(">H16I" + "IIHxx" * 10)
_NSE_OPTIONS = 2
_BELL = 1_795_405_500


def full_frame(packets: int) -> bytes:
    """A frame of so many full packets of NSE options; made up, seeded."""
    chance = Random(SEED)  # noqa: S311 - made-up market data
    parts = [struct.pack(">H", packets)]
    for number in range(packets):
        figures = [(1000 + number) << 8 | _NSE_OPTIONS, *(chance.randrange(1, 10**6) for _ in range(15))]
        figures[11] = figures[15] = _BELL + chance.randrange(3)
        levels = [chance.randrange(1, 60_000) for _ in range(30)]
        parts.append(struct.pack(">H", PACKET.size) + PACKET.pack(*figures, *levels))
    return b"".join(parts)


def _columns(frame: bytes) -> tuple[object, ...]:
    ticks = decode(frame)
    return ticks.tokens, ticks.last, ticks.best_bid, ticks.best_ask, ticks.exchange_at


def _dictionaries(frame: bytes) -> list[dict[str, object]]:
    return decode(frame).as_dicts()


def _tuples(frame: bytes) -> list[tuple[int, ...]]:
    """What one would write first: all figures of a packet with one unpack, a tuple a packet."""
    return list(_BEHIND_LENGTH.iter_unpack(memoryview(frame)[2:]))


def _official() -> Callable[[bytes], list[dict[str, object]]] | None:
    """The parser of the official client, None where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            kiteconnect = import_module("kiteconnect")
        except ImportError:
            return None
    ticker = kiteconnect.KiteTicker("key", "token")
    parse: Callable[[bytes], list[dict[str, object]]] = ticker._parse_binary  # noqa: SLF001 - what is measured
    return parse


def _same(ours: list[dict[str, object]], theirs: list[dict[str, object]]) -> bool:
    return ours == [
        {name: value.astimezone() if isinstance(value, datetime) else value for name, value in tick.items()}
        for tick in theirs
    ]


def packets_per_second(packets: int) -> dict[str, object]:
    """Medians of packets a second by each way, and whether our dictionaries equal the official ones."""
    frame, official = full_frame(packets), _official()
    ways: dict[str, Callable[[bytes], object]] = {
        "columns": _columns,
        "dictionaries": _dictionaries,
        "tuples": _tuples,
    }
    equal: bool | None = None
    if official is not None:
        ways["official"] = official
        equal = _same(_dictionaries(frame), official(frame))
    turns = {name: _turns_of(way, frame) for name, way in ways.items()}
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            speeds[name].append(packets * turns[name] / _cpu(way, frame, turns[name]))
    return {"equal": equal, **{name: median(found) for name, found in speeds.items()}}


def _turns_of(way: Callable[[bytes], object], frame: bytes) -> int:
    """How many frames fill a turn."""
    way(frame)
    return max(3, int(TURN_S / max(_cpu(way, frame, 20) / 20, 1e-7)))


def _cpu(way: Callable[[bytes], object], frame: bytes, turns: int) -> float:
    began = time.process_time()
    for _ in range(turns):
        way(frame)
    return time.process_time() - began
