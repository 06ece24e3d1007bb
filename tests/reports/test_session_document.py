"""Where the exchange's day stands, and what is counted down to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.instants import IST, from_datetime
from ninefifteen.reports.session_document import following, session_between, session_document
from ninefifteen.runtime.views import view_of
from tests.engine.builders import DAY, Desk, clock

CALENDAR = load_rules().calendar
AFTER = following(CALENDAR, DAY)


def session(at: str) -> dict[str, Any]:
    view = view_of(Desk().open().engine.state)
    assert view is not None
    return session_document(view, clock(at), AFTER)


@pytest.mark.parametrize(
    ("at", "phase", "upcoming", "due"),
    [
        ("09:13:30", "pre_open", "open", "2026-12-02T09:15:00"),
        ("09:15:00", "open", "square_off", "2026-12-02T15:10:00"),
        ("15:10:00", "square_off", "close", "2026-12-02T15:40:00"),
        ("15:40:00", "closed", "open", "2026-12-03T09:15:00"),
    ],
)
def test_the_phases_follow_the_clock(at: str, phase: str, upcoming: str, due: str) -> None:
    told = session(at)
    assert (told["phase"], told["next"], told["next_at"][:19]) == (phase, upcoming, due)
    assert told["next_day"] == "2026-12-03"


def test_a_day_that_has_ended_is_closed_whatever_the_clock() -> None:
    desk = Desk().open(special=True)
    view = view_of(desk.engine.state)
    assert view is not None
    assert session_document(view, clock("09:13:30"), None) == {
        "phase": "closed",
        **dict.fromkeys(("next", "next_at", "next_day", "next_open_at", "next_close_at")),
    }


@pytest.mark.parametrize(
    ("now", "phase", "upcoming"),
    [
        ("2026-11-23T08:00", "closed", "2026-11-23T09:15:00"),
        ("2026-11-23T09:05", "pre_open", "2026-11-23T09:15:00"),
        ("2026-11-23T10:00", "closed", "2026-11-25T09:15:00"),
        ("2026-11-22T10:00", "holiday", "2026-11-23T09:15:00"),
        ("2026-11-24T10:00", "holiday", "2026-11-25T09:15:00"),
    ],
)
def test_between_days_the_next_opening_is_told(now: str, phase: str, upcoming: str) -> None:
    told = session_between(CALENDAR, from_datetime(datetime.fromisoformat(now).replace(tzinfo=IST)))
    assert (told["phase"], told["next"], told["next_at"][:19]) == (phase, "open", upcoming)
    assert told["next_open_at"] == told["next_at"]
    assert told["next_close_at"][11:16] == "15:40"


def test_what_the_calendar_does_not_know_is_not_told() -> None:
    last = date(max(CALENDAR.years), 12, 31)
    assert following(CALENDAR, last) is None
    far = from_datetime(datetime(last.year + 5, 1, 5, 10, tzinfo=IST))
    assert session_between(CALENDAR, far)["next_at"] is None
    assert session_between(None, far)["phase"] == "closed"
