"""The bytes of a journal file: a prefix, then records. Pure functions, no file in sight.

    prefix  magic (8 bytes), format version (u32), CRC-32 of these twelve bytes (u32)
    record  length (u32), CRC-32 (u32), payload (length bytes)

Numbers are little-endian. The top bit of the length is the *held* mark: everything before this record
was known to be on the disk when the record was written. The CRC starts from the length with its
mark, so a flipped bit there is found too. A record without a payload is only a mark. Four zero bytes in
place of a length are the end: files are preallocated with zeros.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple
from zlib import crc32

MAGIC = b"915JRNL\n"
FORMAT = 1
"""Version of this layout. A reader refuses any other that it does not know."""

PAYLOAD_START = b'{"seq":'
"""How the payload of every step begins; what lets a search find records behind a damaged place."""

_PREFIX = struct.Struct("<8sII")
_HEAD = struct.Struct("<II")
_HELD = 0x8000_0000
PREFIX_BYTES = _PREFIX.size
HEAD_BYTES = _HEAD.size


class Record(NamedTuple):
    """One whole record: its payload, the offset behind it, and whether it carries the held mark."""

    payload: bytes
    end: int
    held: bool


def prefix(version: int = FORMAT) -> bytes:
    """The first bytes of a file."""
    start = MAGIC + version.to_bytes(4, "little")
    return start + crc32(start).to_bytes(4, "little")


def prefix_version(data: bytes) -> int | None:
    """The format version a file claims; None when these are not the first bytes of a whole journal."""
    if len(data) < PREFIX_BYTES:
        return None
    magic, version, check = _PREFIX.unpack_from(data)
    sound = magic == MAGIC and check == crc32(data[: PREFIX_BYTES - 4])
    return int(version) if sound else None


def pack(payload: bytes, *, held: bool) -> bytes:
    """The record of this payload."""
    length = len(payload) | _HELD if held else len(payload)
    return _HEAD.pack(length, crc32(payload, length)) + payload


CLOSING = pack(b"", held=True)
"""The mark written when a journal is closed: nothing before it may be missing."""

_CANDIDATES = re.compile(re.escape(CLOSING) + b"|" + re.escape(PAYLOAD_START))


def record_at(data: bytes, start: int) -> Record | None:
    """The record that starts there; None at the end, or where there is no whole record."""
    if start < 0 or len(data) - start < HEAD_BYTES:
        return None
    length, check = _HEAD.unpack_from(data, start)
    size, begin = length & ~_HELD, start + HEAD_BYTES
    if length == 0 or size > len(data) - begin:
        return None
    payload = data[begin : begin + size]
    return Record(payload, begin + size, length >= _HELD) if crc32(payload, length) == check else None


def is_blank(data: bytes, start: int) -> bool:
    """Whether nothing but zeros follows."""
    return data.count(0, start) == len(data) - start


def held_after(data: bytes, start: int) -> int | None:
    """Where behind `start` a whole record with the held mark begins; None when there is none.

    Such a record proves that the bytes before it had been durable: what is unreadable there was not torn
    by a crash, it was damaged later.
    """
    for found in _CANDIDATES.finditer(data, start):
        begin = found.start() if found.group() == CLOSING else found.start() - HEAD_BYTES
        record = record_at(data, begin) if begin >= start else None
        if record is not None and record.held:
            return begin
    return None
