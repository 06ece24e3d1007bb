"""The exchange's calendar: sessions, holidays, expiries, the roll rule, and refusing what is not known."""

from __future__ import annotations

import warnings
from datetime import date, time, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.calendar import (
    CalendarRow,
    ExpiryRule,
    NoCalendarData,
    SessionTimes,
    TradingCalendar,
)

WEEKEND_SESSIONS = {
    2025: [date(2025, 2, 1)],
    2026: [date(2026, 2, 1), date(2026, 11, 8)],
}
CASH = "cash_bhavcopy/cash_bhavcopy_fno_2019-08_2026-01.parquet"


@pytest.fixture(scope="module")
def calendar() -> TradingCalendar:
    return load_rules().calendar


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_trading_days_are_those_of_pandas_market_calendars_and_the_weekend_sessions(
    calendar: TradingCalendar, year: int
) -> None:
    markets = pytest.importorskip("pandas_market_calendars")
    schedule = markets.get_calendar("NSE").schedule(f"{year}-01-01", f"{year}-12-31")
    theirs = sorted([*(stamp.date() for stamp in schedule.index), *WEEKEND_SESSIONS[year]])
    assert calendar.trading_days(date(year, 1, 1), date(year, 12, 31)) == theirs


@pytest.fixture(scope="module")
def bombay_days() -> set[date]:
    """The trading days of exchange_calendars' XBOM, which knows no special session."""
    exchanges = pytest.importorskip("exchange_calendars")
    with warnings.catch_warnings():  # its own use of pandas is not ours to mend
        warnings.simplefilter("ignore", DeprecationWarning)
        bombay = exchanges.get_calendar("XBOM", start="2013-01-01", end="2026-12-31")
    days = {stamp.date() for stamp in bombay.sessions}
    # It has Muharram of 2013 on 14 November; minute data show trading then and none on the 15th.
    return (days | {date(2013, 11, 14)}) - {date(2013, 11, 15)}


@pytest.mark.parametrize("year", range(2013, 2027))
def test_every_year_agrees_with_exchange_calendars_but_for_the_special_sessions(
    calendar: TradingCalendar, bombay_days: set[date], year: int
) -> None:
    theirs = {day for day in bombay_days if day.year == year}
    ours = calendar.trading_days(date(year, 1, 1), date(year, 12, 31))
    assert {day for day in ours if calendar.row(day) is None} <= theirs
    assert theirs <= set(ours)


def test_the_day_after_the_holiday_of_24_november_2026_follows_the_expiry_of_the_23rd(
    calendar: TradingCalendar,
) -> None:
    assert not calendar.is_trading_day(date(2026, 11, 24))
    assert calendar.session(date(2026, 11, 24)) is None
    assert calendar.next(date(2026, 11, 23)) == date(2026, 11, 25)
    assert calendar.previous(date(2026, 11, 25)) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("month", "expiry"),
    [
        ("2018-03", "2018-03-28"),  # 29 March was a holiday
        ("2023-06", "2023-06-28"),  # Bakri Id was moved to the expiry day
        ("2025-02", "2025-02-27"),
        ("2025-08", "2025-08-28"),  # the last Thursday series
        ("2025-09", "2025-09-30"),  # the first Tuesday series
        ("2025-12", "2025-12-30"),
        ("2026-01", "2026-01-27"),
        ("2026-03", "2026-03-30"),  # 31 March was a holiday
        ("2026-11", "2026-11-23"),  # Monday: 24 November is a holiday
        ("2026-12", "2026-12-29"),
    ],
)
def test_a_series_expires_on_the_last_thursday_or_tuesday_or_the_trading_day_before(
    calendar: TradingCalendar, month: str, expiry: str
) -> None:
    year, number = map(int, month.split("-"))
    assert calendar.monthly_expiry(year, number) == date.fromisoformat(expiry)


