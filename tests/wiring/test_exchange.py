"""The days of the exchange server: those of the demo, with a theoretical price for every option."""

from __future__ import annotations

from datetime import date

import pytest

from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.simulator.kite import TradingDay
from ninefifteen.simulator.market import Listed
from ninefifteen.wiring.exchange import synthetic_days
from tests.simulator.synthetic_facts import rules

DAY = date(2026, 12, 2)


@pytest.fixture(scope="module")
def day() -> TradingDay:
    """A day of seed 7."""
    made = synthetic_days(Settings(), rules(), 7)(DAY)
    assert made is not None
    return made


def options(day: TradingDay, kind: str, *, later: bool = False) -> list[Listed]:
    """The options of one share and one expiry."""
    of_share = [one for one in day.market.listed if one.root == "INFY" and one.kind == kind]
    expiry = sorted({one.expiry for one in of_share if one.expiry is not None})[later]
    return sorted((one for one in of_share if one.expiry == expiry), key=lambda one: one.strike)


def test_calls_fall_and_puts_rise_with_the_strike_and_together_they_keep_parity(day: TradingDay) -> None:
    calls = [day.references(one) for one in options(day, "CE")]
    puts = [day.references(one) for one in options(day, "PE")]
    assert calls == sorted(calls, reverse=True)
    assert puts == sorted(puts)
    strikes = [one.strike for one in options(day, "CE")]
    sums = [
        call - put + strike * 0.995
        for call, put, strike in zip(calls, puts, strikes, strict=True)
        if put and call
    ]
    assert max(sums) - min(sums) < 200, "the same share price from every strike, to two rupees"


def test_only_the_traded_expiry_has_theoretical_prices(day: TradingDay) -> None:
    assert {day.references(one) for one in options(day, "CE", later=True)} == {0}


def test_an_exchange_of_the_day_begins_with_the_cash_it_is_given(day: TradingDay) -> None:
    exchange = day.exchange(12_345)
    assert (exchange.cash, exchange.free_cash) == (12_345, 12_345)


@pytest.mark.parametrize("closed", [date(2026, 11, 24), date(2026, 12, 5), date(2026, 11, 8)])
def test_holidays_weekends_and_special_sessions_do_not_trade(closed: date) -> None:
    assert synthetic_days(Settings(), rules(), 7)(closed) is None


def test_where_the_rules_end_the_days_end() -> None:
    with pytest.raises(BadInput, match="2027"):
        synthetic_days(Settings(), rules(), 7)(date(2027, 1, 4))
