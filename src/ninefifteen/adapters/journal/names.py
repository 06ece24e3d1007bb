"""Names of journal files in the home's journal folder: one day each, synthetic days marked as such."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ninefifteen.errors import BadInput

from .record_file import sync_folder

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.synthetic-(\d+)(?:\.run-(\d+))?)?\.journal", re.ASCII)
_CURRENT = 1 << 62  # sorts the current run of a synthetic day behind those that were set aside


class _Name(NamedTuple):
    day: str
    seed: int
    run: int
    path: Path


def journal_name(day: date, seed: int | None = None) -> str:
    """The file name of a day: "2026-11-23.journal", of a synthetic one "2026-11-23.synthetic-7.journal"."""
    return f"{day.isoformat()}.journal" if seed is None else f"{day.isoformat()}.synthetic-{seed}.journal"


def journals(folder: Path) -> list[Path]:
    """Every journal in the folder, runs that were set aside included: by day, seed and run."""
    return [name.path for name in _names(folder)]


def find_journal(folder: Path, day: date, seed: int | None = None) -> Path | None:
    """The journal of that day; None when there is none.

    With a seed the synthetic day of that seed. Without one the real day, else the day's only synthetic
    one; raises BadInput when there are several.
    """
    if seed is not None or (folder / journal_name(day)).exists():
        path = folder / journal_name(day, seed)
        return path if path.exists() else None
    found = [n.path for n in _names(folder) if n.day == day.isoformat() and n.run == _CURRENT]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise BadInput(f"{folder} has several synthetic days {day}: say which with --seed ({names})")
    return found[0] if found else None


def set_aside(path: Path) -> Path:
    """Move a synthetic day's journal out of the way of a new run of it; returns its new place.

    The runs are numbered in the order in which they were moved. Raises BadInput for a real day, whose
    journal is the record of what happened and stays where it is.
    """
    name = _parse(path)
    if name is None or name.seed < 0 or name.run != _CURRENT:
        raise BadInput(f"{path} is not the journal of a synthetic day: it stays where it is")
    runs = [n.run for n in _names(path.parent) if n[:2] == name[:2] and n.run != _CURRENT]
    stem = path.name.removesuffix(".journal")
    target = path.with_name(f"{stem}.run-{max(runs, default=0) + 1}.journal")
    path.rename(target)
    sync_folder(path.parent)
    return target


def _parse(path: Path) -> _Name | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    day, seed, run = found.groups()
    return _Name(day, int(seed) if seed else -1, int(run) if run else _CURRENT, path)


def _names(folder: Path) -> list[_Name]:
    if not folder.is_dir():
        return []
    return sorted(name for path in folder.iterdir() if (name := _parse(path)) is not None)
