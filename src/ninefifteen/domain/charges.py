"""What a trade costs by law and tariff, exactly, from dated rates (NSE; reference rows in rules/charges.csv).

No floats: rates are integers in parts per billion, and amounts are integers in `UNITS_PER_PAISA`-ths
of a paisa, which holds every product of a paisa, a rate and the tax on it without rounding. Rounding
happens only where somebody reads the number: `rupees4` (research), `to_paise` (ledger) and
`contract_note` (STT and stamp duty in whole rupees, as brokers print them).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

import msgspec

from .money import Paise

Segment = Literal["options", "futures", "intraday", "delivery"]
"""Options on stocks and indices (values are premium), futures, shares intraday, shares delivered."""

Component = Literal[
    "brokerage_per_order", "brokerage_share", "stt_buy", "stt_sell", "stt_exercise",
    "exchange", "ipft", "sebi", "stamp_buy", "gst",
]  # fmt: skip

SEGMENTS: tuple[str, ...] = get_args(Segment)
COMPONENTS: tuple[str, ...] = get_args(Component)
PPB = 1_000_000_000
"""Rates are parts per billion: 0.0015 is 1_500_000."""
UNITS_PER_PAISA = 1_000_000_000_000
"""Charges are counted in this fraction of a paisa (a paisa x ppb x per mille of tax, exactly)."""

_OPTIONAL = frozenset({"stt_exercise"})
_PER_MILLE = 1000
_PPB_PER_MILLE = PPB // _PER_MILLE
_RUPEE_UNITS = 100 * UNITS_PER_PAISA


class NoChargeData(ValueError):
    """No complete set of rates is loaded for that day and segment."""


class ChargeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rate from `effective_from` to `effective_to`, both inclusive.

    `value` is parts per billion of the traded value, except for `brokerage_per_order` (paise) and
    `gst` (parts per billion of the fees it is levied on).
    """

    effective_from: date
    effective_to: date | None
    segment: Segment
    component: Component
    value: int
    source: str
    origin: str = ""


