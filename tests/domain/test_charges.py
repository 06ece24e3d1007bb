"""Charges to the paisa: the worked examples of the reference sheet, their dates, and their rounding."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.charges import (
    SEGMENTS,
    UNITS_PER_PAISA,
    ChargeTable,
    NoChargeData,
    charges,
    contract_note,
    exercise_stt,
    net_units,
    rupees4,
    to_paise,
    to_printed,
    total_units,
)

TODAY = date(2026, 11, 23)
BUY, SELL = 250 * 4550, 250 * 4920
RATES = load_rules().charges.on(TODAY, "options")


@pytest.fixture(scope="module")
def table() -> ChargeTable:
    return load_rules().charges


def test_each_component_of_the_golden_trade_is_exact(table: ChargeTable) -> None:
    made = charges(table.on(TODAY, "options"), BUY, SELL, 2)
    parts = (made.brokerage, made.stt, made.exchange, made.sebi, made.stamp, made.gst, made.total)
    assert [rupees4(part) for part in parts] == [
        *("40.0000", "18.4500", "8.4117", "0.0237", "0.3413", "8.7184", "75.9450"),
    ]
    assert rupees4(made.total) == "75.9450"
    assert made.total_paise == 7595
    assert rupees4(net_units(BUY, SELL, made.total)) == "849.0550"


@pytest.mark.parametrize(
    ("day", "quantity", "bought", "sold", "total", "net"),
    [
        ("2026-11-23", 250, 4550, 4920, "75.9450", "849.0550"),
        ("2024-09-30", 250, 4550, 4920, "69.3646", "855.6354"),
        ("2025-12-01", 250, 4550, 4920, "69.7950", "855.2050"),
        ("2026-03-15", 250, 4550, 4920, "69.7950", "855.2050"),
        ("2026-11-23", 500, 3000, 3240, "85.0675", "1114.9325"),
        ("2026-11-23", 500, 3000, 2100, "74.1211", "-4574.1211"),
        ("2026-11-23", 65, 12000, 12960, "66.8911", "557.1089"),
    ],
)
def test_every_worked_example_of_the_reference_sheet_holds(  # noqa: PLR0917 - one row of the table
    table: ChargeTable, day: str, quantity: int, bought: int, sold: int, total: str, net: str
) -> None:
    buy, sell = quantity * bought, quantity * sold
    made = charges(table.on(date.fromisoformat(day), "options"), buy, sell, 2)
    assert rupees4(made.total) == total
    assert rupees4(net_units(buy, sell, made.total)) == net


def test_a_contract_note_rounds_stt_and_stamp_to_whole_rupees(table: ChargeTable) -> None:
    note = contract_note(table.on(TODAY, "options"), BUY, SELL, 2)
    assert (rupees4(note.stt), rupees4(note.stamp)) == ("18.0000", "0.0000")
    assert rupees4(note.total) == "75.1538"
    assert rupees4(net_units(BUY, SELL, note.total)) == "849.8462"
    assert note.total == note.brokerage + note.stt + note.exchange + note.sebi + note.stamp + note.gst


def test_a_stamp_rate_ten_times_too_small_does_not_pass_the_golden_trade(table: ChargeTable) -> None:
    """The mistake of a public calculator: 0.000003 instead of 0.00003."""
    rates = table.on(TODAY, "options")
    wrong = msgspec.structs.replace(rates, stamp_buy=rates.stamp_buy // 10)
    assert rupees4(charges(wrong, BUY, SELL, 2).total) != "75.9450"


@pytest.mark.parametrize(
    ("day", "segment", "rate", "value"),
    [
        ("2024-09-30", "options", "stt_sell", "0.000625"),
        ("2024-10-01", "options", "stt_sell", "0.001"),
        ("2026-03-31", "options", "stt_sell", "0.001"),
        ("2026-04-01", "options", "stt_sell", "0.0015"),
        ("2026-03-31", "options", "stt_exercise", "0.00125"),
        ("2026-04-01", "options", "stt_exercise", "0.0015"),
        ("2024-09-30", "options", "exchange", "0.000505"),
        ("2024-10-01", "options", "exchange", "0.0003553"),
        ("2026-03-01", "options", "exchange", "0.0003553"),
        ("2024-09-30", "futures", "stt_sell", "0.000125"),
        ("2024-10-01", "futures", "stt_sell", "0.0002"),
        ("2026-04-01", "futures", "stt_sell", "0.0005"),
        ("2026-02-28", "futures", "exchange", "0.0000183"),
        ("2026-03-01", "futures", "exchange", "0.0000183"),
        ("2026-11-23", "futures", "stamp_buy", "0.00002"),
        ("2026-11-23", "intraday", "stt_sell", "0.00025"),
        ("2026-11-23", "intraday", "exchange", "0.0000307"),
        ("2026-11-23", "delivery", "stt_buy", "0.001"),
        ("2026-11-23", "delivery", "stamp_buy", "0.00015"),
        ("2026-11-23", "delivery", "brokerage_per_order", "0"),
    ],
)
def test_a_rate_is_the_one_of_its_day(
    table: ChargeTable, day: str, segment: str, rate: str, value: str
) -> None:
    rates = table.on(date.fromisoformat(day), segment)  # type: ignore[arg-type]
    assert Decimal(getattr(rates, rate)) / 1_000_000_000 == Decimal(value)


def test_a_share_of_the_value_is_capped_for_each_order(table: ChargeTable) -> None:
    rates = table.on(TODAY, "futures")
    small, large = 5_000_000, 8_000_000  # Rs 50,000: 0.03 % is Rs 15; Rs 80,000: Rs 24, capped at Rs 20
    assert rupees4(charges(rates, small, large, 2).brokerage) == "35.0000"
    assert rupees4(charges(rates, small, 0, 1).brokerage) == "15.0000"
    assert rupees4(charges(rates, 0, large, 1).brokerage) == "20.0000"
    assert charges(rates, 0, 0, 0).total == 0


def test_exercise_is_taxed_on_the_intrinsic_value(table: ChargeTable) -> None:
    assert rupees4(exercise_stt(table.on(TODAY, "options"), 1_000_000)) == "15.0000"


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_day_before_the_first_rate_is_refused(table: ChargeTable, segment: str) -> None:
    with pytest.raises(NoChargeData, match="no charge rates"):
        table.on(date(2023, 3, 31), segment)  # type: ignore[arg-type]


@given(buy=st.integers(0, 10**9), sell=st.integers(0, 10**9), orders=st.integers(1, 10))
def test_the_quick_total_is_the_sum_of_the_components_and_of_decimal_arithmetic(
    buy: int, sell: int, orders: int
) -> None:
    rates = RATES
    made = charges(rates, buy, sell, orders)
    assert total_units(rates, buy, sell, orders) == made.total
    assert made.total == made.brokerage + made.stt + made.exchange + made.sebi + made.stamp + made.gst
    b, s = Decimal(buy) / 100, Decimal(sell) / 100
    fees = 20 * orders + (b + s) * (Decimal("0.0003553") + Decimal("0.000001"))
    expected = fees * Decimal("1.18") + s * Decimal("0.0015") + b * Decimal("0.00003")
    assert rupees4(made.total) == str(expected.quantize(Decimal("0.0001"), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("units", "paise", "rupees"),
    [
        (500_000_000_000, 1, "0.0050"),
        (499_999_999_999, 0, "0.0050"),
        (-500_000_000_000, -1, "-0.0050"),
        (-4_999_999_999, 0, "0.0000"),
        (5_000_000_000, 0, "0.0001"),
    ],
)
def test_halves_are_rounded_away_from_zero(units: int, paise: int, rupees: str) -> None:
    assert to_paise(units) == paise
    assert rupees4(units) == rupees


def test_an_amount_as_printed_is_whole_in_the_fourth_place_of_a_rupee() -> None:
    unit = UNITS_PER_PAISA // 100
    assert to_printed(3 * unit + unit // 2) == 4 * unit
    assert to_printed(-3 * unit - unit // 2) == -4 * unit
    assert rupees4(to_printed(7 * unit + 1)) == rupees4(7 * unit + 1)
