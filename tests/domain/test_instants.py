"""Instants: nanoseconds in UTC inside, the exchange's wall clock at the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.instants import (
    IST,
    at,
    clock_of,
    day_of,
    from_datetime,
    iso_ms,
    midnight,
    to_datetime,
)

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
OPENING = 1_795_405_500_000_000_000


def test_the_opening_of_a_day_is_known():
    opening = at(date(2026, 11, 23), time(9, 15))
    assert opening == OPENING
    assert iso_ms(opening) == "2026-11-23T09:15:00.000+05:30"
    assert to_datetime(opening) == datetime(2026, 11, 23, 3, 45, tzinfo=UTC)


@given(DAYS, st.times())
def test_wall_clock_and_instant_go_both_ways(day: date, clock: time):
    instant = at(day, clock)
    assert (day_of(instant), clock_of(instant)) == (day, clock)
    assert from_datetime(to_datetime(instant)) == instant
    assert to_datetime(instant) == datetime.combine(day, clock, tzinfo=IST)


@given(DAYS)
def test_a_day_is_86_400_seconds_long(day: date):
    assert midnight(day + timedelta(days=1)) - midnight(day) == 86_400 * 10**9
    assert day_of(midnight(day) - 1) == day - timedelta(days=1)


def test_any_zone_is_understood_but_none_is_not():
    tokyo = timezone(timedelta(hours=9))
    assert from_datetime(datetime(2026, 11, 23, 12, 45, tzinfo=tokyo)) == OPENING
    with pytest.raises(ValueError, match="without a zone"):
        from_datetime(datetime(2026, 11, 23, 9, 15))  # noqa: DTZ001 - the mistake under test
