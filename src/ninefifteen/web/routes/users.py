"""`/api/users`: who may log in. Admins only, with the second factor for every change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from ninefifteen.domain.instants import iso_ms
from ninefifteen.web.access import Admin, TheSite
from ninefifteen.web.accounts.people import DEMO
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.common import Done
from ninefifteen.web.models.session import NewUser, RemoveUser, UserEntry, Users

router = APIRouter(tags=["users"])


@router.get("/api/users")
async def users(site: TheSite, _: Admin) -> Users:
    """Everybody who may log in."""
    return Users(
        users=[
            UserEntry(name=one.name, role=one.role, totp=one.totp is not None, since=iso_ms(one.since))
            for one in site.people.everybody()
        ]
    )


@router.post("/api/users")
async def add_user(body: NewUser, site: TheSite, who: Admin) -> Done:
    """Make a user."""
    site.door.prove(who, body.totp)
    kept = await site.door.passwords.hashed(body.password)
    if body.name == DEMO or not site.people.add(body.name, body.role, kept):
        raise Refused(409, "name", f"there is a {body.name} already: choose another name")
    site.audit.tell("user", who, f"has made {body.name}, {body.role}")
    return Done(text=f"{body.name} may log in as {body.role}")


@router.post("/api/users/{name}/remove")
async def remove_user(
    name: Annotated[str, Path(max_length=64)], body: RemoveUser, site: TheSite, who: Admin
) -> Done:
    """Take a user away, with every session; the last admin stays."""
    site.door.prove(who, body.totp)
    if site.people.person(name) is None:
        raise Refused(404, "no_user", "there is no user of that name")
    if not site.people.remove(name):
        raise Refused(409, "last_admin", f"{name} is the last admin: make another one first")
    site.audit.tell("user", who, f"has removed {name}")
    site.fanout.look_again()
    return Done(text=f"{name} may not log in any more")
