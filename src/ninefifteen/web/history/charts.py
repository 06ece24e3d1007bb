"""The chart of a day."""

from __future__ import annotations

from datetime import date

from ninefifteen.web.models.chart import Chart

from .records import Records


def chart_of(
    records: Records, day: date, run: str | None, *, of: str | None, name: str | None, since: int | None
) -> Chart:
    """A chart."""
    raise NotImplementedError
