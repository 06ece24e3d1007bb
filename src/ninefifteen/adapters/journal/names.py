"""Names of journal files in the home's journal folder: one day each, invented days marked as such."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ninefifteen.errors import BadInput

from .record_file import sync_folder

_NAME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:\.(synthetic|rehearsal)(?:-(\d+))?(?:\.run-(\d+))?)?\.journal", re.ASCII
)
_CURRENT = 1 << 62  # sorts the current run of a synthetic day behind those that were set aside


class _Name(NamedTuple):
    day: str
    kind: str
    seed: int
    run: int
    path: Path


def journal_name(day: date, seed: int | None = None, *, rehearsal: bool = False) -> str:
    """The file name of a day: "2026-11-23.journal", of a synthetic one "2026-11-23.synthetic-7.journal".

    A day of a rehearsal home at a simulated broker is "2026-11-23.rehearsal-7.journal", or without the
    number where that broker does not tell its seed.
    """
    kind = ".rehearsal" if rehearsal else ".synthetic" if seed is not None else ""
    number = "" if seed is None else f"-{seed}"
    return f"{day.isoformat()}{kind}{number}.journal"


def journals(folder: Path) -> list[Path]:
    """Every journal in the folder, runs that were set aside included: by day, kind, seed and run."""
    return [name.path for name in _names(folder)]


def find_journal(folder: Path, day: date, seed: int | None = None) -> Path | None:
    """The journal of that day; None when there is none.

    Without a seed the real day, else the day's only rehearsal, else its only synthetic one; with a seed the
    rehearsal or synthetic day of that seed. Raises BadInput when there are several.
    """
    if seed is None and (folder / journal_name(day)).exists():
        return folder / journal_name(day)
    here = [n for n in _names(folder) if n.day == day.isoformat() and n.run == _CURRENT]
    fitting = [n for n in here if seed is None or n.seed == seed]
    rehearsed = [n for n in fitting if n.kind == "rehearsal"]
    found = [n.path for n in rehearsed or fitting]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise BadInput(f"{folder} has several invented days {day}: say which with --seed ({names})")
    return found[0] if found else None


def set_aside(path: Path) -> Path:
    """Move an invented day's journal out of the way of a new run of it; returns its new place.

    The runs are numbered in the order in which they were moved. Raises BadInput for a real day, whose
    journal is the record of what happened and stays where it is.
    """
    name = _parse(path)
    if name is None or not name.kind or name.run != _CURRENT:
        raise BadInput(f"{path} is not the journal of an invented day: it stays where it is")
    runs = [n.run for n in _names(path.parent) if n[:3] == name[:3] and n.run != _CURRENT]
    stem = path.name.removesuffix(".journal")
    target = path.with_name(f"{stem}.run-{max(runs, default=0) + 1}.journal")
    path.rename(target)
    sync_folder(path.parent)
    return target


def _parse(path: Path) -> _Name | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    day, kind, seed, run = found.groups()
    if kind == "synthetic" and not seed:
        return None
    return _Name(day, kind or "", int(seed) if seed else -1, int(run) if run else _CURRENT, path)


def _names(folder: Path) -> list[_Name]:
    if not folder.is_dir():
        return []
    return sorted(name for path in folder.iterdir() if (name := _parse(path)) is not None)
