"""A dashboard for a test: a home, a clock that the test moves, people of every role, and clients."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
from argon2 import PasswordHasher
from starlette.testclient import TestClient, WebSocketTestSession

from ninefifteen.adapters.control import machine_now
from ninefifteen.domain.instants import SECOND, Instant, to_datetime
from ninefifteen.home import Home
from ninefifteen.web.accounts.sessions import csrf_of
from ninefifteen.web.app import create_app
from ninefifteen.web.site import CSRF_HEADER, Site

URL = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery"
ROLES = ("viewer", "operator", "admin")
NAMES = {"viewer": "vera", "operator": "omar", "admin": "asha"}
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""The password's hash, made cheaply: it says itself how it was made."""
_NUMBERS = itertools.count(1)

Document = dict[str, Any]


class Clock:
    """The wall clock, moved on by the test."""

    def __init__(self) -> None:
        self.ahead: Instant = 0

    def __call__(self) -> Instant:
        return machine_now() + self.ahead

    def pass_by(self, seconds: float) -> None:
        """So much later."""
        self.ahead += int(seconds * SECOND)


class Desk:
    """A site with its application and a client for anybody."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self.site, self.clock = site, clock
        self.app = create_app(site)
        self.secrets: dict[str, str] = {}

    def client(self, who: str | None = None, *, url: str = URL, address: str = "127.0.0.1") -> TestClient:
        """A client of nobody, or of the person of that role; it sends what a page sends."""
        client = TestClient(
            self.app,
            base_url=url,
            headers={"origin": url, "content-type": "application/json", CSRF_HEADER: self.site.csrf(None)},
            client=(address, 50000),
            raise_server_exceptions=False,
            follow_redirects=False,
        )
        return client if who is None else self.become(client, who)

    def become(self, client: TestClient, who: str) -> TestClient:
        """Make it the client of this person, with a new session."""
        token = self.token(who)
        client.headers[CSRF_HEADER] = self.site.csrf(token)
        client.cookies.set(self.site.cookie, token, domain="127.0.0.1")
        return client

    def token(self, who: str) -> str:
        """A new session of the person of that role, or of a demo."""
        if who == "demo":
            return self.site.people.sessions.begin("demo", "a test", kept=False)
        return self.site.people.sessions.begin(NAMES[who], "a test")

    def second_factor(self, who: str) -> None:
        """Set up a second factor for the person of that role."""
        name = NAMES[who]
        self.secrets[who] = self.site.people.begin_totp(name)
        assert self.site.people.confirm_totp(name, self.code(who))
        self.clock.pass_by(90)  # the code that set it up is used up

    def code(self, who: str) -> str:
        """The code that the app shows now."""
        return pyotp.TOTP(self.secrets[who]).at(to_datetime(self.clock()))

    def audited(self) -> list[str]:
        """The texts of the audit log."""
        file = self.site.home.logs_dir / "audit.log"
        return [json.loads(line)["text"] for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def desk(path: Path, *, demo: bool = False, people: bool = True, config: str = "") -> Iterator[Desk]:
    """A dashboard in a new home; `config` is its config.yaml."""
    home = Home.open(path)
    if config:
        home.config_file.write_text(config)
    clock = Clock()
    site = Site(home, demo=demo, clock=clock)
    try:
        if people:
            for role in ROLES:
                assert site.people.add(NAMES[role], role, QUICK)  # type: ignore[arg-type]
        yield Desk(site, clock)
    finally:
        site.close()


def live(client: TestClient, **headers: str) -> WebSocketTestSession:
    """Open the WebSocket as a page of ours does, but for these headers."""
    return client.websocket_connect("ws://127.0.0.1:8080/api/live", headers=headers)


def command(**changes: Any) -> Document:
    """The body of a command that is fine."""
    sent = datetime.now(UTC).isoformat()
    return {"id": f"press-{next(_NUMBERS):06d}", "sent_at": sent} | changes


def csrf(token: str) -> dict[str, str]:
    """What a page of that session sends."""
    return {CSRF_HEADER: csrf_of(token)}
