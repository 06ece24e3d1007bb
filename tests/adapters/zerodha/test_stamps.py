"""Times are India's on any host, prices become whole paise exactly or not at all."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ninefifteen.adapters.zerodha.stamps import amount, decode, exact, instant, nearest, written
from ninefifteen.domain.instants import SECOND, at

BELL = at(date(2026, 11, 23), time(9, 15, 1))


def test_a_stamp_without_a_zone_is_india_s() -> None:
    assert instant("2026-11-23 09:15:01") == BELL


def test_a_stamp_with_an_offset_says_so_itself() -> None:
    assert instant("2026-11-23T09:15:01+0530") == BELL
    assert instant("2026-11-23T03:45:01+00:00") == BELL


@pytest.mark.parametrize("nothing", [None, "", "1970-01-01 05:30:00", "0001-01-01 00:00:00"])
def test_never_is_zero(nothing: str | None) -> None:
    assert instant(nothing) == 0


@pytest.mark.parametrize(
    "wrong", ["2026-11-23", "09:15:01", "2026-13-01 00:00:00", "today", "20261123T091501"]
)
def test_what_is_no_date_and_time_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        instant(wrong)


@given(some.integers(0, 10**9))
def test_a_stamp_written_is_read_back_to_the_second(seconds: int) -> None:
    moment = BELL + seconds * SECOND
    assert instant(written(moment + 999_999_999)) == moment


@pytest.mark.parametrize(("rupees", "paise"), [("156.7", 15670), ("0.05", 5), ("0", 0), ("1E+2", 10000)])
def test_prices_are_exact(rupees: str, paise: int) -> None:
    assert exact(Decimal(rupees)) == paise == nearest(Decimal(rupees))


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-1", "1E+99", "10000000.01", "156.705"])
def test_what_is_no_price_in_paise_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"rupees|paise"):
        exact(Decimal(wrong))


@pytest.mark.parametrize("wrong", ["-0.01", "1E+999999999", "-Infinity"])
def test_what_is_no_price_at_all_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"rupees|negative"):
        nearest(Decimal(wrong))


def test_a_number_that_is_none_is_no_price() -> None:
    with pytest.raises(ValueError, match="not an amount"):
        nearest(Decimal("NaN"))


def test_averages_and_sums_go_to_the_nearest_paisa() -> None:
    assert nearest(Decimal("159.8249")) == 15982
    assert nearest(Decimal("159.825")) == 15983
    assert amount(Decimal("-29151.225000000002")) == -2915123
    assert amount(Decimal("0.011372219999999999")) == 1


def test_json_nested_beyond_reason_is_a_plain_error() -> None:
    with pytest.raises(ValueError, match="nested"):
        decode(b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", dict[str, object])
