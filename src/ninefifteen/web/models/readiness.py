"""Whether this home is ready for the next trading day, check by check."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Reply
from .shapes import Day, When


class Check(Reply):
    """One precondition: what was looked at, what was found, and what to do about it."""

    name: str
    title: str
    state: Literal["green", "amber", "red", "unknown"]
    detail: str
    fix: str | None


class Readiness(Reply):
    """All checks. `ready`: none is red; unknown ones are counted, never taken for green."""

    at: When
    ready: bool
    red: int
    amber: int
    unknown: int
    deadline: str
    trading_day_today: bool | None = Field(description="null: the calendar does not know")
    next_trading_day: Day | None
    checks: list[Check]
