"""The files of one set, each read when a day first needs it and let go when the days have passed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property

import msgspec
import numpy as np

from .parquet import ParquetSource
from .table import Columns, DayTable


class RowsRead(msgspec.Struct):
    """How many rows have been decoded from files so far."""

    rows: int = 0


class SetReader(msgspec.Struct, frozen=True):
    """How the files of a set are read.

    `days`: which days a file holds (days since the epoch). `table`: its rows of these symbols.
    """

    days: Callable[[ParquetSource], frozenset[int]]
    table: Callable[[ParquetSource, frozenset[str]], DayTable]


class DatedFiles:
    """Rows by day, symbol and expiry over all files of a set.

    A file is decoded for the symbols asked for so far; a day that asks for more (the index has
    changed) decodes it again.
    """

    def __init__(self, sources: Sequence[ParquetSource], reader: SetReader, read: RowsRead) -> None:
        self.sources = tuple(sources)
        self._reader, self._read = reader, read
        self._tables: dict[ParquetSource, DayTable] = {}
        self._symbols: frozenset[str] = frozenset()
        self._loaded_for: dict[ParquetSource, frozenset[str]] = {}

    @cached_property
    def days_of(self) -> dict[ParquetSource, frozenset[int]]:
        """The days of which each file has rows."""
        return {source: self._reader.days(source) for source in self.sources}

    @cached_property
    def by_day(self) -> dict[int, list[ParquetSource]]:
        """The files that have rows of a day."""
        found: dict[int, list[ParquetSource]] = {}
        for source, days in self.days_of.items():
            for day in days:
                found.setdefault(day, []).append(source)
        return found

    @property
    def days(self) -> Collection[int]:
        """Every day of which a file of the set has a row."""
        return self.by_day.keys()

    def prepare(self, days: Collection[int], symbols: Collection[str]) -> None:
        """Have the files of these days decoded for these symbols; let go of files that end before them."""
        wanted, first = frozenset(symbols), min(days)
        self._symbols |= wanted
        for source in [held for held in self._tables if max(self.days_of[held]) < first]:
            del self._tables[source], self._loaded_for[source]
        for day in days:
            for source in self.by_day.get(day, ()):
                if not self._loaded_for.get(source, frozenset()) >= wanted:
                    self._load(source)

    def _load(self, source: ParquetSource) -> None:
        self._tables.pop(source, None)
        self._tables[source] = self._reader.table(source, self._symbols)
        self._loaded_for[source] = self._symbols
        self._read.rows += source.rows

    def tables(self) -> Iterator[tuple[ParquetSource, DayTable]]:
        """The files in memory."""
        yield from self._tables.items()

    def rows(self, day: int, symbol: str, expiry: int = 0) -> Columns | None:
        """The rows of that day, symbol and expiry from all files; None when there is none."""
        return _joined([table.rows(day, symbol, expiry) for table in self._tables.values()])

    def all_expiries(self, day: int, symbol: str) -> Columns | None:
        """The rows of that day and symbol whatever their expiry; None when there is none."""
        return _joined([table.all_expiries(day, symbol) for table in self._tables.values()])

    def has(self, day: int, symbols: Collection[str], expiry: int) -> bool:
        """Whether one of the symbols has a row of that day and expiry."""
        return any(table.has(day, symbol, expiry) for table in self._tables.values() for symbol in symbols)


def _joined(parts: Sequence[Columns | None]) -> Columns | None:
    found = [part for part in parts if part is not None]
    if len(found) <= 1:
        return found[0] if found else None
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}