def test_an_expiry_never_moves_to_a_special_session() -> None:
    diwali = date(2026, 3, 31)
    rows = [
        _row("2026-01-01", "year"),
        _row(diwali.isoformat(), "holiday"),
        _row("2026-03-30", "muhurat"),
    ]
    assert _calendar(rows).monthly_expiry(2026, 3) == date(2026, 3, 27)
    assert _calendar(rows).previous(diwali) == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("day", "days_left", "traded"),
    [
        ("2026-11-16", 5, "2026-11-23"),
        ("2026-11-17", 4, "2026-12-29"),
        ("2026-11-18", 3, "2026-12-29"),
        ("2026-11-19", 2, "2026-12-29"),
        ("2026-11-20", 1, "2026-12-29"),
        ("2026-11-23", 0, "2026-12-29"),
        ("2026-11-24", None, "2026-12-29"),
        ("2026-12-21", 5, "2026-12-29"),
    ],
)
def test_the_next_month_is_traded_from_the_fourth_trading_day_before_the_expiry_on(
    calendar: TradingCalendar, day: str, days_left: int | None, traded: str
) -> None:
    today = date.fromisoformat(day)
    assert calendar.traded_expiry(today, 4) == date.fromisoformat(traded)
    if days_left is not None:
        nearest = calendar.expiries(today, 1)[0]
        assert calendar.days_left(today, nearest) == days_left


def test_without_a_roll_the_nearest_expiry_is_traded_up_to_the_day_before_it(
    calendar: TradingCalendar,
) -> None:
    assert calendar.traded_expiry(date(2026, 11, 20), 0) == date(2026, 11, 23)
    assert calendar.traded_expiry(date(2026, 11, 23), 0) == date(2026, 12, 29)


@pytest.mark.parametrize("day", [22, 23, 24, 28, 29, 30, 31])
def test_a_roll_into_a_year_without_data_is_refused_and_not_guessed(
    calendar: TradingCalendar, day: int
) -> None:
    with pytest.raises(NoCalendarData, match="no calendar data for 2027"):
        calendar.traded_expiry(date(2026, 12, day), 4)


def test_the_next_expiries_start_with_the_day_itself(calendar: TradingCalendar) -> None:
    assert calendar.expiries(date(2026, 11, 23), 2) == [date(2026, 11, 23), date(2026, 12, 29)]
    with pytest.raises(NoCalendarData):
        calendar.expiries(date(2026, 11, 23), 3)


def test_an_expiry_in_the_past_has_no_days_left(calendar: TradingCalendar) -> None:
    with pytest.raises(ValueError, match="before"):
        calendar.days_left(date(2026, 11, 25), date(2026, 11, 23))


def test_a_year_without_data_refuses_every_question(calendar: TradingCalendar) -> None:
    day = date(2027, 1, 4)
    assert calendar.covers(2026)
    assert not calendar.covers(2027)
    for ask in (calendar.is_trading_day, calendar.session, calendar.next, calendar.previous):
        with pytest.raises(NoCalendarData, match="2027"):
            ask(day)
    with pytest.raises(NoCalendarData, match="2027"):
        calendar.next(date(2026, 12, 31))
    with pytest.raises(NoCalendarData, match="2027"):
        calendar.trading_days(date(2026, 12, 1), day)
    with pytest.raises(NoCalendarData, match="2027"):
        calendar.monthly_expiry(2027, 1)
    with pytest.raises(NoCalendarData, match="2012"):
        calendar.previous(date(2013, 1, 1))
    assert calendar.previous(date(2027, 1, 1)) == date(2026, 12, 31)


def test_one_holiday_of_a_new_year_does_not_open_that_year() -> None:
    calendar = _calendar([_row("2026-01-01", "year"), _row("2027-01-26", "holiday")])
    assert not calendar.covers(2027)
    opened = _calendar(
        [_row("2026-01-01", "year"), _row("2027-01-26", "holiday"), _row("2027-01-01", "year")]
    )
    assert opened.monthly_expiry(2027, 1) == date(2027, 1, 25)
    assert opened.traded_expiry(date(2026, 12, 24), 4) == date(2027, 1, 25)


def test_a_later_row_overrides_an_earlier_one() -> None:
    rows = [_row("2026-01-01", "year"), _row("2026-09-14", "holiday"), _row("2026-09-14", "open")]
    assert _calendar(rows).is_trading_day(date(2026, 9, 14))
    assert not _calendar(rows[:2]).is_trading_day(date(2026, 9, 14))


