"""The bytes of a spool file: a prefix, then records. Pure functions, no file in sight.

    prefix  magic (8 bytes), format version (u32), CRC-32 of these twelve bytes (u32)
    record  length (u32), CRC-32 (u32), received_at (i64, nanoseconds UTC), frame (length bytes)

Numbers are little-endian. The CRC covers received_at and frame and starts from the length, so a flipped
bit anywhere in a record is found. A record with received_at 0 (`STARTED`) or 1 (`NAMED`) carries a header
as JSON instead of a frame: the program was started, or it tells further names.
"""

from __future__ import annotations

import datetime as dt
import struct
from mmap import mmap
from typing import NamedTuple
from zlib import crc32

import msgspec

from ninefifteen.domain.instants import Instant

MAGIC = b"915SPOOL"
FORMAT = 1
"""Version of this layout. A reader refuses any other."""

MOST_FRAME_BYTES = 1 << 20
"""A frame longer than this is no frame: 3,000 instruments in full mode make 558 kB."""

STARTED: Instant = 0
NAMED: Instant = 1

_PREFIX = struct.Struct("<8sII")
_HEAD = struct.Struct("<IIq")
PREFIX_BYTES = _PREFIX.size
HEAD_BYTES = _HEAD.size


class SpoolHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What a spool holds.

    `date` is the trading day, `source` the broker's name, `names` the symbol of each instrument token.
    `synthetic` says that the market was invented, `rehearsal` that the home is one. Frames are kept that
    were received from `begin` on and before `end`.
    """

    date: dt.date
    source: str
    synthetic: bool
    rehearsal: bool
    begin: Instant
    end: Instant
    names: dict[int, str]


class Record(NamedTuple):
    """One whole record and the offset behind it; `frame` is a header where `received_at` says so."""

    received_at: Instant
    frame: bytes
    end: int


def prefix(version: int = FORMAT) -> bytes:
    """The first bytes of a file."""
    start = MAGIC + version.to_bytes(4, "little")
    return start + crc32(start).to_bytes(4, "little")


def prefix_version(data: bytes) -> int | None:
    """The format version a file claims; None when these are not the first bytes of a whole spool."""
    if len(data) < PREFIX_BYTES:
        return None
    magic, version, check = _PREFIX.unpack_from(data)
    sound = magic == MAGIC and check == crc32(data[: PREFIX_BYTES - 4])
    return int(version) if sound else None


def pack(received_at: Instant, frame: bytes) -> bytes:
    """The record of this frame."""
    check = crc32(frame, crc32(received_at.to_bytes(8, "little", signed=True), len(frame)))
    return _HEAD.pack(len(frame), check, received_at) + frame


def pack_header(header: SpoolHeader, kind: Instant) -> bytes:
    """The record of this header; `kind` is STARTED or NAMED."""
    return pack(kind, msgspec.json.encode(header))


def record_at(data: bytes | mmap, start: int) -> Record | None:
    """The record that starts there; None where there is no whole one."""
    begin = start + HEAD_BYTES
    if begin > len(data):
        return None
    length, check, received_at = _HEAD.unpack_from(data, start)
    end = begin + length
    if not 0 < length <= MOST_FRAME_BYTES or end > len(data):
        return None
    checked = data[begin - 8 : end]
    return Record(received_at, checked[8:], end) if crc32(checked, length) == check else None


def next_record(data: bytes | mmap, start: int, begin: Instant, end: Instant) -> int | None:
    """Where from `start` on the next whole record begins that is a header or was received in the window."""
    for place in range(start, len(data) - HEAD_BYTES):
        length, _, received_at = _HEAD.unpack_from(data, place)
        plausible = received_at in (STARTED, NAMED) or begin <= received_at < end
        if plausible and 0 < length <= MOST_FRAME_BYTES and record_at(data, place) is not None:
            return place
    return None
