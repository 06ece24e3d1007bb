"""Names of journal files in the home's journal folder: one day each, invented days marked as such."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ninefifteen.errors import BadInput

from .record_file import sync_folder

_NAME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:\.(synthetic|rehearsal)(?:-(\d+))?)?(\.live)?(?:\.run-(\d+))?\.journal", re.ASCII
)
_CURRENT = 1 << 62  # sorts the current run of a synthetic day behind those that were set aside


class _Name(NamedTuple):
    day: str
    kind: str
    seed: int
    orders: str
    """".live" where orders went to the broker, empty where they were simulated."""
    run: int
    path: Path


def journal_name(day: date, seed: int | None = None, *, rehearsal: bool = False, live: bool = False) -> str:
    """The file name of a day: "2026-11-23.journal", of a synthetic one "2026-11-23.synthetic-7.journal".

    A day of a rehearsal home at a simulated broker is "2026-11-23.rehearsal-7.journal", or without the
    number where that broker does not tell its seed. With `live`, where the orders go to the broker, too,
    it is "2026-11-23.live.journal" and "2026-11-23.rehearsal-7.live.journal".
    """
    kind = ".rehearsal" if rehearsal else ".synthetic" if seed is not None else ""
    number = "" if seed is None else f"-{seed}"
    return f"{day.isoformat()}{kind}{number}{'.live' if live else ''}.journal"


def journals(folder: Path) -> list[Path]:
    """Every journal in the folder, runs that were set aside included.

    By day, kind, seed, where its orders went, and run.
    """
    return [name.path for name in _names(folder)]


def named_day(path: Path) -> date:
    """The day that the name of a journal tells; raises BadInput where it tells none."""
    try:
        return date.fromisoformat(path.name[:10])
    except ValueError:
        raise BadInput(f"{path}: its name tells no day there is: move it away") from None


def find_journal(folder: Path, day: date, seed: int | None = None) -> Path | None:
    """The journal of that day; None when there is none.

    Without a seed the real day, else the day's only rehearsal, else its only synthetic one; with a seed the
    rehearsal or synthetic day of that seed. A day whose orders went to the broker goes before one on paper.
    Raises BadInput when there are several.
    """
    for real in (folder / journal_name(day, live=True), folder / journal_name(day)):
        if seed is None and real.exists():
            return real
    here = [n for n in _names(folder) if n.day == day.isoformat() and n.run == _CURRENT]
    fitting = [n for n in here if seed is None or n.seed == seed]
    rehearsed = [n for n in fitting if n.kind == "rehearsal"]
    found = [n.path for n in [n for n in rehearsed if n.orders] or rehearsed or fitting]
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
    runs = [n.run for n in _names(path.parent) if n[:4] == name[:4] and n.run != _CURRENT]
    stem = path.name.removesuffix(".journal")
    target = path.with_name(f"{stem}.run-{max(runs, default=0) + 1}.journal")
    path.rename(target)
    sync_folder(path.parent)
    return target


def _parse(path: Path) -> _Name | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    day, kind, seed, orders, run = found.groups()
    if (kind == "synthetic" and (not seed or orders)) or (run and not kind):
        return None
    number = int(seed) if seed else -1
    return _Name(day, kind or "", number, orders or "", int(run) if run else _CURRENT, path)


def _names(folder: Path) -> list[_Name]:
    if not folder.is_dir():
        return []
    return sorted(name for path in folder.iterdir() if (name := _parse(path)) is not None)
