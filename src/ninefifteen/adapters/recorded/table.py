"""The rows of one file that are used, as compact arrays ordered by day, symbol and expiry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .parquet import Whole

Columns = dict[str, NDArray[Any]]
"""Arrays of equal length by column name."""

_EPOCH = date(1970, 1, 1).toordinal()
_SYMBOL_BITS, _EXPIRY_BITS = 16, 20


def day_number(day: date) -> int:
    """Days since 1 Jan 1970."""
    return day.toordinal() - _EPOCH


def day_of_number(number: int) -> date:
    """The date that many days after 1 Jan 1970."""
    return date.fromordinal(int(number) + _EPOCH)


class DayTable:
    """Rows found by day, symbol and expiry in the time of a binary search.

    `symbols` are the texts behind the codes of the rows; `columns` are taken over, with their rows
    brought into the order of the key and otherwise left in the order of the file.
    """

    def __init__(self, symbols: Sequence[str], key: Whole, columns: Columns) -> None:
        self._codes = {symbol: code for code, symbol in enumerate(symbols)}
        self.columns = columns
        if len(key) and np.any(key[1:] < key[:-1]):
            order = np.argsort(key, kind="stable")
            key = key[order]
            for name in columns:  # one at a time: both orders of a large file never stand in memory at once
                columns[name] = columns[name][order]
        starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else key
        self._keys: Whole = key[starts]
        self._starts: Whole = np.append(starts, len(key)).astype(np.int64)

    @staticmethod
    def key(days: Whole, symbols: Whole, expiries: Whole | int = 0) -> Whole:
        """The order of the rows as one number each."""
        key: Whole = ((days << _SYMBOL_BITS | symbols) << _EXPIRY_BITS) | expiries
        return key

    def rows(self, day: int, symbol: str, expiry: int) -> Columns | None:
        """The rows of that day, symbol and expiry as views; None when there is none."""
        first = self._first(day, symbol, expiry)
        return None if first is None else self._between(first, first + 1)

    def all_expiries(self, day: int, symbol: str) -> Columns | None:
        """The rows of that day and symbol whatever their expiry; None when there is none."""
        code = self._codes.get(symbol)
        if code is None:
            return None
        low = (day << _SYMBOL_BITS | code) << _EXPIRY_BITS
        first, last = np.searchsorted(self._keys, (low, low + (1 << _EXPIRY_BITS)))
        return None if first == last else self._between(int(first), int(last))

    def has(self, day: int, symbol: str, expiry: int) -> bool:
        """Whether there is a row of that day, symbol and expiry."""
        return self._first(day, symbol, expiry) is not None

    def _first(self, day: int, symbol: str, expiry: int) -> int | None:
        code = self._codes.get(symbol)
        if code is None:
            return None
        wanted = (day << _SYMBOL_BITS | code) << _EXPIRY_BITS | expiry
        found = int(np.searchsorted(self._keys, wanted))
        return found if found < len(self._keys) and self._keys[found] == wanted else None

    def _between(self, first: int, last: int) -> Columns:
        rows = slice(int(self._starts[first]), int(self._starts[last]))
        return {name: values[rows] for name, values in self.columns.items()}

    def repeated(self, names: Iterable[str]) -> int:
        """How many rows have the day, symbol, expiry and these columns of a row before them."""
        key = np.repeat(self._keys, np.diff(self._starts))
        columns = [self.columns[name] for name in names] + [key]
        order = np.lexsort(columns)
        same = np.ones(max(len(key) - 1, 0), dtype=np.bool_)
        for values in columns:
            ordered = values[order]
            same &= ordered[1:] == ordered[:-1]
        return int(same.sum())


class TableBuilder:
    """Collects the wanted rows of a file, batch by batch."""

    def __init__(self) -> None:
        self._symbols: dict[str, int] = {}
        self._keys: list[Whole] = []
        self._columns: dict[str, list[NDArray[Any]]] = {}

    def codes(self, values: Sequence[str | None]) -> Whole:
        """This table's codes of a batch's own list of symbols (a missing one becomes its own code)."""
        known = self._symbols
        return np.array([known.setdefault(value or "", len(known)) for value in values], dtype=np.int64)

    def add(self, key: Whole, columns: Mapping[str, NDArray[Any]]) -> None:
        """Append rows; every batch has the same columns."""
        self._keys.append(key)
        for name, values in columns.items():
            self._columns.setdefault(name, []).append(values)

    def table(self) -> DayTable:
        """Everything appended so far, ordered."""
        key = np.concatenate(self._keys) if self._keys else np.empty(0, dtype=np.int64)
        self._keys.clear()
        columns: Columns = {}
        while self._columns:
            name, parts = self._columns.popitem()
            columns[name] = np.concatenate(parts)
        return DayTable(tuple(self._symbols), key, columns)
