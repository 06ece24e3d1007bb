"""What one web process is made of; built once, handed to every route."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from starlette.requests import HTTPConnection

from ninefifteen.adapters.control import machine_now
from ninefifteen.config import load_config
from ninefifteen.domain.instants import Instant
from ninefifteen.home import Home

from .accounts.door import Door, Place
from .accounts.once import OnceKey, new_link_key, new_setup_code
from .accounts.people import People
from .accounts.sessions import csrf_of
from .accounts.store import Store
from .audit import Audit
from .engine_link import Document, EngineLink
from .fanout import Fanout
from .history.records import Records
from .origins import Origins, check_address, is_loopback, origins_of
from .pace import Pace
from .tail import Tail

_COOKIE = "ninefifteen_session"
CSRF_HEADER = "x-ninefifteen-csrf"
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl", "python")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "python": "a script"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")


class Site:
    """The parts of a dashboard; `overrides` are settings as of --set.

    Raises BadInput where the settings, the address or the store forbid it.
    """

    def __init__(
        self,
        home: Home,
        *,
        demo: bool = False,
        clock: Callable[[], Instant] = machine_now,
        overrides: Sequence[str] = (),
    ) -> None:
        self.home, self.demo, self.clock = home, demo, clock
        self.settings = load_config(home, overrides).settings  # and none of the secrets read with them
        self.dashboard = self.settings.dashboard
        self._port = self.dashboard.port
        with ExitStack() as stack:
            store = Store(home.dashboard_file)
            stack.callback(store.close)
            self.people = People(store, clock)
            check_address(self.dashboard, first_run=self.people.first_run)
            self.audit = Audit(home.logs_dir, clock, synthetic=demo or home.rehearsal)
            stack.callback(self.audit.close)
            self.door = Door(self.people, self.audit, clock)
            stack.callback(self.door.close)
            self._closing = stack.pop_all()
        self.engine = EngineLink(home.path)
        self.fanout = Fanout(self.engine, self.people, Tail(home.logs_dir / "audit.log"), clock)
        self.records = Records(home)
        self.pace = Pace()
        self.origins: Origins = origins_of(self.dashboard, self.dashboard.port)
        self._nobody = secrets.token_hex(32)

    def close(self) -> None:
        """Let go of files and threads."""
        self._closing.close()

    def listens(self, port: int) -> None:
        """This is the port that is really listened on."""
        self._port, self.origins = port, origins_of(self.dashboard, port)

    @property
    def cookie(self) -> str:
        """What the cookie is called: browsers tell dashboards of one machine apart by their port only so."""
        return f"{_COOKIE}_{self._port}"

    def cookie_at(self, host: str) -> str:
        """The same for a browser that comes by this host: over TLS no other name or page can set it."""
        return f"__Host-{self.cookie}" if self.origins.secure(host) else self.cookie

    @property
    def engine_state(self) -> Document | None:
        """The engine's newest state as it came; None while no engine is heard."""
        return self.engine.state if self.engine.heard == "connected" else None

    @property
    def mode_hint(self) -> str:
        """What would run here: "demo", "paper" or "live", as the settings say."""
        return "demo" if self.demo else self.settings.trading.wiring

    def csrf(self, token: str | None) -> str:
        """What a POST with this cookie has to carry; without one, a word of this process."""
        return csrf_of(token or self._nobody)

    def invite(self) -> tuple[str | None, str | None]:
        """Make what somebody comes in with: a demo's one-time link, and the set-up code of a first start."""
        link = code = None
        if self.demo:
            key = new_link_key()
            self.door.link = OnceKey(key)
            link = f"{self.origins.url}/enter?key={key}"
        elif self.people.first_run:
            code = new_setup_code()
            self.door.setup = OnceKey(code)
        return link, code

    def token_of(self, connection: HTTPConnection) -> str | None:
        """The session's token that comes with a request."""
        return connection.cookies.get(self.cookie_at(connection.headers.get("host", "")))

    def place_of(self, connection: HTTPConnection) -> Place:
        """Where a request comes from."""
        address = connection.client.host if connection.client else "unknown"
        host = connection.headers.get("host", "").lower()
        loopback = is_loopback(address) and host in self.origins.local
        return Place(address, browser_of(connection.headers.get("user-agent", "")), loopback=loopback)


def browser_of(agent: str) -> str:
    """A browser and its system in two words, as far as it tells them."""
    browser = next((name for name in _BROWSERS if name in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    named = _NAMES.get(browser, browser) or "a browser"
    return f"{named} on {'Mac' if system == 'Macintosh' else system}" if system else named
