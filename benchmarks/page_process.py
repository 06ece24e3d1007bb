"""P10: the web process with three pages and a state of 200 rows: processor and memory, from outside.

The real program serves a home that has lived a demo's day. The state is the one a demo's engine sent while
it held something, with as many candidates and orders as make 200 rows; a real control server sends it
twice a second, and in each frame what changes in a trading day has changed. For comparison the same with
every one of the 200 rows another in each frame.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ninefifteen.adapters.control import ControlServer

from .measuring import ROOT, run
from .outside import line, memory_mb, process, used
from .page_people import Page, Person, three

Document = dict[str, Any]
Change = Callable[[Document, int], None]

CANDIDATES, ORDERS = 170, 30
SETTLE_S, SECONDS = 6.0, 20.0
RECORDED = ROOT / "frontend" / "dev" / "holding.json"
_READS = (
    "/api/days",
    "/api/log/trades",
    "/api/log/errors",
    "/api/log/audit",
    "/api/risk",
    "/api/odds",
    "/api/readiness",
    "/api/settings",
    "/api/help",
    "/api/emergency",
    "/api/session",
)


def big_state() -> Document:
    """The recorded state with 200 rows."""
    state: Document = json.loads(RECORDED.read_text(encoding="utf-8"))
    strategy = state["strategies"][0]
    rows, orders = strategy["candidates"], state["orders"]
    strategy["candidates"] = [
        rows[n % len(rows)] | {"rank": n + 1, "symbol": f"SHARE{n:03d}"} for n in range(CANDIDATES)
    ]
    state["orders"] = [
        orders[n % len(orders)] | {"order_id": f"{261204000000001 + n}"} for n in range(ORDERS)
    ]
    return state


def as_in_a_day(state: Document, number: int) -> None:
    """What changes between two frames while something is held."""
    clock = f"2026-12-04T09:{20 + number // 120 % 40:02d}:{number // 2 % 60:02d}.{number % 2 * 5}00+05:30"
    paise = number % 100
    state |= {"clock": clock, "at": clock, "day_result": f"-1022.{paise:02d}"}
    state["feed"] |= {"newest_at": clock, "contract_at": clock, "age_s": 0.1 + paise / 1000}
    state["broker"] |= {"known_at": clock, "age_s": paise / 100}
    changes = {"bid": f"252.{paise:02d}", "ask": f"255.{paise:02d}", "result": f"-1022.{paise:02d}"}
    held = state["positions"][0] | changes | {"quote_age_s": paise / 1000, "to_stop": paise / 100}
    state["positions"] = [held]
    state["strategies"][0] |= {"position": held}
    state["strategies"][0]["spot"] = {**(state["strategies"][0]["spot"] or {}), "price": f"13600.{paise:02d}"}


def every_row(state: Document, number: int) -> None:
    """The same, and every candidate and every order is another one."""
    as_in_a_day(state, number)
    for row in state["strategies"][0]["candidates"]:
        row["gain"] = round(0.02 + number % 1000 / 1e6, 6)
    for row in state["orders"]:
        row["filled"] = number % 1000


class Feeder:
    """The engine's end of the line; `change` makes the next state of the last one."""

    def __init__(self, home: Path) -> None:
        self.change: Change = as_in_a_day
        self._state, self._home = big_state(), home

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send states meanwhile."""
        over = threading.Event()
        with ControlServer.open(self._home) as server:
            thread = threading.Thread(target=self._feed, args=(server, over))
            thread.start()
            try:
                yield
            finally:
                over.set()
                thread.join()

    def _feed(self, server: ControlServer, over: threading.Event) -> None:
        number = 0
        while not over.wait(0.01):
            if server.wants_frame:
                self.change(self._state, number)
                server.publish(json.dumps(self._state).encode())
                number += 1


def web_process(settle_s: float = SETTLE_S, seconds: float = SECONDS) -> dict[str, object]:
    """Per cent of a core and megabytes, with what the pages got."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ninefifteen-bench-"))
        home = Path(folder) / "home"
        _live_a_day(home)
        feeder = Feeder(home)
        stack.enter_context(feeder.running())
        web = stack.enter_context(process("ninefifteen.web", str(home), "--port", "0"))
        ready = line(web)
        facts: dict[str, object] = {"start_mb": memory_mb(web.pid)}
        people = [stack.enter_context(one) for one in three(ready["url"], ready["setup_code"])]
        pages = [stack.enter_context(person.page()) for person in people]
        for name, change in (("day", as_in_a_day), ("all", every_row)):
            feeder.change = change
            time.sleep(settle_s)
            facts |= _stretch(name, web.pid, pages, seconds)
        facts["visited_mb"] = _visited(people[0], web.pid)
    return facts


def _stretch(name: str, pid: int, pages: list[Page], seconds: float) -> dict[str, object]:
    """One stretch of time with these changes."""
    before = [(page.deltas, page.bytes) for page in pages]
    ((cpu, memory),) = used([pid], seconds)
    got = [
        (page.deltas - deltas, page.bytes - size) for page, (deltas, size) in zip(pages, before, strict=True)
    ]
    return {
        f"{name}_cpu_pct": cpu,
        f"{name}_mb": memory,
        f"{name}_frames_per_s": min(deltas for deltas, _ in got) / seconds,
        f"{name}_kb_per_s": max(size for _, size in got) / seconds / 1000,
    }


def _visited(person: Person, pid: int) -> float:
    """Megabytes once everything that can be read has been read, each of it twice."""
    days = person.http.get("/api/days").raise_for_status().json()["days"]
    day = days[0]["date"]
    for _ in range(2):
        for path in (*_READS, f"/api/days/{day}", f"/api/days/{day}/chart"):
            person.http.get(path).raise_for_status()
    return memory_mb(pid)


def _live_a_day(home: Path) -> None:
    words = ("--demo", "--speed", "max", "--once", "--no-dashboard", "--json", "--home", str(home))
    if run((sys.executable, "-m", "ninefifteen", "run", *words)).code:
        raise RuntimeError("the demo's day failed")
