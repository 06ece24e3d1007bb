"""`dashboard.db` of the home: users, sessions, and where they have come from. The owner's only (0600)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ninefifteen.errors import BadInput

VERSION = 1
_BUSY_S = 2.0
_TABLES = """
CREATE TABLE users (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, since INTEGER NOT NULL,
  totp TEXT, totp_step INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE sessions (
  digest TEXT PRIMARY KEY, name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  place TEXT NOT NULL, since INTEGER NOT NULL, used INTEGER NOT NULL
) STRICT;
CREATE TABLE known (
  name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE, address TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (name, address)
) STRICT;
"""

Row = tuple[Any, ...]


class Store:
    """The file, opened. Raises BadInput where it cannot be used; later failures are sqlite3.Error."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            file.chmod(0o600)
            self._line = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise BadInput(f"{file}: cannot be used: {error}") from None
        try:
            self._prepare()
        except BaseException:
            self._line.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._line.close()

    def rows(self, question: str, values: Iterable[Any] = ()) -> list[Row]:
        """Every row that answers."""
        return self._line.execute(question, tuple(values)).fetchall()

    def row(self, question: str, values: Iterable[Any] = ()) -> Row | None:
        """The first row that answers."""
        found: Row | None = self._line.execute(question, tuple(values)).fetchone()
        return found

    def change(self, statement: str, values: Iterable[Any] = ()) -> int:
        """Do it, durably; how many rows it changed."""
        return self._line.execute(statement, tuple(values)).rowcount

    def _prepare(self) -> None:
        try:
            self._line.execute("PRAGMA foreign_keys = ON")
            (version,) = self._line.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._line.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        except sqlite3.Error as error:
            raise BadInput(
                f"{self._file}: is damaged ({error}): move it away; users are then set up anew, nothing else"
                " is lost"
            ) from None
        if version > VERSION:
            raise BadInput(f"{self._file}: is of a newer program (version {version}): update this one")
