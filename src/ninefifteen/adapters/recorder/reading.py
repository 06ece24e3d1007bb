"""Reading a spool: every whole frame of it, whatever happened to the file."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.errors import BadInput

from .format import (
    FORMAT,
    NAMED,
    PREFIX_BYTES,
    STARTED,
    Record,
    SpoolHeader,
    next_record,
    prefix_version,
    record_at,
)


class Damage(msgspec.Struct, frozen=True):
    """Bytes in the middle of a spool that make no record: where they begin and how many they are."""

    offset: int
    length: int


class SpoolContents:
    """The frames of a spool, one after the other; the file is mapped, never held in memory.

    `header` is the first one. While `frames` runs, `names` grows by what later ones tell, and these are
    counted: `damages`, done to the file afterwards, and `torn_bytes`, the unfinished last write of a
    process or machine that was stopped, at the end or before the program was started again.
    """

    def __init__(self, path: Path, data: mmap.mmap, header: SpoolHeader) -> None:
        self.path = path
        self.header = header
        self.names = dict(header.names)
        self.damages: list[Damage] = []
        self.torn_bytes = 0
        self._data = data

    def frames(self) -> Iterator[tuple[Instant, bytes]]:
        """Every whole frame with the instant at which it was received, in the order of the file.

        Raises BadInput for a header of a later program.
        """
        self.damages, self.torn_bytes = [], 0
        for record in self._records():
            if record.received_at in (STARTED, NAMED):
                self.names.update(_header(self.path, record).names)
            else:
                yield record.received_at, record.frame

    def close(self) -> None:
        """Let go of the file."""
        self._data.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _records(self) -> Iterator[Record]:
        place = PREFIX_BYTES
        while place < len(self._data):
            record = record_at(self._data, place)
            if record is None:
                found = next_record(self._data, place + 1, self.header.begin, self.header.end)
                record = None if found is None else record_at(self._data, found)
                self._gap(place, len(self._data) if found is None else found, record)
                if record is None:
                    return
            place = record.end
            yield record

    def _gap(self, place: int, behind: int, record: Record | None) -> None:
        if record is None or record.received_at == STARTED:
            self.torn_bytes += behind - place
        else:
            self.damages.append(Damage(place, behind - place))


def read_spool(path: Path) -> SpoolContents:
    """Open a spool; close it, or use it in a `with`.

    Raises BadInput for a file that cannot be read, is no spool, is of another format version, or whose
    header is damaged.
    """
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadInput(f"{path.name} is empty: delete it") from None
    try:
        return SpoolContents(path, data, _first_header(path, data))
    except BadInput:
        data.close()
        raise


def _first_header(path: Path, data: mmap.mmap) -> SpoolHeader:
    version = prefix_version(data[:PREFIX_BYTES])
    if version is None:
        raise BadInput(f"{path.name} is no spool, or its first bytes are damaged: move it away")
    if version != FORMAT:
        raise BadInput(f"{path.name} has format {version}, this program reads {FORMAT}: update ninefifteen")
    place = next_record(data, PREFIX_BYTES, STARTED, STARTED)  # the very first one may have been torn
    first = None if place is None else record_at(data, place)
    if first is None:
        raise BadInput(f"{path.name} has no whole header and cannot be converted: move it away")
    return _header(path, first)


def _header(path: Path, record: Record) -> SpoolHeader:
    try:
        return msgspec.json.decode(record.frame, type=SpoolHeader)
    except msgspec.DecodeError:
        raise BadInput(f"{path.name} has a header of another kind: update ninefifteen") from None
