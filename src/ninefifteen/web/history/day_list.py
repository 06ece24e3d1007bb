"""The list of the days."""

from __future__ import annotations

from datetime import date

from ninefifteen.web.models.days import Days

from .records import Records


def list_days(records: Records, *, limit: int, before: date | None) -> Days:
    """The newest days first."""
    raise NotImplementedError
