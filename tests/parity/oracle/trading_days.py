"""Trading days, special sessions, session times and monthly expiries (D1, D2, C1).

Literal tables from `reference/market.md` sections 1.1, 1.4, 2 and 8; only 2025 and 2026 are known.
"""

from datetime import date, time, timedelta

from .settings import Wrong

YEARS = (2025, 2026)


def _dates(year: int, text: str) -> set[date]:
    return {date(year, int(m), int(d)) for d, m in (pair.split("/") for pair in text.split())}


# Weekday closures. 21 Oct 2025 held the Muhurat session only, so it is listed below, not here.
CLOSED = _dates(2025, "26/2 14/3 31/3 10/4 14/4 18/4 1/5 15/8 27/8 2/10 22/10 5/11 25/12") | _dates(
    2026, "15/1 26/1 3/3 26/3 31/3 3/4 14/4 1/5 28/5 26/6 14/9 2/10 20/10 10/11 24/11 25/12"
)
# Budget Saturday, Muhurat 2025, Budget Sunday, Muhurat 2026.
SPECIAL = _dates(2025, "1/2 21/10") | _dates(2026, "1/2 8/11")

CLOSING_AUCTION_FROM = date(2026, 8, 3)
TUESDAY_EXPIRY_FROM = date(2025, 9, 1)
THURSDAY, TUESDAY = 3, 1


def is_special(day: date) -> bool:
    """D2: a session that is never traded, but counts as a trading day."""
    return day in SPECIAL


def is_trading_day(day: date) -> bool:
    """D1: from the dated list, never from the days found in the data."""
    if day.year not in YEARS:
        raise Wrong(f"{day}: the oracle's calendar knows {YEARS[0]} to {YEARS[-1]} only")
    if day in SPECIAL:
        return True
    return day.weekday() < 5 and day not in CLOSED


def trading_days(first: date, last: date) -> list[date]:
    """Every trading day from `first` to `last`, both inclusive (D1)."""
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in span if is_trading_day(day)]


def previous_trading_day(day: date) -> date:
    """The newest trading day before `day`; a special session counts (D2)."""
    day -= timedelta(days=1)
    while not is_trading_day(day):
        day -= timedelta(days=1)
    return day


def days_left(day: date, expiry: date) -> int:
    """The number of trading days after `day` up to and including `expiry`; 0 on the expiry day."""
    return len(trading_days(day + timedelta(days=1), expiry))


def monthly_expiry(year: int, month: int) -> date:
    """C1: last Thursday up to the August 2025 series, last Tuesday after it; a holiday moves it back."""
    weekday = TUESDAY if date(year, month, 1) >= TUESDAY_EXPIRY_FROM else THURSDAY
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    day = first_of_next - timedelta(days=1)
    while day.weekday() != weekday:
        day -= timedelta(days=1)
    return day if is_trading_day(day) else previous_trading_day(day)


def traded_expiry(day: date, roll_days: int) -> date:
    """The nearest monthly expiry with days_left > roll_days (C1)."""
    year, month = day.year, day.month
    while True:
        expiry = monthly_expiry(year, month)
        if expiry > day and days_left(day, expiry) > roll_days:
            return expiry
        year, month = year + month // 12, month % 12 + 1


def exit_time(day: date) -> time:
    """`exit_at` of the day: 15:10 in the closing auction era, 15:15 before it."""
    return time(15, 10) if day >= CLOSING_AUCTION_FROM else time(15, 15)


def last_exit_time(day: date) -> time:
    """X2: an observation after this is not an exit."""
    return time(15, 40) if day >= CLOSING_AUCTION_FROM else time(15, 30)
