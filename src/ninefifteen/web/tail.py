"""The end of the audit log, followed: what the page shows as events."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

import msgspec

from ninefifteen.adapters.daylog import ERRORS, TRADES

FIRST = 50
"""Lines that whoever comes is shown."""
_BACK = 256 * 1024
_AT_ONCE = 256 * 1024
_LONGEST_TEXT = 500
_SEVERITIES = {"P1": "critical", "P2": "warning", "P3": "info"}

Document = dict[str, Any]


class Tail:
    """Reads what was appended since the last look; a file that began anew is read from its start."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._at: int | None = None
        self._inode = 0
        self._half = b""

    def look(self) -> list[Document]:
        """The new lines of trades and errors, the oldest first; at the first look the last of them."""
        first = self._at is None
        try:
            with self._file.open("rb") as file:
                data = self._read(file)
        except OSError:
            self._at = self._at or 0
            return []
        *lines, self._half = (self._half + data).split(b"\n")
        found = [shown for line in lines if (shown := _shown(line)) is not None]
        return found[-FIRST:] if first else found

    def _read(self, file: IO[bytes]) -> bytes:
        inode, size = _of(file)
        if self._at is None:
            self._at = max(size - _BACK, 0)
        elif inode != self._inode or size < self._at:
            self._at, self._half = 0, b""
        self._inode = inode
        file.seek(self._at)
        data = file.read(_AT_ONCE)
        self._at += len(data)
        return data


def _of(file: IO[bytes]) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_ino, found.st_size


def _shown(line: bytes) -> Document | None:
    """The line as the page gets it; None for one that is of no interest, or torn."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if not isinstance(found, dict) or found.get("kind") not in TRADES | ERRORS:
        return None
    kind = str(found["kind"])
    severity = _SEVERITIES.get(str(found.get("severity")), "warning" if kind in ERRORS else "info")
    text = str(found.get("text", ""))[:_LONGEST_TEXT]
    return {"at": str(found.get("at", "")), "kind": kind, "severity": severity, "text": text}
