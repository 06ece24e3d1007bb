"""`/api/days`: the days of this home, one day whole, and its chart."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from ninefifteen.web.access import TheSite, viewer
from ninefifteen.web.history.charts import chart_of
from ninefifteen.web.history.day_list import list_days
from ninefifteen.web.history.day_whole import whole_day
from ninefifteen.web.models.chart import Chart
from ninefifteen.web.models.days import Days, DayWhole

router = APIRouter(tags=["days"], dependencies=[Depends(viewer)])

Run = Annotated[
    str | None,
    Query(max_length=80, pattern=r"^[0-9A-Za-z.\-]+$", description="which journal, where a date has several"),
]
OnDay = Annotated[date, Path(description="the date of the exchange")]


@router.get("/api/days")
def days(
    site: TheSite,
    limit: Annotated[int, Query(ge=1, le=250)] = 30,
    before: Annotated[date | None, Query(description="only days before this date")] = None,
) -> Days:
    """The newest days first: what each came to, real, synthetic and rehearsed ones marked as such."""
    return list_days(site.records, limit=limit, before=before)


@router.get("/api/days/{day}")
def day_whole(site: TheSite, day: OnDay, run: Run = None) -> DayWhole:
    """A day with every candidate, its plan, orders, trades with charges line by line, and events."""
    return whole_day(site.records, day, run)


@router.get("/api/days/{day}/chart")
def day_chart(
    site: TheSite,
    day: OnDay,
    run: Run = None,
    of: Annotated[Literal["stock", "option"] | None, Query(description="which of the two")] = None,
    name: Annotated[str | None, Query(max_length=60, description="one of `names`")] = None,
    since: Annotated[
        int | None, Query(ge=0, le=2**40, description="only candles from this minute on")
    ] = None,
) -> Chart:
    """One-minute candles of the stock or the option, entries and exits, target and stop over time."""
    return chart_of(site.records, day, run, of=of, name=name, since=since)
