"""The exchange's own calendar: which days trade, during which hours, and when options expire.

Everything comes from dated rows with a source (see docs/market-rules.md); nothing is guessed. A day
in a year whose list of holidays has not been loaded raises `NoCalendarData`, so the program refuses
to trade it instead of taking every weekday for a trading day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Literal, get_args

import msgspec

DayKind = Literal[
    "holiday", "open", "muhurat", "budget", "disaster_recovery", "exchange_test", "special", "year"
]
"""What a calendar row says: a closure, an ordinary session on a day listed as closed before, one of the
special sessions, or that the whole year of its date has been listed (`year`)."""

DAY_KINDS: tuple[str, ...] = get_args(DayKind)
SPECIAL_KINDS = frozenset(DAY_KINDS) - {"holiday", "open", "year"}
WARNING_DAYS = (30, 14)
"""Calendar days before the end of the data on which the user is warned once."""
LAST_WARNING_DAYS = 3
"""From this many days before the end on, and after it, the warning comes every day."""

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class NoCalendarData(ValueError):
    """The question needs a year, or an era, for which no calendar rows are loaded."""


class CalendarRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the calendar: what is known about `day` (IST date) and from where.

    `windows` are the hours of a special session; empty with `ordinary_hours` False means that the
    hours are not known. `origin` names the file the row was read from.
    """

    day: date
    kind: DayKind
    name: str
    source: str
    windows: tuple[tuple[time, time], ...] = ()
    ordinary_hours: bool = False
    origin: str = ""


class SessionTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The clock (IST) of an ordinary session from `effective_from` to `effective_to`, both inclusive.

    `preopen_final` is the earliest exchange time at which a pre-open price is final;
    `underlying_close` ends continuous trading of shares with derivatives, `derivatives_close` that of
    options; `last_observation` is the last instant at which a recorded price still counts.
    """

    effective_from: date
    effective_to: date | None
    preopen_start: time
    preopen_final: time
    open: time
    underlying_close: time
    derivatives_close: time
    exit_at: time
    last_observation: time
    source: str
    origin: str = ""


class PhaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A named phase of an ordinary session, by era; both dates inclusive, times IST."""

    effective_from: date
    effective_to: date | None
    name: str
    start: time
    end: time
    source: str
    origin: str = ""


class ExpiryRule(msgspec.Struct, frozen=True, kw_only=True):
    """The weekday (0 = Monday) on which the monthly series from `first_series` to `last_series` expire.

    A series is named by the first day of its month; the last such weekday of the month counts.
    """

    first_series: date
    last_series: date | None
    weekday: int
    source: str
    origin: str = ""


