"""A file that only grows: preallocated, buffered, synced when told. Knows bytes, not journals."""

from __future__ import annotations

import contextlib
import os
from io import FileIO
from pathlib import Path
from typing import Self

CHUNK = 1 << 20
"""Bytes preallocated at a time: writing inside them changes no metadata, so a sync is one disk write."""

_sync = getattr(os, "fdatasync", os.fsync)


class RecordFile:
    """Appends behind `end`, which the caller knows to be the end of the last whole record.

    The write and the sync are separate calls on purpose: a live day gives `sync_written` to a thread.
    """

    def __init__(self, file: FileIO, end: int) -> None:
        self._file = file
        self._end = end
        self._room = end
        self._pending = bytearray()
        self._failed = False

    @classmethod
    def open(cls, path: Path, end: int) -> Self:
        """Open an existing file; whatever lies behind `end` is cut off and the rest made durable."""
        file = FileIO(path, "r+b")
        try:
            file.truncate(end)
            os.fsync(file.fileno())
            file.seek(end)
        except OSError:
            file.close()
            raise
        return cls(file, end)

    @property
    def closed(self) -> bool:
        """Whether the file has been let go of."""
        return self._file.closed

    def append(self, data: bytes) -> None:
        """Take these bytes into memory."""
        self._pending += data

    def flush(self) -> None:
        """Write what is in memory to the system.

        Raises OSError, on a full disk for one; the bytes stay in memory and the next call tries again.
        """
        self._must_not_have_failed()
        if not self._pending:
            return
        self._make_room(self._end + len(self._pending))
        rest = memoryview(bytes(self._pending))
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            self._file.seek(self._end)
            raise
        self._end += len(self._pending)
        self._pending.clear()

    def sync_written(self) -> None:
        """Return when the disk has what was written so far; touches nothing that a writer uses.

        Raises OSError. When it was the disk that failed, every later call raises too: the system may
        have dropped what it could not store, and a second try would succeed without having stored it.
        """
        self._must_not_have_failed()
        try:
            _sync(self._file.fileno())
        except OSError:
            self._failed = True
            raise

    def trim(self) -> None:
        """Give back what was preallocated and not used."""
        self._file.truncate(self._end)
        os.fsync(self._file.fileno())
        self._room = self._end

    def close(self) -> None:
        """Let go of the file, whatever became of its bytes."""
        self._file.close()

    def _must_not_have_failed(self) -> None:
        if self._failed:
            raise OSError("the disk failed to store the journal earlier: nothing more is written to it")

    def _make_room(self, needed: int) -> None:
        if needed <= self._room or not hasattr(os, "posix_fallocate"):
            return
        size = -(-needed // CHUNK) * CHUNK
        # A file system without preallocation, or a disk almost full: the bytes themselves may still fit.
        with contextlib.suppress(OSError):
            os.posix_fallocate(self._file.fileno(), self._end, size - self._end)
        self._room = size


def place_new(path: Path, data: bytes) -> None:
    """Make a file with these bytes appear under its name at once and durably, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new and changed names in this folder durable, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
