"""`/api/risk`: limits and what is used of them, contradictions, and what one position could lose."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.web.access import TheSite, viewer
from ninefifteen.web.history.risk import risk_page
from ninefifteen.web.models.risk import Risk

router = APIRouter(tags=["risk"], dependencies=[Depends(viewer)])


@router.get("/api/risk")
def risk(site: TheSite) -> Risk:
    """Every gauge with the setting that makes it."""
    return risk_page(site.records, site.engine_state)
