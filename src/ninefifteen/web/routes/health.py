"""`/healthz` and `/readyz`: for whoever supervises this process."""

from __future__ import annotations

from fastapi import APIRouter

from ninefifteen.web.access import TheSite
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.common import Done

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> Done:
    """This process lives."""
    return Done(text="alive")


@router.get("/readyz")
async def ready(site: TheSite) -> Done:
    """This process hears the engine."""
    if site.engine.heard != "connected":
        raise Refused(503, "no_engine", f"the engine is {site.engine.heard}")
    return Done(text="the engine is heard")
