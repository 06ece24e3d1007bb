"""The figures the exchange and the broker hold orders to, as dated rows of `data/limits.csv`."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

from ninefifteen.domain.money import Paise


class Limits(msgspec.Struct, frozen=True, kw_only=True):
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


@cache
def _rows() -> tuple[tuple[date, str, int], ...]:
    text = (files("ninefifteen.simulator") / "data" / "limits.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        sorted((date.fromisoformat(row["effective_from"]), row["name"], int(row["value"])) for row in rows)
    )


@cache
def limits_on(day: date) -> Limits:
    """The figures in force on `day`: of each name the newest row that is not later than the day.

    Raises msgspec.ValidationError before 2000, where the table begins.
    """
    return msgspec.convert({name: value for start, name, value in _rows() if start <= day}, Limits)
