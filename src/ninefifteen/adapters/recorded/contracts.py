"""Lot size and tick of recorded contracts, from the instrument files of a folder (rule C3).

A file does not say when it was taken. It lists no contract that had expired by then, so the earliest
expiry in it is taken as the day on which its figures are known; weekly index contracts keep that
within a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import numpy as np

from ninefifteen.domain.money import Paise
from ninefifteen.domain.tick_table import NoContractRule, SplitTable
from ninefifteen.errors import BadInput

from .files import RowsRead
from .parquet import UNKNOWN, Kind, ParquetSource
from .table import day_number, day_of_number

UPSTOX_COLUMNS: dict[str, Kind] = {
    "underlying_symbol": "text",
    "instrument_type": "text",
    "expiry": "day",
    "lot_size": "count",
    "tick_size": "count",
}
KITE_COLUMNS: dict[str, Kind] = {
    "name": "text",
    "instrument_type": "text",
    "expiry": "day",
    "lot_size": "count",
    "tick_size": "price",
}
DEFAULT_TICK: Final[Paise] = 5
"""Where no row tells (C3)."""

_CALLS = frozenset({"CE"})


def instrument_columns(source: ParquetSource) -> dict[str, Kind]:
    """The columns of this instrument file: Upstox (tick in paise) or Kite (tick in rupees)."""
    return UPSTOX_COLUMNS if "underlying_symbol" in source.columns else KITE_COLUMNS


class ContractTerms(msgspec.Struct, frozen=True):
    """Lot size in units (0: unknown) and tick in paise of the calls of one stock and expiry."""

    lot_size: int
    tick: Paise


class _Row(msgspec.Struct, frozen=True):
    known_on: int
    terms: ContractTerms


class InstrumentFiles:
    """The instrument files of a folder; none at all is allowed and then nothing is known."""

    def __init__(self, sources: Sequence[ParquetSource], splits: SplitTable, read: RowsRead) -> None:
        self.sources = tuple(sources)
        self._splits, self._read = splits, read
        self._rows: dict[str, dict[int, list[_Row]]] | None = None

    def terms(self, day: date, symbol: str, expiry: date) -> ContractTerms:
        """By C3: the row of that expiry, else of the latest earlier one, with the lot as of `day`."""
        by_expiry = self._read_all().get(symbol, {})
        wanted = day_number(expiry)
        found = max((listed for listed in by_expiry if listed <= wanted), default=None)
        if found is None:
            return ContractTerms(0, DEFAULT_TICK)
        row = min(by_expiry[found], key=lambda r: (abs(r.known_on - day_number(day)), r.known_on))
        try:
            lot = self._splits.lot_on(day, symbol, row.terms.lot_size, day_of_number(row.known_on))
        except NoContractRule as error:
            raise BadInput(f"{self.sources[0].path.parent}: {error}") from error
        return ContractTerms(lot, row.terms.tick or DEFAULT_TICK)

    def _read_all(self) -> dict[str, dict[int, list[_Row]]]:
        if self._rows is None:
            self._rows = {}
            for source in self.sources:
                for (symbol, expiry), row in _calls(source).items():
                    self._rows.setdefault(symbol, {}).setdefault(expiry, []).append(row)
                self._read.rows += source.rows
        return self._rows


def _calls(source: ParquetSource) -> dict[tuple[str, int], _Row]:
    """One row for each symbol and expiry of the calls in a file."""
    kinds = instrument_columns(source)
    name = next(iter(kinds))
    found: dict[tuple[str, int], ContractTerms] = {}
    known_on: int | None = None
    for batch in source.batches(kinds):
        text, expiry = batch.text(name), batch.numbers("expiry")
        if (expiry != UNKNOWN).any():
            earliest = int(expiry[expiry != UNKNOWN].min())
            known_on = earliest if known_on is None else min(known_on, earliest)
        rows = np.flatnonzero(batch.text("instrument_type").equal_to(_CALLS) & (expiry != UNKNOWN))
        _, first = np.unique(expiry[rows] << 32 | text.codes[rows], return_index=True)
        lots, ticks = batch.numbers("lot_size"), batch.numbers("tick_size")
        for row in rows[np.sort(first)].tolist():
            key = (text.values[text.codes[row]] or "", int(expiry[row]))
            found.setdefault(key, ContractTerms(max(int(lots[row]), 0), max(int(ticks[row]), 0)))
    return {key: _Row(known_on or 0, terms) for key, terms in found.items()}
