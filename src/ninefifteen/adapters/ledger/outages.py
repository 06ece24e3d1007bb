"""A database that fails: what is said about it, once, and how long until it is tried again."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

POLL_SECONDS = 0.5
"""How often the journals are looked at, and the first wait after a failure."""
LONGEST_SECONDS = 5.0
"""The longest wait between two tries; each wait is twice the one before."""

_FULL = ("53100", "53200")  # PostgreSQL: disk_full, out_of_memory
_BUSY = ("55P03", "57014")  # PostgreSQL: lock_not_available, query_canceled by a timeout
_STARTING = ("57P01", "57P02", "57P03")  # PostgreSQL: being stopped, crashed, starting


class Teller:
    """Says a thing on standard error once, not twice a second."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def say(self, lines: Sequence[str]) -> None:
        """Print those of the lines that were not there last time."""
        for line in lines:
            if line not in self._said:
                self.tell(line)
        self._said = list(lines)

    def tell(self, line: str) -> None:
        """Print a line."""
        sys.stderr.write(f"ledger: {line}\n")
        sys.stderr.flush()


class Outages:
    """Each kind of failure is told once an outage, and its end; `pause` is the wait until the next look."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._told: set[str] = set()
        self.pause = POLL_SECONDS

    @property
    def lasting(self) -> bool:
        """Whether the last try failed."""
        return bool(self._told)

    def failed(self, error: SQLAlchemyError) -> None:
        """A try failed."""
        kind = kind_of(error)
        if kind not in self._told:
            self._teller.tell(describe(error))
        self.pause = min(2 * self.pause, LONGEST_SECONDS) if self._told else POLL_SECONDS
        self._told.add(kind)

    def over(self) -> None:
        """A try succeeded."""
        if self._told:
            self._teller.tell("the database can be written again: the ledger is up to date")
        self._told.clear()
        self.pause = POLL_SECONDS


def kind_of(error: SQLAlchemyError) -> str:
    """What is wrong, in one word: full, busy, gone or other."""
    code, text = getattr(getattr(error, "orig", None), "sqlstate", None), _first_line(error)
    if code in _FULL or "is full" in text:
        return "full"
    if code in _BUSY or "is locked" in text:
        return "busy"
    if code in _STARTING or "connection" in text:
        return "gone"
    return "other"


def describe(error: SQLAlchemyError) -> str:
    """A database error in one line, without the statement, its values or the address."""
    what = "is full" if kind_of(error) == "full" else "cannot be written"
    hint = ": make room on its disk" if kind_of(error) == "full" else ""
    return (
        f"the database {what} ({_first_line(error)}){hint}; trading goes on, and the ledger catches up later"
    )


def _first_line(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