@pytest.mark.parametrize(
    ("day", "final", "close", "derivatives", "exit_at", "last"),
    [
        ("2026-07-31", "09:08:45", "15:30", "15:30", "15:15", "15:30"),
        ("2026-08-03", "09:08:45", "15:15", "15:40", "15:10", "15:40"),
        ("2026-09-04", "09:08:45", "15:15", "15:40", "15:10", "15:40"),
        ("2026-09-07", "09:12:00", "15:15", "15:40", "15:10", "15:40"),
    ],
)
def test_the_hours_of_a_day_are_those_of_its_era(  # noqa: PLR0917 - one row of the table
    calendar: TradingCalendar, day: str, final: str, close: str, derivatives: str, exit_at: str, last: str
) -> None:
    session = calendar.session(date.fromisoformat(day))
    assert session is not None
    assert not session.special
    assert (session.preopen_start, session.open) == (time(9), time(9, 15))
    assert session.preopen_final == time.fromisoformat(final)
    assert session.underlying_close == time.fromisoformat(close)
    assert session.derivatives_close == time.fromisoformat(derivatives)
    assert session.exit_at == time.fromisoformat(exit_at)
    assert session.last_observation == time.fromisoformat(last)


@pytest.mark.parametrize("day", ["2020-06-01", "2026-08-10", "2026-11-23"])
def test_the_phases_of_a_day_follow_each_other_from_the_pre_open_to_the_close(
    calendar: TradingCalendar, day: str
) -> None:
    session = calendar.session(date.fromisoformat(day))
    assert session is not None
    assert session.phases[0].start == session.preopen_start
    for before, after in zip(session.phases, session.phases[1:], strict=False):
        assert before.end == after.start or after.name == "post-close"
    assert [phase.start for phase in session.phases if phase.name == "continuous trading"] == [session.open]
    assert session.derivatives_close in {phase.end for phase in session.phases}


def test_a_special_session_is_a_trading_day_with_its_own_hours(calendar: TradingCalendar) -> None:
    muhurat = calendar.session(date(2025, 10, 21))
    assert muhurat is not None
    assert muhurat.special
    assert (muhurat.kind, muhurat.open, muhurat.derivatives_close) == ("muhurat", time(13, 45), time(14, 45))
    assert calendar.previous(date(2025, 10, 23)) == date(2025, 10, 21)
    two_parts = calendar.session(date(2024, 3, 2))
    assert two_parts is not None
    assert [(p.start, p.end) for p in two_parts.phases] == [
        (time(9, 15), time(10)),
        (time(11, 30), time(12, 30)),
    ]
    budget = calendar.session(date(2026, 2, 1))
    assert budget is not None
    assert (budget.special, budget.hours_known, budget.open) == (True, True, time(9, 15))


def test_a_special_session_without_known_hours_says_so(calendar: TradingCalendar) -> None:
    session = calendar.session(date(2026, 11, 8))
    assert session is not None
    assert (session.special, session.hours_known, session.phases) == (True, False, ())


def test_the_user_is_warned_30_14_and_3_days_before_the_end_and_daily_from_then_on(
    calendar: TradingCalendar,
) -> None:
    end = date(2026, 12, 31)
    days = [date(2026, 11, 20) + timedelta(n) for n in range(60)]
    warned = [(end - day).days for day in days if calendar.missing_data_warning(day)]
    assert warned == [30, 14, *range(3, -19, -1)]
    assert "in 14 days" in (calendar.missing_data_warning(date(2026, 12, 17)) or "")
    assert "no market calendar for 2027" in (calendar.missing_data_warning(date(2027, 1, 1)) or "")


def test_a_warning_that_falls_on_a_closed_day_comes_on_the_next_trading_day() -> None:
    calendar = _calendar([_row("2026-01-01", "year"), _row("2026-12-01", "holiday")])
    assert calendar.missing_data_warning(date(2026, 12, 1)) is not None
    assert calendar.missing_data_warning(date(2026, 12, 2)) is not None
    assert calendar.missing_data_warning(date(2026, 12, 3)) is None


def test_every_day_of_the_cash_bhavcopy_is_a_trading_day(calendar: TradingCalendar, real_data: Path) -> None:
    days = set(pq.read_table(real_data / CASH, columns=["date"])["date"].unique().to_pylist())
    assert len(days) > 1000
    assert sorted(day for day in days if not calendar.is_trading_day(day)) == []


