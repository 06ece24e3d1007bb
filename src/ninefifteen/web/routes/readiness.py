"""`/api/readiness`: what can be checked today, each with evidence and a fix."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.web.access import TheSite, viewer
from ninefifteen.web.history.readiness import readiness_page
from ninefifteen.web.models.readiness import Readiness

router = APIRouter(tags=["readiness"], dependencies=[Depends(viewer)])


@router.get("/api/readiness")
def readiness(site: TheSite) -> Readiness:
    """Every check in the order of the morning; what cannot be known says so."""
    return readiness_page(site.records, site.engine_state)
