"""Reading a journal: whole, with its damage judged, or from where the last reading stopped."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import overload

import msgspec

from ninefifteen.domain.effects import EndDay
from ninefifteen.errors import BadInput

from .content import Header, Step, decode_header, decode_step
from .records import FORMAT, PREFIX_BYTES, held_after, is_blank, prefix_version, record_at

_CHUNK = 1 << 20
"""Bytes a follower reads at a time; more than any header has."""
_GO_ON = "nothing was changed; restore the file from a backup, or move it away and start the day without it"


class Steps(Sequence[Step]):
    """The steps of a journal, each decoded when it is asked for: a day of quotes is large as objects."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path = path
        self._data = data
        self._begins = array("Q")
        self._ends = array("Q")

    def add(self, begin: int, end: int) -> Step:
        """Take in the payload that stands there; raises BadInput when it is not the next step."""
        step = _decode(self._path, self._data[begin:end], len(self) + 1)
        self._begins.append(begin)
        self._ends.append(end)
        return step

    def __len__(self) -> int:
        return len(self._begins)

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...

    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return decode_step(self._data[self._begins[index] : self._ends[index]])


class JournalContents(msgspec.Struct, frozen=True, kw_only=True):
    """A journal as read: everything up to `valid_bytes`.

    `torn` says that bytes behind it were dropped: the last write of a process that was stopped in it.
    `finished` says that the engine has ended this day.
    """

    header: Header
    steps: Steps
    torn: bool
    valid_bytes: int
    finished: bool


def read_journal(path: Path) -> JournalContents:
    """Everything in a journal.

    A torn tail is dropped and reported. Raises BadInput with one line when the file is missing, is no
    journal, comes from a newer program, or is damaged where it had been durable.
    """
    data = _bytes(path, 0)
    header, end = _header(path, data)
    steps, finished = Steps(path, data), False
    while (record := record_at(data, end)) is not None:
        end = record.end
        if record.payload:
            step = steps.add(end - len(record.payload), end)
            finished = finished or any(isinstance(effect, EndDay) for effect in step.effects)
    torn = _is_torn(path, data, end, end, len(steps))
    return JournalContents(header=header, steps=steps, torn=torn, valid_bytes=end, finished=finished)


def judge_tail(path: Path, offset: int, steps: int) -> bool:
    """Whether something torn lies behind the last whole step, which ends at `offset`.

    Raises BadInput when it is damage: something that had been durable stood there.
    """
    return _is_torn(path, _bytes(path, offset), 0, offset, steps)


def check_belongs(path: Path, header: Header, *, day: date, rehearsal: bool, account: str = "") -> None:
    """Raise BadInput, in one line, when this is the journal of another day, kind of home or account.

    `account` is the mark of the one that is logged in; where either side knows none it is not compared.
    """
    kinds = {True: "a rehearsal home", False: "a real home"}
    if header.date != day:
        other = f"holds the day {header.date}, not {day}"
    elif header.rehearsal != rehearsal:
        other = f"was written in {kinds[header.rehearsal]}, and this is {kinds[rehearsal]}"
    elif account and header.account and account != header.account:
        other = f"belongs to the account {header.account}, and {account} is logged in"
    else:
        return
    raise BadInput(f"{path}: {other}: nothing was changed; move the file to where it belongs")


class JournalTail:
    """Follows a journal that another process may be writing: each look brings the steps since the last."""

    def __init__(self, path: Path, offset: int = 0, steps: int = 0) -> None:
        """Read the header, then stand behind it, or at an offset where so many steps ended.

        Raises BadInput as `read_journal` does.
        """
        self.path = path
        self.header, start = _header(path, _bytes(path, 0, _CHUNK))
        self.offset = offset or start
        self.steps = steps

    def more(self) -> Iterator[Step]:
        """The whole steps that have appeared; what is not whole (yet) waits for the next look.

        `offset` and `steps` are where the iteration stands. Raises BadInput for a step this program
        cannot read.
        """
        size = _CHUNK
        while True:
            data, start = _bytes(self.path, self.offset, size), 0
            while (record := record_at(data, start)) is not None:
                step = _decode(self.path, record.payload, self.steps + 1) if record.payload else None
                self.offset += record.end - start
                start = record.end
                if step is not None:
                    self.steps += 1
                    yield step
            if len(data) < size or (start == 0 and is_blank(data, 0)):
                return
            # Nothing whole in a full chunk is a record longer than the chunk.
            size = _CHUNK if start else 2 * size


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


def _decode(path: Path, payload: bytes, number: int) -> Step:
    try:
        step = decode_step(payload)
    except msgspec.MsgspecError as error:
        raise BadInput(
            f"{path}: step {number} holds what this program does not know ({error}): update ninefifteen"
        ) from None
    if step.seq != number:
        raise BadInput(f"{path}: step {step.seq} stands where step {number} belongs: {_GO_ON}")
    return step
