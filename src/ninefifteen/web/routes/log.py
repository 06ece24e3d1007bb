"""`/api/log`: pages of the log files from their end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ninefifteen.web.access import Operator, TheSite, viewer
from ninefifteen.web.history.logs import log_page
from ninefifteen.web.models.log import LogPage

router = APIRouter(tags=["log"], dependencies=[Depends(viewer)])

Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[str | None, Query(max_length=64, pattern=r"^[0-9]+:[0-9]+$")]
Contains = Annotated[str | None, Query(max_length=100, description="only lines that hold these characters")]


@router.get("/api/log/trades")
def trades_log(
    site: TheSite, limit: Limit = 100, before: Before = None, contains: Contains = None
) -> LogPage:
    """What was asked for, accepted, filled and left."""
    return log_page(site.home.logs_dir, "trades", limit=limit, before=before, contains=contains)


@router.get("/api/log/errors")
def errors_log(
    site: TheSite, limit: Limit = 100, before: Before = None, contains: Contains = None
) -> LogPage:
    """Refusals, missing data and alarms."""
    return log_page(site.home.logs_dir, "errors", limit=limit, before=before, contains=contains)


@router.get("/api/log/audit")
def audit_log(
    site: TheSite, _: Operator, limit: Limit = 100, before: Before = None, contains: Contains = None
) -> LogPage:
    """Everything that was told, with who did what from where."""
    return log_page(site.home.logs_dir, "audit", limit=limit, before=before, contains=contains)
