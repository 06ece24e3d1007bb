"""One day whole."""

from __future__ import annotations

from datetime import date

from ninefifteen.web.models.days import DayWhole

from .records import Records


def whole_day(records: Records, day: date, run: str | None) -> DayWhole:
    """Everything about a day."""
    raise NotImplementedError
