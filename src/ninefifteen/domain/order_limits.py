"""The figures the exchange and the broker hold orders to: price protection, rates, modifications.

They are dated rows (reference rows in rules/order_limits.csv). The engine keeps its orders inside
them, and the simulated exchange refuses by them: one table for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from .money import Paise

UNBOUNDED: Paise = 2**62
"""Stands for "no highest price" where price protection does not exist yet."""


class NoOrderLimits(ValueError):
    """The table does not go back to that day."""


class OrderLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one day; the protection's are 0, which is off, on days before it existed.

    `lpp_*` is limit price protection: up to a reference of `lpp_reference` paise the range is
    `lpp_rupees` paise to each side, above it `lpp_percent`; `lpp_window` and `lpp_untraded` are
    seconds. `far_*` is the broker's rule for prices far from the last, from `far_last` paise on.
    """

    lpp_reference: Paise = 0
    lpp_rupees: Paise = 0
    lpp_percent: int = 0
    lpp_window: int = 0
    lpp_untraded: int = 0
    far_last: Paise
    far_buy_percent: int
    far_sell_percent: int
    writes_per_second: int
    modifications: int
    tag_length: int


class OrderLimitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, from `effective_from` to `effective_to` (inclusive); `name` is a field of `OrderLimits`."""

    effective_from: date
    effective_to: date | None
    name: str
    value: int
    source: str
    origin: str = ""


class OrderLimitTable:
    """Dated order limits; of rows that overlap, the last one given is in force."""

    def __init__(self, rows: Iterable[OrderLimitRow]) -> None:
        self._rows = sorted(rows, key=lambda row: row.effective_from)

    def on(self, day: date) -> OrderLimits:
        """The figures in force on `day`; raises NoOrderLimits before the table begins."""
        values = {
            row.name: row.value
            for row in self._rows
            if row.effective_from <= day and (row.effective_to is None or day <= row.effective_to)
        }
        try:
            return msgspec.convert(values, OrderLimits)
        except msgspec.ValidationError:
            raise NoOrderLimits(
                f"no complete order limits on {day}: add rows to rules/order_limits.csv"
            ) from None


def price_range(reference: Paise, limits: OrderLimits) -> tuple[Paise, Paise]:
    """Lowest sell and highest buy that price protection lets through, in paise, both inclusive."""
    if not limits.lpp_percent:
        return 0, UNBOUNDED
    if reference <= limits.lpp_reference:
        return max(0, reference - limits.lpp_rupees), reference + limits.lpp_rupees
    low = -(-reference * (100 - limits.lpp_percent) // 100)
    return low, reference * (100 + limits.lpp_percent) // 100
