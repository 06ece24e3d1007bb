"""The emergency file beside a journal: steps that its disk did not take in time, one JSON line each.

It appears only in need. The next start takes from it what continues the journal without a gap; the rest
is looked up at the broker.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event

_ENCODER = msgspec.json.Encoder()


class KeptStep(msgspec.Struct, frozen=True):
    """One step and its number in the journal, counted from 1."""

    number: int
    event: Event
    effects: tuple[Effect, ...]


_DECODER = msgspec.json.Decoder(KeptStep)


def emergency_path(journal: Path) -> Path:
    """Where the emergency file of that journal is."""
    return journal.with_suffix(".emergency")


class EmergencyFile:
    """`ports.emergency.Emergency` on a file that is made when the first step comes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, number: int, event: Event, effects: Sequence[Effect]) -> None:
        """Append one step; it is on the disk on return. Raises OSError."""
        line = _ENCODER.encode(KeptStep(number, event, tuple(effects))) + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            before = os.fstat(descriptor).st_size
            if os.write(descriptor, line) != len(line):
                os.ftruncate(descriptor, before)  # half a line would hide those behind it
                raise OSError(f"{self.path}: no room for a step")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def kept_behind(path: Path, number: int) -> list[KeptStep]:
    """The steps of an emergency file that follow the journal's step `number` without a gap.

    A file that is missing gives none; what cannot be read ends the list.
    """
    found: list[KeptStep] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            step = _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            break
        if step.number == number + len(found) + 1:
            found.append(step)
    return found