def test_where_previous_closes_join_two_recorded_days_no_trading_day_lies_between_them(
    calendar: TradingCalendar, real_data: Path
) -> None:
    """The data leave days out, but a day's previous close tells whether the exchange traded in between."""
    table = pq.read_table(real_data / CASH, columns=["date", "symbol", "prev_close", "close"])
    table = table.sort_by([("symbol", "ascending"), ("date", "ascending")])
    same = pc.equal(table["symbol"][1:], table["symbol"][:-1])
    joined = pc.less(pc.abs(pc.subtract(table["prev_close"][1:], table["close"][:-1])), 0.006)
    votes: dict[tuple[date, date], list[bool]] = {}
    columns = (table["date"][:-1], table["date"][1:], same, joined)
    for day, following, one_stock, fits in zip(*(c.to_pylist() for c in columns), strict=True):
        if one_stock:
            votes.setdefault((day, following), []).append(fits)
    pairs = {pair: sum(v) / len(v) for pair, v in votes.items() if len(v) > 100}
    assert len(pairs) > 1000
    wrong = [pair for pair, share in pairs.items() if (calendar.next(pair[0]) == pair[1]) != (share > 0.9)]
    assert wrong == []


def test_the_contracts_of_real_instrument_lists_expire_on_our_days(
    calendar: TradingCalendar, real_data: Path
) -> None:
    table = pq.read_table(
        real_data / "fo_bhavcopy/fo_bhavcopy_2025-02.parquet", columns=["expiry", "instrument"]
    )
    listed = table.filter(pc.equal(table["instrument"], "STO"))["expiry"].unique().to_pylist()
    assert sorted(listed) == calendar.expiries(date(2025, 2, 3), 3)
    chain = real_data / "options_intraday/stock_chain_2026-01-21_2026-01-29.parquet"
    recorded = pq.read_table(chain, columns=["expiry"])["expiry"].unique().to_pylist()
    assert sorted(recorded) == calendar.expiries(date(2026, 1, 21), 2)


def _row(day: str, kind: str) -> CalendarRow:
    return CalendarRow(day=date.fromisoformat(day), kind=kind, name=kind, source="test")  # type: ignore[arg-type]


def _calendar(rows: list[CalendarRow]) -> TradingCalendar:
    times = SessionTimes(
        effective_from=date(2010, 1, 1),
        effective_to=None,
        preopen_start=time(9),
        preopen_final=time(9, 12),
        open=time(9, 15),
        underlying_close=time(15, 15),
        derivatives_close=time(15, 40),
        exit_at=time(15, 10),
        last_observation=time(15, 40),
        source="test",
    )
    tuesday = ExpiryRule(first_series=date(2010, 1, 1), last_series=None, weekday=1, source="test")
    return TradingCalendar(rows, [times], [], [tuesday])


def test_a_day_without_session_times_or_a_series_without_an_expiry_rule_is_refused() -> None:
    calendar = TradingCalendar([_row("2026-01-01", "year")], [], [], [])
    with pytest.raises(NoCalendarData, match=r"rules/session_times\.csv"):
        calendar.session(date(2026, 11, 23))
    with pytest.raises(NoCalendarData, match=r"series 2026-11: add one to rules/expiry_rules\.csv"):
        calendar.monthly_expiry(2026, 11)


def test_a_range_that_ends_before_it_begins_holds_no_day(calendar: TradingCalendar) -> None:
    assert calendar.trading_days(date(2026, 11, 23), date(2026, 11, 20)) == []
    assert calendar.years == tuple(range(2013, 2027))


def test_a_running_bot_is_warned_before_the_last_day_it_can_trade(calendar: TradingCalendar) -> None:
    """21 Dec 2026 is the last day whose traded expiry (29 Dec, more than 4 days left) is known."""
    assert calendar.last_tradable(date(2026, 12, 1), 4) == date(2026, 12, 21)
    assert calendar.traded_expiry(date(2026, 12, 21), 4) == date(2026, 12, 29)
    days = calendar.trading_days(date(2026, 11, 1), date(2026, 12, 21))
    warned = [(date(2026, 12, 21) - day).days for day in days if calendar.missing_data_warning(day, 4)]
    assert warned == [28, 14, 3, 0]
    assert "is 21 Dec 2026, today" in (calendar.missing_data_warning(date(2026, 12, 21), 4) or "")
    assert calendar.last_tradable(date(2027, 1, 4), 4) is None
