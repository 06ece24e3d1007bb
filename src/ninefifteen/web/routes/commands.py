"""`/api/commands`: pause, resume, flatten, halt, unlock."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ninefifteen.web.access import Admin, Operator, TheSite
from ninefifteen.web.commanding import obey
from ninefifteen.web.models.commands import CommandAnswer, CommandRequest

router = APIRouter(prefix="/api/commands", tags=["commands"])


@router.post("/pause")
async def pause(body: CommandRequest, response: Response, site: TheSite, who: Operator) -> CommandAnswer:
    """No new entries; what is held stays guarded. 202: the engine has it, the last answer comes later."""
    return await obey(site, who, "pause", body, response)


@router.post("/resume")
async def resume(body: CommandRequest, response: Response, site: TheSite, who: Operator) -> CommandAnswer:
    """Entries are allowed again; after losing trades in a row, or somebody else's pause, an admin's."""
    return await obey(site, who, "resume", body, response)


@router.post("/flatten")
async def flatten(body: CommandRequest, response: Response, site: TheSite, who: Operator) -> CommandAnswer:
    """Sell what the bot holds, cancel its orders, enter nothing more today."""
    return await obey(site, who, "flatten", body, response)


@router.post("/halt")
async def halt(body: CommandRequest, response: Response, site: TheSite, who: Operator) -> CommandAnswer:
    """The same, latched. Without an engine, or without its answer, the HALT file is made."""
    return await obey(site, who, "halt", body, response)


@router.post("/unlock")
async def unlock(body: CommandRequest, response: Response, site: TheSite, who: Admin) -> CommandAnswer:
    """Lift the halt, with the second factor."""
    return await obey(site, who, "unlock", body, response)
