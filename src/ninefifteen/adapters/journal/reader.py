"""Reading a journal: whole, with its damage judged, or from where the last reading stopped."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ninefifteen.domain.effects import EndDay
from ninefifteen.errors import BadInput

from .content import Header, Step, decode_header, decode_step
from .records import FORMAT, PREFIX_BYTES, held_after, is_blank, prefix_version, record_at

_HEADER_BYTES = 1 << 20  # more than any header has
_GO_ON = "restore the file from a backup, or move it away and start the day without it"


class JournalContents(msgspec.Struct, frozen=True, kw_only=True):
    """A journal as read: everything up to `valid_bytes`.

    `torn` says that bytes behind it were dropped: the last write of a process that was stopped in it.
    """

    header: Header
    steps: list[Step]
    torn: bool
    valid_bytes: int

    @property
    def finished(self) -> bool:
        """Whether the engine has ended this day."""
        return any(isinstance(effect, EndDay) for step in reversed(self.steps) for effect in step.effects)


def read_journal(path: Path) -> JournalContents:
    """Everything in a journal.

    A torn tail is dropped and reported. Raises BadInput with one line when the file is missing, is no
    journal, comes from a newer program, or is damaged where it had been durable.
    """
    data = _bytes(path, 0)
    header, start = _header(path, data)
    steps: list[Step] = []
    end = _collect(path, data, start, steps)
    torn = _is_torn(path, data, end, end, len(steps))
    return JournalContents(header=header, steps=steps, torn=torn, valid_bytes=end)


def judge_tail(path: Path, offset: int, steps: int) -> bool:
    """Whether something torn lies behind the last whole step, which ends at `offset`.

    Raises BadInput when it is damage: something that had been durable stood there.
    """
    return _is_torn(path, _bytes(path, offset), 0, offset, steps)


class JournalTail:
    """Follows a journal that another process may be writing: each look brings the steps since the last."""

    def __init__(self, path: Path, offset: int = 0, steps: int = 0) -> None:
        """Read the header, then stand behind it, or at an offset where so many steps ended.

        Raises BadInput as `read_journal` does.
        """
        self.path = path
        self.header, start = _header(path, _bytes(path, 0, _HEADER_BYTES))
        self.offset = offset or start
        self.steps = steps

    def more(self) -> list[Step]:
        """The whole steps that have appeared; what is not whole (yet) waits for the next look.

        `offset` and `steps` are where the reading stopped. Raises BadInput for a step this program
        cannot read.
        """
        data = _bytes(self.path, self.offset)
        found: list[Step] = []
        self.offset += _collect(self.path, data, 0, found, self.steps)
        self.steps += len(found)
        return found


def _bytes(path: Path, start: int, size: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(size)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None


def _is_torn(path: Path, data: bytes, end: int, offset: int, steps: int) -> bool:
    """Judge what follows the last whole step, which ends at `end` of `data` and `offset` of the file."""
    if is_blank(data, end):
        return False
    survivor = held_after(data, end)
    if survivor is not None:
        raise BadInput(
            f"{path}: damaged at byte {offset}, behind step {steps}; whole records follow at byte "
            f"{survivor - end + offset}, so this is no torn tail: {_GO_ON}"
        )
    return True


def _header(path: Path, data: bytes) -> tuple[Header, int]:
    version = prefix_version(data)
    if version is None:
        raise BadInput(f"{path}: not a journal, or damaged in its first bytes: {_GO_ON}")
    if version > FORMAT:
        raise BadInput(
            f"{path}: written by a newer program (journal format {version}, this one reads {FORMAT}): "
            "update ninefifteen"
        )
    record = record_at(data, PREFIX_BYTES)
    if record is None:
        raise BadInput(f"{path}: damaged in its header: {_GO_ON}")
    try:
        return decode_header(record.payload), record.end
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path}: its header cannot be read ({error}): update ninefifteen") from None


def _collect(path: Path, data: bytes, start: int, steps: list[Step], before: int = 0) -> int:
    """Append the whole steps of `data` from `start` on to `steps`; returns the offset behind the last."""
    while (record := record_at(data, start)) is not None:
        start = record.end
        if not record.payload:
            continue
        number = before + len(steps) + 1
        try:
            step = decode_step(record.payload)
        except msgspec.MsgspecError as error:
            raise BadInput(
                f"{path}: step {number} holds what this program does not know ({error}): update ninefifteen"
            ) from None
        if step.seq != number:
            raise BadInput(f"{path}: step {step.seq} stands where step {number} belongs: {_GO_ON}")
        steps.append(step)
    return start
