"""The emergency file: steps the journal's disk did not take, as far as they continue the journal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ninefifteen.adapters.emergency_file import EmergencyFile, emergency_path, kept_behind
from ninefifteen.domain.effects import Effect, Note
from ninefifteen.domain.events import EndOfData, Event, Paused

STEPS: list[tuple[int, Event, tuple[Effect, ...]]] = [
    (8, EndOfData(100), (Note("a", "one"),)),
    (9, Paused(110, "user", "lunch"), ()),
    (10, EndOfData(120), ()),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three steps, 8 to 10."""
    path = emergency_path(tmp_path / "2026-11-23.journal")
    assert path.name == "2026-11-23.emergency"
    file = EmergencyFile(path)
    assert not path.exists(), "it appears only in need"
    for step in STEPS:
        file.keep(*step)
    return path


def test_what_continues_the_journal_comes_back_as_it_was(path: Path) -> None:
    assert [(step.number, step.event, step.effects) for step in kept_behind(path, 7)] == STEPS
    assert [step.number for step in kept_behind(path, 8)] == [9, 10]
    assert kept_behind(path, 10) == []


def test_steps_behind_a_gap_are_not_taken(path: Path) -> None:
    assert kept_behind(path, 6) == []
    EmergencyFile(path).keep(12, EndOfData(130), ())
    assert [step.number for step in kept_behind(path, 7)] == [8, 9, 10]


def test_a_step_that_was_kept_twice_counts_once(path: Path) -> None:
    EmergencyFile(path).keep(*STEPS[0])
    EmergencyFile(path).keep(11, EndOfData(130), ())
    assert [step.number for step in kept_behind(path, 7)] == [8, 9, 10, 11]


@pytest.mark.parametrize("tail", [b'{"number": 11, "ev', b"\xff\xfe\n", b'{"number": 11}\n'])
def test_what_was_cut_off_or_is_damaged_ends_the_list(path: Path, tail: bytes) -> None:
    with path.open("ab") as file:
        file.write(tail)
    assert [step.number for step in kept_behind(path, 7)] == [8, 9, 10]


def test_a_journal_without_such_a_file_has_nothing_beside_it(tmp_path: Path) -> None:
    assert kept_behind(tmp_path / "none.emergency", 3) == []


def test_half_a_line_is_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write = path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:10]))
    with pytest.raises(OSError, match="no room for a step"):
        EmergencyFile(path).keep(11, EndOfData(130), ())
    assert path.read_bytes() == before
