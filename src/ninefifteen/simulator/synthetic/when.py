"""Which trading day a seed stands for."""

from __future__ import annotations

from datetime import date

from ninefifteen.domain.calendar import NoCalendarData, TradingCalendar

from .streams import number

FIRST = date(2026, 9, 7)
LAST = date(2026, 12, 31)
ROLL_DAYS = 4


def demo_date(seed: int, calendar: TradingCalendar, roll_days: int = ROLL_DAYS) -> date:
    """The trading day of `seed`, from 7 Sep to 31 Dec 2026, the same on any day it is asked for.

    Special sessions are left out, and days whose traded expiry the calendar cannot tell yet. Raises
    NoCalendarData when no day is left.
    """
    days = [day for day in calendar.trading_days(FIRST, LAST) if _tradable(calendar, day, roll_days)]
    if not days:
        raise NoCalendarData(f"no ordinary trading day with a known expiry from {FIRST} to {LAST}")
    return days[number(seed, "date") % len(days)]


def _tradable(calendar: TradingCalendar, day: date, roll_days: int) -> bool:
    session = calendar.session(day)
    if session is None or session.special:
        return False
    try:
        calendar.traded_expiry(day, roll_days)
    except NoCalendarData:
        return False
    return True
