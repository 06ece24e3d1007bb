"""Writing a journal: one step at a time, durable where the engine's effects demand it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.errors import BadInput

from .content import Header, encode_header, encode_step, is_durable, is_routine
from .reader import JournalContents, read_journal
from .record_file import RecordFile, place_new
from .records import CLOSING, pack, prefix

_MOST_WAITING = 256
"""Steps of routine market data that may wait in memory before they are handed to the system."""


class FileJournal:
    """The `Journal` port on a file of this machine.

    A step with a broker request, an end of day or a halt is on the disk when `record` returns; every
    other step that matters is with the operating system (it survives `kill -9`); routine market data
    follows in batches. Everything may raise OSError: a step that could not be written stays in memory
    and goes out with the next one; after a failed sync the journal takes nothing more.
    """

    def __init__(self, file: RecordFile, steps: int) -> None:
        self._file = file
        self._steps = steps
        self._waiting = 0
        self._written = steps
        self._synced = steps  # whoever opens a file has synced it

    @classmethod
    def create(cls, path: Path, header: Header) -> Self:
        """Begin a new journal; the file appears whole, header included, or not at all.

        Raises BadInput when there is a file of that name.
        """
        if path.exists():
            raise BadInput(f"{path} exists already: continue that day, or move the file away")
        place_new(path, prefix() + pack(encode_header(header), held=True))
        return cls(RecordFile.open(path, path.stat().st_size), 0)

    @classmethod
    def reopen(cls, path: Path) -> tuple[Self, JournalContents]:
        """Go on with a journal, and what it holds so far; a torn tail is cut off.

        Raises BadInput as `read_journal` does.
        """
        contents = read_journal(path)
        return cls.behind(path, contents), contents

    @classmethod
    def behind(cls, path: Path, contents: JournalContents) -> Self:
        """Go on with a journal that has been read, and looked at, already; a torn tail is cut off."""
        return cls(RecordFile.open(path, contents.valid_bytes), len(contents.steps))

    @property
    def steps(self) -> int:
        """How many steps the journal holds."""
        return self._steps

    def record(self, event: Event, effects: Sequence[Effect]) -> None:
        """Append one step. Returns only when durable if the effects hold a broker request."""
        if self.write(event, effects):
            self.make_durable()

    def write(self, event: Event, effects: Sequence[Effect]) -> bool:
        """Append one step; True when `make_durable` must return before a broker request of it leaves."""
        payload = encode_step(self._steps + 1, event, effects)
        durable = is_durable(event, effects)
        # Only what is known to be on the disk is claimed: a disk may still be busy with the step before.
        self._file.append(pack(payload, held=self._synced == self._steps))
        self._steps += 1
        self._waiting += 1
        if durable or self._waiting >= _MOST_WAITING or not is_routine(event, effects):
            self.flush()
        return durable

    def make_durable(self) -> None:
        """Wait for the disk. The only call that may be made from another thread."""
        written = self._written
        self._file.sync_written()
        self._synced = written

    def flush(self) -> None:
        """Hand everything to the operating system: it survives the end of this process."""
        self._file.flush()
        self._waiting = 0
        self._written = self._steps

    def sync(self) -> None:
        """Make everything durable: it survives a power cut."""
        self.flush()
        self.make_durable()

    def close(self) -> None:
        """Make everything durable and let go of the file. Closing twice is harmless."""
        if self._file.closed:
            return
        try:
            self.sync()
            self._file.append(CLOSING)
            self._file.flush()
            self._file.trim()
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
