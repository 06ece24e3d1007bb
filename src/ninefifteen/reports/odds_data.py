"""Figures of the honest odds that come from elsewhere: measured, or said by somebody, with a source."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

Whose = Literal["yours", "origin", "ours"]


class Crossing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a trade gives away to the spread, entry and exit together, in percent of the premium."""

    percent: Decimal
    source: str

    @property
    def share(self) -> Fraction:
        """As a share of the premium."""
        return Fraction(self.percent) / 100


class TradingDays(Struct, frozen=True, forbid_unknown_fields=True):
    """Of how many days how many had a trade."""

    traded: int
    of: int
    source: str

    @property
    def share(self) -> Fraction:
        """The share of trading days with a trade."""
        return Fraction(self.traded, self.of)


class FairExits(Struct, frozen=True, forbid_unknown_fields=True):
    """How many of a hundred fair trades with this target and stop ended how."""

    target_pct: Decimal
    stop_pct: Decimal
    target: int
    stop: int
    time: int
    source: str


class Study(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of others."""

    text: str
    source: str


class YourDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """Rupees a month that the user's own document counts with."""

    monthly: Decimal


class RunningCost(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that costs rupees every month; of one broker only where `broker` names it."""

    name: str
    text: str
    low: Decimal
    high: Decimal
    optional: bool
    source: str
    checked: date | None = None
    """When it was looked up; None where it was not."""
    broker: str = ""


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of the strategy or its limits, the settings that hold it, and whose it is."""

    whose: Whose
    text: str
    keys: tuple[str, ...]


class OddsData(Struct, frozen=True, forbid_unknown_fields=True):
    """All of `odds.toml`."""

    crossing: Crossing
    trading_days: TradingDays
    fair_exits: FairExits
    study: Study
    your_document: YourDocument
    cost: tuple[RunningCost, ...]
    rule: tuple[Rule, ...]


@cache
def odds_data() -> OddsData:
    """The figures as shipped."""
    text = (files("ninefifteen.reports") / "odds.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), OddsData, builtin_types=(date,))