class ChargeRates(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of one segment on one day: paise an order, parts per billion, per mille for GST.

    With a `brokerage_share` the brokerage of a side is that share of its value, at most
    `brokerage_per_order` an order; without one it is `brokerage_per_order` flat.
    """

    brokerage_per_order: Paise
    brokerage_share: int
    stt_buy: int
    stt_sell: int
    stt_exercise: int
    exchange: int
    sebi: int
    stamp_buy: int
    gst_per_mille: int


class Charges(msgspec.Struct, frozen=True, kw_only=True):
    """The charges of a trade by component, each in `UNITS_PER_PAISA`-ths of a paisa (exact)."""

    brokerage: int
    stt: int
    exchange: int
    sebi: int
    stamp: int
    gst: int
    total: int

    @property
    def total_paise(self) -> Paise:
        """The total for the ledger, rounded half up to the paisa."""
        return to_paise(self.total)


class ChargeTable:
    """Dated charge rates; of rows that overlap, the last one given is in force."""

    def __init__(self, rows: Iterable[ChargeRow]) -> None:
        self._rows = tuple(rows)
        self._known: dict[tuple[date, str], ChargeRates] = {}

    def on(self, day: date, segment: Segment) -> ChargeRates:
        """The rates of `segment` on trade date `day`; raises NoChargeData when one of them is unknown."""
        known = self._known.get((day, segment))
        if known is None:
            known = self._known[(day, segment)] = self._build(day, segment)
        return known

    def _build(self, day: date, segment: Segment) -> ChargeRates:
        values: dict[str, int] = {}
        for row in self._rows:
            ends = row.effective_to is not None and row.effective_to < day
            if row.segment == segment and row.effective_from <= day and not ends:
                values[row.component] = row.value
        missing = [c for c in COMPONENTS if c not in values and c not in _OPTIONAL]
        if missing:
            raise NoChargeData(
                f"no charge rates for {segment} on {day} ({', '.join(missing)}): "
                "add rows to rules/charges.csv"
            )
        return ChargeRates(
            brokerage_per_order=values["brokerage_per_order"],
            brokerage_share=values["brokerage_share"],
            stt_buy=values["stt_buy"],
            stt_sell=values["stt_sell"],
            stt_exercise=values.get("stt_exercise", 0),
            exchange=values["exchange"] + values["ipft"],
            sebi=values["sebi"],
            stamp_buy=values["stamp_buy"],
            gst_per_mille=values["gst"] // _PPB_PER_MILLE,
        )


def total_units(rates: ChargeRates, buy_value: Paise, sell_value: Paise, orders: int) -> int:
    """`charges(...).total` alone, for loops: a handful of integer operations."""
    fees = _brokerage(rates, buy_value, sell_value, orders) + (buy_value + sell_value) * (
        rates.exchange + rates.sebi
    )
    taxes = buy_value * (rates.stt_buy + rates.stamp_buy) + sell_value * rates.stt_sell
    return fees * (_PER_MILLE + rates.gst_per_mille) + taxes * _PER_MILLE


def charges(rates: ChargeRates, buy_value: Paise, sell_value: Paise, orders: int) -> Charges:
    """The charges of buying for `buy_value` and selling for `sell_value` (paise) in `orders` executed orders.

    Unrounded. A side that did not trade has the value 0; the orders are shared out evenly between
    the sides that did (it matters only where brokerage is a capped share).
    """
    turnover = buy_value + sell_value
    brokerage = _brokerage(rates, buy_value, sell_value, orders)
    fees = brokerage + turnover * (rates.exchange + rates.sebi)
    return Charges(
        brokerage=brokerage * _PER_MILLE,
        stt=(buy_value * rates.stt_buy + sell_value * rates.stt_sell) * _PER_MILLE,
        exchange=turnover * rates.exchange * _PER_MILLE,
        sebi=turnover * rates.sebi * _PER_MILLE,
        stamp=buy_value * rates.stamp_buy * _PER_MILLE,
        gst=fees * rates.gst_per_mille,
        total=total_units(rates, buy_value, sell_value, orders),
    )


def contract_note(rates: ChargeRates, buy_value: Paise, sell_value: Paise, orders: int) -> Charges:
    """The same charges as a contract note prints them: STT and stamp duty in whole rupees (half up)."""
    exact = charges(rates, buy_value, sell_value, orders)
    stt, stamp = (_round(part, _RUPEE_UNITS) * _RUPEE_UNITS for part in (exact.stt, exact.stamp))
    total = exact.total - exact.stt - exact.stamp + stt + stamp
    return msgspec.structs.replace(exact, stt=stt, stamp=stamp, total=total)


def exercise_stt(rates: ChargeRates, intrinsic_value: Paise) -> int:
    """STT on options exercised with this intrinsic value (paise), in `UNITS_PER_PAISA`-ths of a paisa."""
    return intrinsic_value * rates.stt_exercise * _PER_MILLE


def net_units(buy_value: Paise, sell_value: Paise, total: int) -> int:
    """The result after charges, `sell_value` - `buy_value` - `total`, in `UNITS_PER_PAISA`-ths of a paisa."""
    return (sell_value - buy_value) * UNITS_PER_PAISA - total


def to_paise(units: int) -> Paise:
    """An exact amount rounded to the paisa, halves away from zero."""
    return _round(units, UNITS_PER_PAISA)


def rupees4(units: int) -> str:
    """An exact amount in rupees with four places, halves away from zero: "849.0550"."""
    rounded = _round(units, UNITS_PER_PAISA // 100)
    whole, rest = divmod(abs(rounded), 10_000)
    return f"{'-' if rounded < 0 else ''}{whole}.{rest:04d}"


def to_printed(units: int) -> int:
    """An exact amount rounded as `rupees4` prints it, so that printed amounts add up to printed sums."""
    return _round(units, UNITS_PER_PAISA // 100) * (UNITS_PER_PAISA // 100)


def _round(units: int, step: int) -> int:
    half_up = (2 * abs(units) + step) // (2 * step)
    return -half_up if units < 0 else half_up


def _brokerage(rates: ChargeRates, buy_value: Paise, sell_value: Paise, orders: int) -> int:
    """Brokerage in billionths of a paisa."""
    if not rates.brokerage_share:
        return rates.brokerage_per_order * orders * PPB
    sides = [value for value in (buy_value, sell_value) if value]
    if not sides:
        return 0
    cap = rates.brokerage_per_order * orders * PPB // len(sides)
    return sum(min(value * rates.brokerage_share, cap) for value in sides)
