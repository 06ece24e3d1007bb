"""The companies of the synthetic market: our own figures in the neighbourhood of the real ones."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from ninefifteen.domain.money import Paise, parse_rupees
from ninefifteen.errors import BadInput

_TABLE = "synthetic_members.csv"
_FIGURES = files("ninefifteen.simulator") / "data" / _TABLE


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One company. Prices, ticks and the strike step are paise; `volatility` is a fraction a year.

    `liquidity` is the group of its options; `beta` its share in the market's moves.
    """

    symbol: str
    base_price: Paise
    lot_size: int
    option_tick: Paise
    stock_tick: Paise
    strike_step: Paise
    sector: str
    beta: float
    volatility: float
    liquidity: Literal["liquid", "middle", "thin"]
    freeze_quantity: int


@cache
def members() -> dict[str, Member]:
    """Every company there are figures for, by symbol."""
    lines = _FIGURES.read_text(encoding="utf-8").splitlines()
    return {row["symbol"]: _member(row) for row in csv.DictReader(lines)}


def member(symbol: str) -> Member:
    """The company's figures; raises BadInput when the table has none."""
    found = members().get(symbol)
    if found is None:
        raise BadInput(f"no synthetic figures for {symbol}: choose a day whose members are in {_TABLE}")
    return found


def _member(row: dict[str, str]) -> Member:
    figures: dict[str, object] = {
        **row,
        "base_price": parse_rupees(row["base_price"]),
        "strike_step": parse_rupees(row["strike_step"]),
        "volatility": float(row["volatility"]) / 100.0,
        "freeze_quantity": int(row["freeze_lots"]) * int(row["lot_size"]),
    }
    return msgspec.convert(figures, Member, strict=False)
