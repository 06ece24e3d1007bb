"""Where the exchange's day stands and what comes next, for a screen that counts down to it."""

from __future__ import annotations

from datetime import date

import msgspec

from ninefifteen.domain.calendar import NoCalendarData, TradingCalendar
from ninefifteen.domain.instants import Instant, at, day_of
from ninefifteen.runtime.views import View

from .documents import Document
from .kept import stamp


class Following(msgspec.Struct, frozen=True):
    """The next trading day and its session."""

    date: date
    open_at: Instant
    close_at: Instant


def following(calendar: TradingCalendar, day: date) -> Following | None:
    """The first trading day after `day`; None where the calendar does not know."""
    try:
        found = calendar.next(day)
        session = calendar.session(found)
    except NoCalendarData:
        return None
    if session is None:
        return None
    return Following(found, at(found, session.open), at(found, session.derivatives_close))


def session_document(view: View, now: Instant, after: Following | None) -> Document:
    """The phase of an open day: pre_open, open, square_off (nothing is held from then on) or closed."""
    if view.ended or now >= view.close_at:
        return _closed("closed", after)
    steps = (
        ("pre_open", "open", view.open_at),
        ("open", "square_off", view.square_off_at),
        ("square_off", "close", view.close_at),
    )
    phase, upcoming, due = next(step for step in steps if now < step[2] or step[0] == "square_off")
    return {"phase": phase, "next": upcoming, "next_at": stamp(due)} | _after(after)


def session_between(calendar: TradingCalendar | None, now: Instant) -> Document:
    """The same while no day is open: closed, holiday, or pre_open on a day that trades and is yet to open."""
    if calendar is None:
        return _closed("closed", None)
    today = day_of(now)
    after = following(calendar, today)
    try:
        session = calendar.session(today)
    except NoCalendarData:
        return _closed("closed", after)
    if session is None:
        return _closed("holiday", after)
    opens = at(today, session.open)
    if now >= opens:
        return _closed("closed", after)
    phase = "pre_open" if now >= at(today, session.preopen_start) else "closed"
    return {"phase": phase, "next": "open", "next_at": stamp(opens)} | _after(
        Following(today, opens, at(today, session.derivatives_close))
    )


def _closed(phase: str, after: Following | None) -> Document:
    return {
        "phase": phase,
        "next": None if after is None else "open",
        "next_at": None if after is None else stamp(after.open_at),
    } | _after(after)


def _after(after: Following | None) -> Document:
    return {
        "next_day": None if after is None else after.date.isoformat(),
        "next_open_at": None if after is None else stamp(after.open_at),
        "next_close_at": None if after is None else stamp(after.close_at),
    }