class Phase(msgspec.Struct, frozen=True):
    """A part of a session for a screen; `start` <= clock < `end`, IST."""

    name: str
    start: time
    end: time


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One trading day and its clock (IST).

    A special session (weekend, Muhurat, recovery site) is a trading day that the program does not
    trade. A short one has no pre-open of its own here: `preopen_start` and `preopen_final` equal
    `open`, and `exit_at` the close. Where `hours_known` is False the times are those of an ordinary
    day and mean nothing.
    """

    day: date
    special: bool
    kind: str
    name: str
    preopen_start: time
    preopen_final: time
    open: time
    underlying_close: time
    derivatives_close: time
    exit_at: time
    last_observation: time
    hours_known: bool
    phases: tuple[Phase, ...]


class TradingCalendar:
    """Trading days, sessions and monthly expiries of the National Stock Exchange, from dated rows.

    Rows of the same day override each other: the last one given is in force. Every question that
    touches a year without a `year` row raises `NoCalendarData`.
    """

    def __init__(
        self,
        rows: Iterable[CalendarRow],
        times: Sequence[SessionTimes],
        phases: Sequence[PhaseRow],
        expiry_rules: Sequence[ExpiryRule],
    ) -> None:
        self._rows: dict[date, CalendarRow] = {}
        years: set[int] = set()
        for row in rows:
            if row.kind == "year":
                years.add(row.day.year)
            else:
                self._rows[row.day] = row
        self._years = frozenset(years)
        self._times, self._phases, self._expiry_rules = tuple(times), tuple(phases), tuple(expiry_rules)
        self._days = [day for year in sorted(years) for day in self._days_of(year)]
        self._day_set = frozenset(self._days)
        self._sessions: dict[date, Session] = {}
        self._expiries: dict[tuple[int, int], date] = {}

    def _days_of(self, year: int) -> list[date]:
        first = date(year, 1, 1).toordinal()
        days = (date.fromordinal(n) for n in range(first, date(year + 1, 1, 1).toordinal()))
        return [day for day in days if self._trades(day)]

    def _trades(self, day: date) -> bool:
        row = self._rows.get(day)
        return day.weekday() < _SATURDAY if row is None else row.kind != "holiday"

    def covers(self, year: int) -> bool:
        """Whether the complete list of closures and special sessions of `year` is loaded."""
        return year in self._years

    @property
    def years(self) -> tuple[int, ...]:
        """The years with complete data, ascending."""
        return tuple(sorted(self._years))

    def _require(self, first_year: int, last_year: int) -> None:
        for year in range(first_year, last_year + 1):
            if year not in self._years:
                raise NoCalendarData(
                    f"no calendar data for {year}: load the exchange's list of holidays of that year "
                    "with `ninefifteen calendar import FILE`"
                )

    def is_trading_day(self, day: date) -> bool:
        """Whether the exchange trades on `day`, special sessions included."""
        self._require(day.year, day.year)
        return day in self._day_set

    def row(self, day: date) -> CalendarRow | None:
        """The calendar row in force for `day`; None for a day on which only the weekday decides."""
        return self._rows.get(day)

    def trading_days(self, first: date, last: date) -> list[date]:
        """All trading days from `first` to `last`, both inclusive, ascending."""
        if last < first:
            return []
        self._require(first.year, last.year)
        return self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def previous(self, day: date) -> date:
        """The last trading day before `day`."""
        at = bisect_left(self._days, day) - 1
        found = self._days[at] if at >= 0 else date(day.year - 1, 12, 31)
        self._require(found.year, (day - _ONE_DAY).year)
        return found

    def next(self, day: date) -> date:
        """The first trading day after `day`."""
        at = bisect_right(self._days, day)
        found = self._days[at] if at < len(self._days) else date(day.year + 1, 1, 1)
        self._require((day + _ONE_DAY).year, found.year)
        return found

    def days_left(self, day: date, expiry: date) -> int:
        """Trading days after `day` up to and including `expiry` (design/strategy.md, step 4).

        0 on the expiry day; raises ValueError when the expiry has passed.
        """
        if expiry < day:
            raise ValueError(f"the expiry {expiry} is before {day}")
        self._require(day.year, expiry.year)
        return bisect_right(self._days, expiry) - bisect_right(self._days, day)

    def session(self, day: date) -> Session | None:
        """The session of `day`; None when the exchange is closed."""
        known = self._sessions.get(day)
        if known is not None:
            return known
        if not self.is_trading_day(day):
            return None
        session = self._sessions[day] = self._build_session(day)
        return session

    def _build_session(self, day: date) -> Session:
        row = self._rows.get(day)
        era = next((e for e in reversed(self._times) if _in_force(e, day)), None)
        if era is None:
            raise NoCalendarData(f"no session times for {day}: add a row to rules/session_times.csv")
        if row is not None and row.windows:
            return _short_session(row)
        special = row is not None and row.kind in SPECIAL_KINDS
        hours_known = row is None or not special or row.ordinary_hours
        phases = [Phase(p.name, p.start, p.end) for p in self._phases if _in_force(p, day)]
        return Session(
            day=day,
            special=special,
            kind=row.kind if row is not None and special else "ordinary",
            name=row.name if row is not None and special else "",
            preopen_start=era.preopen_start,
            preopen_final=era.preopen_final,
            open=era.open,
            underlying_close=era.underlying_close,
            derivatives_close=era.derivatives_close,
            exit_at=era.exit_at,
            last_observation=era.last_observation,
            hours_known=hours_known,
            phases=tuple(sorted(phases, key=lambda p: p.start)) if hours_known else (),
        )

    def monthly_expiry(self, year: int, month: int) -> date:
        """The day on which the stock options of that month's series expire.

        The last Thursday or Tuesday of the month by the rule of the series; on a holiday the last
        ordinary trading day before it. A special session is no expiry day: a Muhurat day is on the
        exchange's holiday list.
        """
        known = self._expiries.get((year, month))
        if known is not None:
            return known
        self._require(year, year)
        series = date(year, month, 1)
        weekday = self._expiry_weekday(series)
        day = date(year + month // 12, month % 12 + 1, 1) - _ONE_DAY
        while day.weekday() != weekday:
            day -= _ONE_DAY
        while not self._ordinary(day):
            day -= _ONE_DAY
        self._expiries[(year, month)] = day
        return day

    def _expiry_weekday(self, series: date) -> int:
        for rule in reversed(self._expiry_rules):
            if rule.first_series <= series and (rule.last_series is None or series <= rule.last_series):
                return rule.weekday
        raise NoCalendarData(
            f"no expiry rule for the series {series:%Y-%m}: add one to rules/expiry_rules.csv"
        )

    def _ordinary(self, day: date) -> bool:
        self._require(day.year, day.year)
        row = self._rows.get(day)
        return day in self._day_set and (row is None or row.kind not in SPECIAL_KINDS)

    def expiries(self, day: date, count: int) -> list[date]:
        """The next `count` monthly expiries on or after `day`; raises rather than give fewer."""
        found: list[date] = []
        year, month = day.year, day.month
        while len(found) < count:
            expiry = self.monthly_expiry(year, month)
            if expiry >= day:
                found.append(expiry)
            year, month = year + month // 12, month % 12 + 1
        return found

    def traded_expiry(self, day: date, roll_days: int) -> date:
        """The nearest monthly expiry with more than `roll_days` trading days left after `day`."""
        year, month = day.year, day.month
        while True:
            expiry = self.monthly_expiry(year, month)
            if expiry >= day and self.days_left(day, expiry) > roll_days:
                return expiry
            year, month = year + month // 12, month % 12 + 1

    def data_end(self, today: date) -> date | None:
        """The last day up to which the years follow each other without a gap from `today`; None if none."""
        if today.year not in self._years:
            return None
        year = today.year
        while year + 1 in self._years:
            year += 1
        return date(year, 12, 31)

    def last_tradable(self, today: date, roll_days: int) -> date | None:
        """The last day whose traded expiry the years known from `today` on can tell; None if none."""
        end = self.data_end(today)
        if end is None:
            return None
        expiry = self.monthly_expiry(end.year, 12)
        before = self.trading_days(date(end.year, 1, 1), expiry)
        return before[-2 - roll_days]

    def missing_data_warning(self, today: date, roll_days: int | None = None) -> str | None:
        """One line for the user when the calendar is about to end or has ended, else None.

        With `roll_days` it counts to the last day that can be traded, which comes before the end: the
        next month's expiry lies beyond it. It comes on the 30th and the 14th day before (or the first
        trading day after such a day, if that one is closed), and daily from the third day on.
        """
        end = self.data_end(today)
        load = "load the exchange's new list with `ninefifteen calendar import FILE`"
        if end is None:
            return f"There is no market calendar for {today.year}: nothing is traded; {load}."
        last = end if roll_days is None else self.last_tradable(today, roll_days) or end
        left = (last - today).days
        if left > LAST_WARNING_DAYS and not any(
            self._reached(last - timedelta(n), today) for n in WARNING_DAYS
        ):
            return None
        if last != end:
            when = (
                f"in {left} days"
                if left > 1
                else "tomorrow"
                if left == 1
                else "today"
                if not left
                else "past"
            )
            return (
                f"The last day that can be traded is {last.day} {last:%b %Y}, {when}: the calendar ends on "
                f"{end.day} {end:%b %Y}, before the next expiry; {load}."
            )
        when = "today" if not left else f"in {left} day{'s' if left > 1 else ''}"
        return (
            f"The market calendar ends on {end.day} {end:%b %Y}, {when}; contracts that expire after "
            f"it cannot be traded even before: {load}."
        )

    def _reached(self, due: date, today: date) -> bool:
        return due == today or (due < today and today in self._day_set and self.previous(today) < due)


def _in_force(row: SessionTimes | PhaseRow, day: date) -> bool:
    return row.effective_from <= day and (row.effective_to is None or day <= row.effective_to)


def _short_session(row: CalendarRow) -> Session:
    start, end = row.windows[0][0], row.windows[-1][1]
    return Session(
        day=row.day,
        special=True,
        kind=row.kind,
        name=row.name,
        preopen_start=start,
        preopen_final=start,
        open=start,
        underlying_close=end,
        derivatives_close=end,
        exit_at=end,
        last_observation=end,
        hours_known=True,
        phases=tuple(Phase("special session", a, b) for a, b in row.windows),
    )
