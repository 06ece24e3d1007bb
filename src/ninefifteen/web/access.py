"""Who asks, and whether they may: the dependencies that every route names."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from .accounts.people import Who
from .errors import Refused
from .models.common import Role
from .site import Site

ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")


async def site_of(request: Request) -> Site:
    """What this process is made of."""
    return cast("Site", request.app.state.site)


TheSite = Annotated[Site, Depends(site_of)]


async def anybody(request: Request, site: TheSite) -> Who | None:
    """Whoever asks; None without a session that holds."""
    return site.people.who(site.token_of(request))


async def viewer(request: Request, site: TheSite) -> Who:
    """Somebody who is logged in; raises Refused (401)."""
    who = await anybody(request, site)
    if who is None:
        raise Refused(401, "login", "log in first")
    return who


async def operator(request: Request, who: Annotated[Who, Depends(viewer)], site: TheSite) -> Who:
    """Somebody who may stop things; raises Refused (401, 403)."""
    return _at_least("operator", who, request, site)


async def admin(request: Request, who: Annotated[Who, Depends(viewer)], site: TheSite) -> Who:
    """Somebody who may change what adds risk; raises Refused (401, 403)."""
    return _at_least("admin", who, request, site)


Anybody = Annotated[Who | None, Depends(anybody)]
Viewer = Annotated[Who, Depends(viewer)]
Operator = Annotated[Who, Depends(operator)]
Admin = Annotated[Who, Depends(admin)]


def _at_least(role: Role, who: Who, request: Request, site: Site) -> Who:
    if ROLES.index(who.role) < ROLES.index(role):
        site.audit.tell("refused", who, f"{who.role} may not {request.method} {request.url.path}")
        fix = "do it at the terminal: the person of a demo is no admin" if who.demo else None
        raise Refused(403, "role", f"{who.role} may not do this: it needs {role}", fix)
    return who
