"""`/api/emergency`: the card that says what to do, with this home's own commands and numbers."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.web.access import TheSite, viewer
from ninefifteen.web.history.emergency_card import emergency_card
from ninefifteen.web.models.help import Emergency

router = APIRouter(tags=["emergency"], dependencies=[Depends(viewer)])


@router.get("/api/emergency")
def emergency(site: TheSite) -> Emergency:
    """The doors in their order, what a halt does and does not, and whom to call."""
    return emergency_card(site.records)
