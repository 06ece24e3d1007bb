"""`/api/odds`: what today's settings can earn and lose, and whose rules they are."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.domain.instants import day_of
from ninefifteen.web.access import TheSite, viewer
from ninefifteen.web.history.odds_page import odds_page
from ninefifteen.web.models.odds import Odds

router = APIRouter(tags=["odds"], dependencies=[Depends(viewer)])


@router.get("/api/odds")
def odds(site: TheSite) -> Odds:
    """Reckoned anew from the settings as they are now in the home."""
    return odds_page(site.records, day_of(site.clock()))
