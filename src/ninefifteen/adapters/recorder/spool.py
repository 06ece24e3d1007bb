"""Writing a spool: frames as they arrive, in batches, and never in the way of a trade."""

from __future__ import annotations

from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Self

import msgspec

from ninefifteen.domain.instants import SECOND, Instant

from .format import (
    FORMAT,
    MOST_FRAME_BYTES,
    NAMED,
    PREFIX_BYTES,
    STARTED,
    SpoolHeader,
    pack,
    pack_header,
    prefix,
    prefix_version,
)

BATCH_BYTES = 256 * 1024
"""So much waits in memory at most; then it is handed to the operating system."""
MOST_BYTES = 1 << 30
"""A spool ends here: a feed gone mad must not take the disk that the journal needs."""


class FrameSpool:
    """Appends frames to a file. It never raises: what goes wrong ends the recording and is in `problem`.

    Everything received until a second ago is with the operating system and survives `kill -9`. Nothing
    is ever synced: the loop must not wait for a disk, and a recording is no record of orders.
    """

    def __init__(self, path: Path, header: SpoolHeader) -> None:
        self.path = path
        self.problem: str | None = None
        """Why nothing more is recorded, in one line; None while all is well."""
        self.frames = 0
        """How many frames were taken."""
        self._header = header
        self._file: FileIO | None = None
        self._size = 0
        self._waiting = bytearray()
        self._oldest: Instant = 0

    @classmethod
    def open(cls, path: Path, header: SpoolHeader) -> Self:
        """Begin a spool, or go on with that of a run of the same day that was stopped."""
        spool = cls(path, header)
        try:
            spool._begin()
        except OSError as error:
            spool._stop(error)
        return spool

    def take(self, received_at: Instant, frame: bytes) -> None:
        """Keep a frame if it was received in the window; the file has it within a second."""
        if self._file is None or not self._header.begin <= received_at < self._header.end:
            return
        if not 0 < len(frame) <= MOST_FRAME_BYTES:
            return
        if not self._waiting:
            self._oldest = received_at
        self._waiting += pack(received_at, frame)
        self.frames += 1
        # A clock that was set back counts as a second too: nothing waits for it to come round again.
        if len(self._waiting) >= BATCH_BYTES or not 0 <= received_at - self._oldest < SECOND:
            self.flush()

    def add_names(self, names: Mapping[int, str]) -> None:
        """Tell the symbols of further instrument tokens."""
        fresh = {token: name for token, name in names.items() if self._header.names.get(token) != name}
        if self._file is None or not fresh:
            return
        self._header = msgspec.structs.replace(self._header, names={**self._header.names, **fresh})
        self._waiting += pack_header(msgspec.structs.replace(self._header, names=fresh), NAMED)

    def flush(self) -> None:
        """Hand what waits to the operating system."""
        if self._file is None or not self._waiting:
            return
        if self._size + len(self._waiting) > MOST_BYTES:
            self._end(f"{self.path.name} holds {self._size:,} bytes: the rest of the day is not recorded")
            return
        try:
            rest = memoryview(bytes(self._waiting))
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            self._stop(error)
            return
        self._size += len(self._waiting)
        self._waiting.clear()

    def close(self) -> None:
        """Write what waits and let go of the file. Closing twice is harmless."""
        self.flush()
        self._release()

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = FileIO(self.path, "a+b")
        self._file.seek(0)
        start = self._file.read(PREFIX_BYTES)
        if prefix().startswith(start) and len(start) < PREFIX_BYTES:
            self._file.truncate(0)  # new, or a machine lost its power within the first sixteen bytes
            self._waiting += prefix()
        elif prefix_version(start) != FORMAT:
            self._end(f"{self.path.name} is no spool of this program: move it away; today is not recorded")
            return
        else:
            self._size = self._file.seek(0, 2)
        self._waiting += pack_header(self._header, STARTED)
        self.flush()

    def _stop(self, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self._end(f"{self.path.name} cannot be written ({reason}): the rest of the day is not recorded")

    def _end(self, problem: str) -> None:
        self.problem = self.problem or problem
        self._waiting.clear()
        self._release()

    def _release(self) -> None:
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError as error:
            self.problem = self.problem or f"{self.path.name} may lack its end ({error.strerror})"
