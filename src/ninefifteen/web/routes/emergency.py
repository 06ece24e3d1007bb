"""`/api/emergency`: the card that says what to do, with this home's own commands and numbers."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.web.access import TheSite, viewer
from ninefifteen.web.history.emergency_card import emergency_card, orders_are_simulated
from ninefifteen.web.models.help import Emergency

router = APIRouter(tags=["emergency"], dependencies=[Depends(viewer)])


@router.get("/api/emergency")
def emergency(site: TheSite) -> Emergency:
    """The doors in their order, what a halt does and does not, and whom to call."""
    running = site.engine_state
    mode = None if running is None else running.get("mode")
    written = "paper" if site.demo else site.settings.trading.wiring  # a demo never trades at a broker
    simulated = orders_are_simulated(site.records, mode or site.mode_hint, written)
    return emergency_card(site.records, simulated=simulated)
