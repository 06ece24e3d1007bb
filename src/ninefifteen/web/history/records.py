"""The records of a home, read with a cache: journals lived again, the newest few of them kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore, Lock

from ninefifteen.adapters.control import machine_now
from ninefifteen.adapters.journal import journals
from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.domain.calendar import NoCalendarData
from ninefifteen.domain.instants import Instant, day_of
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.web.errors import Refused

from .day_book import DayBook

_KEPT = 4
"""Days kept lived through; a day of quotes is a few megabytes."""
_WAIT_S = 20.0
"""How long somebody waits for a day that another request is reading."""
_READERS = 2
"""Days lived through at the same time: more would keep the loop of this process waiting."""


class NoSuchDay(Refused):
    """The home has no journal of that day or run."""

    def __init__(self, text: str) -> None:
        fix = "the list of days has every journal there is, and what the ledger knows of others"
        super().__init__(404, "no_day", text, fix)


class Busy(Refused):
    """Another request has been reading this day for long."""

    def __init__(self, text: str) -> None:
        super().__init__(503, "busy", text, "ask again in some seconds")


class Unreadable(Refused):
    """The journal is damaged, or of a program that this one does not know."""

    def __init__(self, text: str) -> None:
        super().__init__(409, "journal_unreadable", text, "`ninefifteen replay DATE` says the same")


class Records:
    """The journals of one home. Safe to use from several threads."""

    def __init__(self, home: Home, environment: Mapping[str, str] | None = None) -> None:
        """`environment` is the process environment unless given: it may name the ledger's database."""
        self.home = home
        self.environment = os.environ if environment is None else environment
        self._books: OrderedDict[Path, tuple[int, DayBook]] = OrderedDict()
        self._lock = Lock()
        self._readers = BoundedSemaphore(_READERS)
        self._rules: tuple[tuple[tuple[str, int], ...], RuleBook] | None = None

    def runs(self, day: date | None = None) -> list[Path]:
        """Every journal of the home, or of one day, by day, kind, seed and run."""
        found = journals(self.home.journal_dir)
        return found if day is None else [path for path in found if path.name.startswith(day.isoformat())]

    def newest(self) -> Path | None:
        """The journal that was written last; None when no day has been run."""
        found = self.runs()
        return max(found, key=_written) if found else None

    def run_of(self, day: date, run: str | None) -> Path:
        """The journal of that day; without a run the real day, else what was written last.

        Raises NoSuchDay.
        """
        found = self.runs(day)
        if run is not None:
            found = [path for path in found if path.stem == run]
        if not found:
            raise NoSuchDay(f"there is no journal of {day}" + (f" called {run}" if run else ""))
        real = [path for path in found if path.stem == day.isoformat()]
        return real[0] if real else max(found, key=_written)

    def rules(self) -> RuleBook:
        """The dated rules of the market with this home's own; read anew when a file of them changes.

        Raises BadInput for a rule file of the home that cannot be used.
        """
        folder = self.home.rules_dir
        stamp = tuple(sorted((path.name, _written(path)) for path in folder.glob("*.csv")))
        with self._lock:
            if self._rules is not None and self._rules[0] == stamp:
                return self._rules[1]
        made = load_rules(folder)
        with self._lock:
            self._rules = (stamp, made)
        return made

    def next_trading_day(self, now: Instant | None = None) -> date | None:
        """The first trading day after today in India; None where no calendar tells."""
        today = day_of(machine_now() if now is None else now)
        try:
            return self.rules().calendar.next(today)
        except (NoCalendarData, BadInput):
            return None

    @contextmanager
    def book(self, path: Path) -> Iterator[DayBook]:
        """The day of this journal, read to its end and held for the caller alone.

        Raises NoSuchDay when it is gone, Unreadable, and Busy when somebody else reads it for long.
        """
        try:
            book = self._book(path)
        except BadInput as problem:
            raise Unreadable(str(problem)) from None
        if not book.lock.acquire(timeout=_WAIT_S):
            raise Busy(f"{path.name} is being read: ask again")
        try:
            self._read_on(book)
            yield book
        except BadInput as problem:
            with self._lock:
                self._books.pop(path, None)
            raise Unreadable(str(problem)) from None
        finally:
            book.lock.release()

    def _read_on(self, book: DayBook) -> None:
        if not self._readers.acquire(timeout=_WAIT_S):
            raise Busy("other days are being read: ask again")
        try:
            book.look()
        finally:
            self._readers.release()

    def _book(self, path: Path) -> DayBook:
        """The book that is kept of this file; a new one when the file is another one now."""
        try:
            found = path.stat()
        except OSError:
            raise NoSuchDay(f"{path.name} is gone") from None
        with self._lock:
            kept = self._books.get(path)
            if kept is not None and kept[0] == found.st_ino and kept[1].offset <= found.st_size:
                self._books.move_to_end(path)
                return kept[1]
        book = DayBook(path)
        with self._lock:
            self._books[path] = (found.st_ino, book)
            self._books.move_to_end(path)
            while len(self._books) > _KEPT:
                self._books.popitem(last=False)
        return book


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
