"""A dashboard whose engine says what the test wants: states of a recorded day, changed here and there."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.windows import ROOT, Window
from tests.web.engines import Engine
from tests.web.servers import Served, served
from tests.web.sites import desk

Document = dict[str, Any]
RECORDED = ROOT / "frontend" / "dev" / "holding.json"
"""One state of a demo's day, as its engine sent it: it holds 50 MARUTI."""


def holding() -> Document:
    """The recorded state, in real time."""
    state: Document = json.loads(RECORDED.read_text())
    return state | {"speed": "x1"}


TRADE = {
    "contract": "MARUTI 2026-12-29 13600 CE",
    "quantity": 50,
    "entry_at": "2026-12-04T09:15:00.317+05:30",
    "entry": "271.15",
    "exit_at": "2026-12-04T11:43:07.174+05:30",
    "exit": "234.55",
    "exit_reason": "stop",
    "gross": "-1830.00",
    "charges": "75.83",
    "net": "-1905.83",
}
"""What that day's journal says of its trade in the end."""


def flat_day(**changes: Any) -> Document:
    """The same day with nothing held and nothing open."""
    state = holding()
    run = state["strategies"][0]
    run |= {"position": None, "phase": "done", "done_reason": None, "trade": TRADE}
    net = {"net_today": "-1905.83", "day_result": "-1905.83", "loss_left": "94.17"}
    clock = {"clock": "2026-12-04T11:44:02.000+05:30"}
    return state | {"positions": [], "orders": [], "flat": True} | net | clock | changes


def changed(state: Document, **changes: Any) -> Document:
    """The state with other fields; one given as a dictionary is changed in its fields."""
    made = copy.deepcopy(state)
    for name, value in changes.items():
        inner = isinstance(value, dict) and isinstance(made.get(name), dict)
        made[name] = made[name] | value if inner else value
    return made


class Scene:
    """A dashboard of a home, its people, and an engine that the test steers."""

    def __init__(self, served_desk: Served) -> None:
        self.served = served_desk
        self.desk = served_desk.desk
        self.url = served_desk.url
        self.engine: Engine | None = None

    @property
    def home(self) -> Path:
        """The home folder."""
        return self.desk.site.home.path

    @contextmanager
    def running(self, state: Document) -> Iterator[Engine]:
        """An engine that says this."""
        with Engine(self.home) as engine:
            engine.state = state
            self.engine = engine
            yield engine
        self.engine = None

    def let_in(self, window: Window, who: str = "operator") -> str:
        """Open the page as this person; the token of the session."""
        token = self.desk.token(who)
        window.context.add_cookies([{"name": self.desk.site.cookie, "value": token, "url": self.url}])
        window.page.goto(self.url)
        window.settled()
        return token

    def says(self, state: Document) -> None:
        """The engine says something else from now on."""
        assert self.engine is not None
        self.engine.state = state


@contextmanager
def scene(path: Path, *, demo: bool = False, people: bool = True, config: str = "") -> Iterator[Scene]:
    """A dashboard at a free port, in a thread of the test."""
    with desk(path, demo=demo, people=people, config=config) as opened, served(opened) as made:
        yield Scene(made)
