"""Pages of the log files from their end, read in bounded pieces; a file that is rotated is followed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from ninefifteen.web.models.log import LogLine, LogName, LogPage

_PIECE = 64 * 1024
MOST_BYTES = 4 * 1024 * 1024
"""How much of a file one page looks through."""
_OWN = frozenset({"at", "kind", "text", "severity", "synthetic"})


def log_page(folder: Path, name: LogName, *, limit: int, before: str | None, contains: str | None) -> LogPage:
    """The newest lines, or those before a cursor; `contains` compares without regard to case.

    The cursor names the file by its number on the disk and a place in it: where the file was rotated
    meanwhile it is looked for among the rotated ones (`trades.log.1` ...), and else the page begins anew.
    """
    current = folder / f"{name}.log"
    path, end, rotated = _place(folder, current, before)
    if path is None:
        return _page(name, [], None, 0, rotated=rotated, reason=f"{current.name} has no line yet")
    with path.open("rb") as file:
        number = os.fstat(file.fileno()).st_ino
        size = os.fstat(file.fileno()).st_size
        end = size if end is None else min(end, size)
        lines, start, looked = _backwards(file, end, limit, (contains or "").casefold())
    cursor = f"{number}:{start}" if start else _older(folder, current, path)
    nothing = "no line holds these characters here" if contains else f"{current.name} has no line yet"
    return _page(name, lines, cursor, looked, rotated=rotated, reason=None if lines else nothing)


def _page(
    name: LogName, lines: list[LogLine], before: str | None, looked: int, *, rotated: bool, reason: str | None
) -> LogPage:
    return LogPage(name=name, lines=lines, before=before, looked_at=looked, rotated=rotated, reason=reason)


def _place(folder: Path, current: Path, before: str | None) -> tuple[Path | None, int | None, bool]:
    """The file to read, where to end (None: at its end), and whether the cursor's file is gone."""
    files = _files(folder, current)
    if before is not None:
        number, place = (int(part) for part in before.split(":"))
        for path in files:
            if _number(path) == number and place <= path.stat().st_size:
                return path, place, False
    return (files[0] if files else None), None, before is not None


def _files(folder: Path, current: Path) -> list[Path]:
    """The log and its rotated predecessors, newest first; symbolic links are not followed."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.glob(f"{current.name}*") if path.is_file() and not path.is_symlink()]
    plain = [path for path in found if path.suffix not in (".gz", ".tmp")]
    return sorted(plain, key=lambda path: (path != current, -path.stat().st_mtime_ns))


def _older(folder: Path, current: Path, path: Path) -> str | None:
    """The cursor at the end of the file before this one; None where this is the first."""
    files = _files(folder, current)
    following = files[files.index(path) + 1 :] if path in files else []
    return f"{_number(following[0])}:{following[0].stat().st_size}" if following else None


def _number(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return -1


class _Backwards:
    """The lines of a file from `end` towards its beginning, read in pieces and never past `floor`."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file = file
        self._floor = max(end - MOST_BYTES, 0)
        self._begin = end
        self._data = b""
        self.place = end
        """Everything from here on has been given out."""

    @property
    def looked_at(self) -> int:
        """Where the reading stands: the first byte that was looked at."""
        return self._begin

    def line(self) -> bytes | None:
        """The line before `place`; None at the beginning of the file or where the bound is reached."""
        while self.place:
            inside = self.place - self._begin
            cut = self._data.rfind(b"\n", 0, max(inside - 1, 0))
            if cut < 0 and self._begin > self._floor:
                self._read_more()
                continue
            if cut < 0 and self._begin:
                return None  # the bound: the page after this one goes on here
            raw = self._data[cut + 1 : inside]
            self.place = self._begin + cut + 1
            return raw
        return None

    def _read_more(self) -> None:
        begin = max(self._begin - _PIECE, self._floor)
        self._file.seek(begin)
        self._data = self._file.read(self._begin - begin) + self._data[: self.place - self._begin]
        self._begin = begin


def _backwards(file: BinaryIO, end: int, limit: int, contains: str) -> tuple[list[LogLine], int, int]:
    """Lines before `end`, oldest first; where the page before them ends, and how many bytes were read."""
    reading = _Backwards(file, end)
    lines: list[LogLine] = []
    while len(lines) < limit:
        raw = reading.line()
        if raw is None:
            break
        line = _line(raw, contains) if raw.endswith(b"\n") else None  # else it is still being written
        if line is not None:
            lines.append(line)
    place = reading.place
    if place == end and reading.looked_at < end:
        place = reading.looked_at  # one line longer than the bound: passed over
    return lines[::-1], place, end - reading.looked_at


def _line(raw: bytes, contains: str) -> LogLine | None:
    """The line as it is shown; None for an empty one and one the filter leaves out."""
    text = raw.decode("utf-8", errors="replace").strip()
    if not text or (contains and contains not in text.casefold()):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return LogLine(at=None, kind="?", severity=None, text=text[:2000], synthetic=False, data={})
    return LogLine(
        at=_text(found.get("at")),
        kind=_text(found.get("kind")) or "?",
        severity=_text(found.get("severity")),
        text=(_text(found.get("text")) or "")[:2000],
        synthetic=found.get("synthetic") is True,
        data={key: _short(value) for key, value in found.items() if key not in _OWN},
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _short(value: Any) -> Any:
    return value[:2000] if isinstance(value, str) else value
