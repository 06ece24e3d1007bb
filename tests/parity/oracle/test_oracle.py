"""The oracle's own tables, against vectors worked out by hand in reference/market.md."""

from datetime import date
from decimal import Decimal

import pytest

from tests.parity.oracle.charges import round_trip
from tests.parity.oracle.estimate import call_value, implied_volatility
from tests.parity.oracle.levels import working_stop
from tests.parity.oracle.settings import Settings
from tests.parity.oracle.trading_days import days_left, previous_trading_day, traded_expiry, trading_days


@pytest.mark.parametrize(
    ("day", "buy", "sell", "quantity", "total"),
    [
        (date(2026, 11, 23), "45.50", "49.20", 250, "75.9450"),
        (date(2024, 9, 30), "45.50", "49.20", 250, "69.3646"),
        (date(2025, 12, 1), "45.50", "49.20", 250, "69.7950"),
        (date(2026, 11, 23), "30.00", "21.00", 500, "74.1211"),
    ],
)
def test_charges_agree_with_the_golden_vectors(day: date, buy: str, sell: str, quantity: int, total: str):
    charged = round_trip(day, Decimal(buy), Decimal(sell), quantity)
    assert charged.quantize(Decimal("0.0001")) == Decimal(total)


def test_the_calendar_knows_special_sessions_and_moved_expiries():
    assert len(trading_days(date(2026, 1, 1), date(2026, 1, 31))) == 20
    assert previous_trading_day(date(2025, 2, 3)) == date(2025, 2, 1)
    assert traded_expiry(date(2026, 11, 13), 4) == date(2026, 11, 23)
    assert traded_expiry(date(2026, 11, 17), 4) == date(2026, 12, 29)
    assert traded_expiry(date(2025, 2, 19), 4) == date(2025, 2, 27)
    assert days_left(date(2026, 1, 19), date(2026, 1, 27)) == 5


def test_the_solved_volatility_gives_the_price_back():
    price = call_value(1000.0, 1010.0, 20 / 365, 0.31)
    assert implied_volatility(price, 1000.0, 1010.0, 20 / 365) == pytest.approx(0.31, abs=1e-9)
    assert implied_volatility(0.0, 1000.0, 1010.0, 20 / 365) is None


def test_the_working_stop_is_the_lowest_tick_whose_loss_with_charges_fits():
    """20.00 x 750: from 14.00 up, the first level at which loss and charges are within 2,000 rupees."""
    day, entry, tick = date(2026, 1, 5), Decimal(20), Decimal("0.05")
    stop = working_stop(day, entry, 750, tick, Settings())
    assert stop is not None
    for level, fits in ((stop, True), (stop - tick, False)):
        loss = (entry - level) * 750 + round_trip(day, entry, level, 750)
        assert (loss <= 2000) is fits
    assert working_stop(day, entry, 750, tick, Settings(daily_limit=False)) == Decimal(14)
    assert working_stop(day, entry, 750, tick, Settings(when_stop_exceeds_limit="refuse")) is None
