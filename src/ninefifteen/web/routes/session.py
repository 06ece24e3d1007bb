"""`/api/session`, logins, passwords and one's own second factor."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from ninefifteen.domain.instants import iso_ms
from ninefifteen.web.access import Anybody, TheSite, Viewer
from ninefifteen.web.accounts.people import Who
from ninefifteen.web.accounts.second_factor import address_of, qr_path
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.common import Done
from ninefifteen.web.models.session import (
    FirstUser,
    Login,
    NewPassword,
    OpenSession,
    Session,
    TotpBegin,
    TotpBegun,
    TotpConfirm,
    User,
)
from ninefifteen.web.site import Site

router = APIRouter(tags=["session"])


@router.get("/enter", response_model=None, status_code=303, response_class=RedirectResponse)
async def enter(request: Request, site: TheSite, key: str = "") -> RedirectResponse:
    """A demo's one-time link, from this machine only: logs in and shows the page."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Refused(403, "link", "another page may not use this link", "open it yourself: see the terminal")
    token = site.door.enter(key, site.place_of(request))
    answer = RedirectResponse("/", 303)
    _set_cookie(answer, token, request, site)
    return answer


@router.get("/api/session")
async def session(request: Request, site: TheSite, who: Anybody) -> Session:
    """Who asks, and the word that every POST has to carry."""
    return _session(site, who, site.token_of(request))


@router.post("/api/first-user")
async def first_user(body: FirstUser, request: Request, response: Response, site: TheSite) -> Session:
    """Make the first user, an admin, with the set-up code of the terminal; logs in."""
    token = await site.door.first(body.code, body.name, body.password, site.place_of(request))
    return _logged_in(site, request, response, token)


@router.post("/api/login")
async def login(body: Login, request: Request, response: Response, site: TheSite) -> Session:
    """Log in: a new session, whatever cookie came."""
    token = await site.door.log_in(body.name, body.password, body.totp, site.place_of(request))
    return _logged_in(site, request, response, token)


@router.post("/api/logout")
async def logout(request: Request, response: Response, site: TheSite, who: Viewer) -> Done:
    """End this session."""
    with _leaving(request, response, site):
        site.people.sessions.end(who.digest)
    _left(site, who, "logged out")
    return Done(text="logged out")


@router.post("/api/logout-everywhere")
async def logout_everywhere(request: Request, response: Response, site: TheSite, who: Viewer) -> Done:
    """End every session of this person."""
    with _leaving(request, response, site):
        site.people.sessions.end_all(who.name)
    _left(site, who, "logged out everywhere")
    return Done(text="logged out everywhere")


@router.post("/api/password")
async def password(
    body: NewPassword, request: Request, response: Response, site: TheSite, who: Viewer
) -> Session:
    """Another password; every session of this person ends, and this page gets a new one."""
    _no_demo(who)
    await site.door.ask_again(who, body.old)
    site.people.new_password(who.name, await site.door.passwords.hashed(body.new))
    site.people.sessions.end_all(who.name)
    site.audit.tell("user", who, "has changed the password; every other session has ended")
    site.fanout.look_again()
    token = site.people.sessions.begin(who.name, who.place)
    return _logged_in(site, request, response, token)


@router.post("/api/totp/begin")
async def totp_begin(body: TotpBegin, site: TheSite, who: Viewer) -> TotpBegun:
    """Begin to set up the second factor, or another one in its place."""
    _no_demo(who)
    await site.door.ask_again(who, body.password)
    if who.totp:
        site.door.prove(who, body.totp)
    secret = site.people.begin_totp(who.name)
    address = address_of(secret, who.name, site.home.path.resolve().name)
    path, size = qr_path(address)
    return TotpBegun(secret=secret, otpauth=address, qr_path=path, qr_size=size)


@router.post("/api/totp/confirm")
async def totp_confirm(body: TotpConfirm, site: TheSite, who: Viewer) -> Done:
    """A code of the app: the second factor counts from now on, and every other session has ended."""
    _no_demo(who)
    site.door.confirm(who, body.code)
    site.people.sessions.end_all(who.name, but=who.digest)
    site.fanout.look_again()
    return Done(text="the second factor is set up")


def _no_demo(who: Who) -> None:
    if who.demo:
        raise Refused(403, "demo", "the person of a demo has no password and no second factor")


def _logged_in(site: Site, request: Request, response: Response, token: str) -> Session:
    """Set the cookie of a new session; the one that came with the request has ended."""
    before = site.people.who(site.token_of(request))
    if before is not None:
        site.people.sessions.end(before.digest)
        site.fanout.look_again()
    _set_cookie(response, token, request, site)
    return _session(site, site.people.who(token), token)


def _set_cookie(response: Response, token: str, request: Request, site: Site) -> None:
    host = request.headers.get("host", "")
    secure = site.origins.secure(host)
    response.set_cookie(
        site.cookie_at(host), token, httponly=True, samesite="strict", path="/", secure=secure
    )


def _forget_cookie(response: Response, request: Request, site: Site) -> None:
    host = request.headers.get("host", "")
    secure = site.origins.secure(host)
    response.delete_cookie(site.cookie_at(host), path="/", httponly=True, samesite="strict", secure=secure)


@contextmanager
def _leaving(request: Request, response: Response, site: Site) -> Iterator[None]:
    """Whatever becomes of the block, which ends sessions: this browser keeps none."""
    _forget_cookie(response, request, site)
    try:
        yield
    except sqlite3.Error:
        text = (
            "this browser has forgotten its session, but the disk still has it: it ends by itself in 12 hours"
        )
        refused = Refused(503, "store", text, "is the disk full? log out everywhere when it is not")
        refused.headers["set-cookie"] = response.headers["set-cookie"]
        raise refused from None


def _left(site: Site, who: Who, text: str) -> None:
    site.audit.tell("logout", who, text)
    site.fanout.look_again()


def _session(site: Site, who: Who | None, token: str | None) -> Session:
    sessions = [] if who is None else site.people.sessions.of(who.name)
    user = None if who is None else User(name=who.name, role=who.role, demo=who.demo, totp=who.totp)
    return Session(
        user=user,
        csrf=site.csrf(token),
        first_run=not site.demo and site.people.first_run,
        mode_hint=site.mode_hint,
        rehearsal=site.home.rehearsal,
        sessions=[
            OpenSession(
                where=one.place, since=iso_ms(one.since), current=who is not None and one.digest == who.digest
            )
            for one in sessions
        ],
    )
