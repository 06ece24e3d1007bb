"""Contract figures that the exchange changes by circular: ticks, freeze quantities, share splits.

All are dated rows with a source. The figure of a contract in today's instrument file always goes
first; these tables answer for recorded days and for synthetic ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from .money import Paise


class NoContractRule(ValueError):
    """No row of the table answers for that day and instrument."""


class TickRow(msgspec.Struct, frozen=True, kw_only=True):
    """The tick of `instrument` while the underlying's price is in [`price_from`, `price_below`), paise."""

    effective_from: date
    effective_to: date | None
    instrument: str
    price_from: Paise
    price_below: Paise | None
    tick: Paise
    source: str
    origin: str = ""


class FreezeRow(msgspec.Struct, frozen=True, kw_only=True):
    """The largest quantity (units) the exchange takes in one order of `symbol`'s contracts."""

    effective_from: date
    effective_to: date | None
    symbol: str
    quantity: int
    source: str
    origin: str = ""


class SplitRow(msgspec.Struct, frozen=True, kw_only=True):
    """A split or bonus: from `effective_from` on, `old_shares` shares are `new_shares` shares."""

    effective_from: date
    symbol: str
    new_shares: int
    old_shares: int
    source: str
    origin: str = ""


class TickTable:
    """Tick sizes by date, instrument ("stock_option", "index_option") and price of the underlying."""

    def __init__(self, rows: Iterable[TickRow]) -> None:
        self._rows = tuple(rows)

    def tick(self, day: date, instrument: str, underlying_price: Paise) -> Paise:
        """The tick in paise; the last row given wins. Raises NoContractRule when none answers.

        The exchange takes the price at its monthly review, so near the limit the instrument file may differ.
        """
        for row in reversed(self._rows):
            fits = row.price_from <= underlying_price and (
                row.price_below is None or underlying_price < row.price_below
            )
            if fits and row.instrument == instrument and _in_force(row, day):
                return row.tick
        raise NoContractRule(f"no tick size of a {instrument} on {day}: add a row to rules/tick_sizes.csv")


class FreezeTable:
    """Freeze quantities by date and underlying."""

    def __init__(self, rows: Iterable[FreezeRow]) -> None:
        self._rows = tuple(rows)

    def quantity(self, day: date, symbol: str) -> int | None:
        """The freeze quantity in units; None where no row tells (single-stock contracts: instrument file)."""
        for row in reversed(self._rows):
            if row.symbol == symbol and _in_force(row, day):
                return row.quantity
        return None


class SplitTable:
    """Splits and bonuses by date, to bring a lot size of one day to another day."""

    def __init__(self, rows: Iterable[SplitRow]) -> None:
        self._rows = {(row.symbol, row.effective_from): row for row in rows}

    def lot_on(self, day: date, symbol: str, lot: int, known_on: date) -> int:
        """The lot size on `day` of a contract whose lot was `lot` on `known_on` (design/strategy.md C3).

        Works in both directions; raises NoContractRule when the split leaves no whole number.
        """
        first, last = min(day, known_on), max(day, known_on)
        up = down = 1
        for (split_symbol, effective_from), row in self._rows.items():
            if split_symbol == symbol and first < effective_from <= last:
                up, down = up * row.new_shares, down * row.old_shares
        if day < known_on:
            up, down = down, up
        adjusted, rest = divmod(lot * up, down)
        if rest:
            raise NoContractRule(f"the lot of {symbol}, {lot} on {known_on}, is no whole number on {day}")
        return adjusted


def _in_force(row: TickRow | FreezeRow, day: date) -> bool:
    return row.effective_from <= day and (row.effective_to is None or day <= row.effective_to)
