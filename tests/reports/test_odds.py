"""Honest odds: reckoned as the plan of a day does it, and said with how they were reckoned."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.config.values import shown
from ninefifteen.domain.charges import charges
from ninefifteen.domain.settings import Gates, NineFifteen, Risk, Settings, Trading
from ninefifteen.domain.settings_check import keys
from ninefifteen.domain.typical import TYPICAL_LOT
from ninefifteen.reports.odds import Odds, odds
from ninefifteen.reports.odds_data import odds_data
from ninefifteen.reports.odds_document import odds_document
from ninefifteen.reports.odds_sections import Section, sections

RULES = load_rules()
TODAY = date(2026, 11, 23)


def odds_of(settings: Settings | None = None, today: date = TODAY) -> Odds:
    return odds(settings or Settings(), RULES.calendar, RULES.charges, today)


def section(name: str, settings: Settings | None = None, today: date = TODAY) -> Section:
    (found,) = [one for one in sections(odds_of(settings, today)) if one.name == name]
    return found


def words(one: Section) -> str:
    return "\n".join(
        [*(f"{figure.label}: {figure.value} ({figure.how})" for figure in one.figures), one.says]
    )


# ---- the stop


def test_the_stop_of_thirty_percent_is_raised_until_its_loss_fits_the_days_limit() -> None:
    cheap = odds_of().positions[0]
    assert cheap.value == 15_000_00
    assert cheap.tightened
    assert cheap.stop_loss == 2000_00
    assert cheap.wished_loss > 4500_00
    assert Fraction("0.11") < (cheap.stop_share or 0) < Fraction("0.13")


def test_the_dear_typical_lot_is_refused_because_its_stop_would_be_noise() -> None:
    dear = odds_of().positions[-1]
    assert (dear.value, dear.refused) == (25_000_00, "risk_too_large")
    assert dear.stop_loss is dear.break_even is dear.month is None


def test_the_dearest_position_that_passes_is_named_and_a_hundred_rupees_more_would_not() -> None:
    (dearest,) = [one for one in odds_of().positions if one.dearest]
    assert dearest.refused is None
    assert Fraction(10, 100) <= (dearest.stop_share or 0) < Fraction(101, 1000)


def test_with_a_wide_limit_the_stop_stays_where_the_settings_say() -> None:
    found = odds_of(Settings(risk=Risk(max_daily_loss=Decimal(20000))))
    assert [one.value for one in found.positions] == [int(lot * 100) for lot in TYPICAL_LOT]
    assert [one.tightened for one in found.positions] == [False, False]
    assert not any(one.dearest for one in found.positions)
    assert {one.stop_share for one in found.positions} == {Fraction(3, 10)}
    assert found.positions[0].break_even == found.positions[0].wished_break_even
    text = words(section("stop", Settings(risk=Risk(max_daily_loss=Decimal(20000)))))
    assert "at a stop 30 % below the entry (" in text


def test_refuse_lets_only_positions_through_whose_whole_stop_fits() -> None:
    found = odds_of(Settings(risk=Risk(when_stop_exceeds_limit="refuse")))
    assert [one.refused for one in found.positions[1:]] == ["risk_too_large"] * 2
    assert found.positions[0].dearest
    assert (found.positions[0].stop_loss or 0) <= 2000_00
    text = words(section("stop", Settings(risk=Risk(when_stop_exceeds_limit="refuse"))))
    assert "the planned loss does not fit the day's limit" in text


def test_positions_beyond_the_money_are_unaffordable() -> None:
    settings = Settings(risk=Risk(max_position_value=Decimal(10000)))
    assert [one.refused for one in odds_of(settings).positions] == [None, "unaffordable", "unaffordable"]
    assert "more than risk.max_position_value or the capital" in words(section("stop", settings))


def test_a_position_whose_target_is_eaten_by_charges_is_too_cheap() -> None:
    settings = Settings(
        risk=Risk(max_position_value=Decimal(4000)), strategy=NineFifteen(max_charge_share=Decimal(5))
    )
    found = odds_of(settings)
    assert found.positions[0].refused == "too_cheap"
    assert "charges eat more of the target" in words(section("stop", settings))
    assert "no typical position is bought" in words(section("fair_month", settings))
    assert "none can be reckoned" not in words(section("break_even", settings))


def test_a_limit_that_no_stop_fits_leaves_nothing_to_buy() -> None:
    settings = Settings(risk=Risk(max_daily_loss=Decimal(50)))
    assert {one.refused for one in odds_of(settings).positions} == {"risk_too_large"}
    assert not any(one.dearest for one in odds_of(settings).positions)


def test_two_lots_double_the_position() -> None:
    found = odds_of(Settings(strategy=NineFifteen(lots=2)))
    assert {30_000_00, 50_000_00} <= {one.value for one in found.positions}


# ---- break-even, months, costs


def test_break_even_is_loss_over_loss_and_profit() -> None:
    for one in odds_of().positions:
        if one.break_even is not None and one.stop_loss is not None:
            assert one.break_even == pytest.approx(one.stop_loss / (one.stop_loss + one.profit), abs=1e-4)


def test_a_month_on_a_fair_market_costs_what_its_trades_cost() -> None:
    found = odds_of()
    cheap, pace = found.positions[0], found.pace
    sold = 15_000_00 - 15_000_00 * 18 // 1000
    spent = charges(RULES.charges.on(TODAY, "options"), 15_000_00, sold, 2).total_paise
    assert cheap.charges == pytest.approx(spent, abs=1)
    assert cheap.crossing == 270_00
    assert pace.trades_a_month == Fraction(pace.days_of_year, 12) * Fraction(133, 200)
    assert cheap.month == pytest.approx(-float(pace.trades_a_month) * (spent + 270_00), abs=30)
    assert (cheap.month_every_day or 0) < (cheap.month or 0) < 0


def test_what_fair_trades_did_is_told_only_for_the_target_and_stop_it_was_measured_with() -> None:
    assert "71 of 100 reach the target" in words(section("break_even"))
    other = Settings(strategy=NineFifteen(target_pct=Decimal(10)))
    assert "71 of 100" not in words(section("break_even", other))


def test_running_costs_are_those_of_the_broker_and_the_edge_has_to_pay_for_them() -> None:
    found = odds_of()
    assert (found.monthly_low, found.monthly_high) == (Decimal(500), Decimal(2000))
    text = words(section("running_cost"))
    assert "Rs 500 to 2,000 a month" in text
    assert "Your document counts Rs 3,500 a month" in text
    assert "has to beat a fair market by 2.5 % of its premium" in text


def test_a_broker_whose_price_is_not_known_is_not_given_one() -> None:
    upstox = Settings(trading=Trading(broker="upstox"))
    assert odds_of(upstox).monthly_low == 0
    assert "What upstox asks for its interface is not known here" in words(section("running_cost", upstox))


# ---- the gates


def test_the_gates_are_counted_on_the_exchanges_calendar_where_it_is_loaded() -> None:
    settings = Settings(gates=Gates(min_trades=3, full_trades=5))
    first, full = odds_of(settings, date(2026, 11, 23)).gates
    assert (first.trades, full.trades) == (3, 5)
    assert first.exact
    # 24 November 2026 is a holiday: the 25th, 26th and 27th are three trading days.
    assert first.every_day == RULES.calendar.trading_days(date(2026, 11, 24), date(2026, 12, 31))[2]
    assert first.at_pace > first.every_day
    assert "by the exchange's calendar" in words(section("gates", settings))


def test_beyond_the_calendar_the_pace_of_the_last_year_goes_on_and_only_a_month_is_said() -> None:
    (fifty, hundred) = odds_of().gates
    assert not fifty.exact
    assert date(2027, 1, 25) < fifty.every_day < date(2027, 2, 20)
    assert fifty.every_day < fifty.at_pace < hundred.at_pace
    text = words(section("gates"))
    assert "about February 2027" in text
    assert "the calendar of that year is not loaded yet" in text


def test_in_a_year_without_a_calendar_the_newest_one_sets_the_pace() -> None:
    found = odds_of(today=date(2027, 2, 1))
    assert found.pace.year == 2026
    assert not found.gates[0].exact
    assert found.gates[0].every_day > date(2027, 4, 1)


def test_equal_gates_are_told_once() -> None:
    assert len(odds_of(Settings(gates=Gates(min_trades=50, full_trades=50))).gates) == 1


# ---- words and the document


def test_it_says_that_it_may_never_pass() -> None:
    last = sections(odds_of())[-1]
    assert last.title == "This may never pass"
    assert "nobody has shown yet" in last.says
    assert "SEBI" in words(last)


def test_every_figure_says_how_it_was_reckoned() -> None:
    for one in sections(odds_of()):
        assert one.figures, one.name
        assert all(figure.label and figure.value and figure.how for figure in one.figures)


def test_one_stopped_trade_uses_up_the_day_only_where_the_stop_is_tightened() -> None:
    assert "max_trades: 2 then acts as 1" in section("stop").says
    assert "acts as 1" not in section("stop", Settings(risk=Risk(max_trades=1))).says


def test_the_document_is_plain_json_with_money_as_text() -> None:
    document = json.loads(msgspec.json.encode(odds_document(odds_of(), shown)))
    assert document["as_of"] == "2026-11-23"
    assert document["positions"][0]["value"] == "15000.00"
    assert document["running_cost"] == {"low": "500", "high": "2000"}
    assert [one["name"] for one in document["sections"]] == [
        "stop", "break_even", "fair_month", "running_cost", "gates", "never",
    ]  # fmt: skip


def test_every_rule_names_settings_that_exist_and_says_which_were_changed() -> None:
    assert {path for rule in odds_data().rule for path in rule.keys} <= keys().keys()
    document = odds_document(odds_of(Settings(strategy=NineFifteen(pcr_max=Decimal(2)))), shown)
    changed = [one["key"] for rule in document["rules"] for one in rule["settings"] if one["changed"]]
    assert changed == ["strategy.pcr_max"]
    assert {rule["whose"] for rule in document["rules"]} == {"yours", "origin", "ours"}
