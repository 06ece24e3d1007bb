"""P10: what the engine's loop notices of a dashboard with three pages: nothing.

The same demo's day is lived twice in real time from 09:14:55, first without a dashboard, then with its own
and three pages open; for a minute behind the opening the process notes what its loop uses between two
looks.
"""

from __future__ import annotations

import json
import socket
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from .outside import Child, memory_mb, process
from .page_people import Person

SECONDS = 60.0
_PATIENCE_S = 180.0
_MARK = "dashboard: "


def heartbeat(seconds: float = SECONDS) -> dict[str, object]:
    """Microseconds of the loop between two looks, per cent of a core and megabytes, alone and with three."""
    return _lived("alone", seconds, pages=0) | _lived("pages", seconds, pages=3)


def _lived(name: str, seconds: float, *, pages: int) -> dict[str, object]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ninefifteen-bench-"))
        told = Path(folder) / "told.json"
        words = ["run", "--demo", "--once", "--json", "--home", f"{folder}/home"]
        words += ["--set", f"dashboard.port={_free_port()}"] if pages else ["--no-dashboard"]
        command = ("benchmarks.page_beats_run", str(told), str(seconds), *words)
        engine = stack.enter_context(process(*command, errors=True))
        link = _link(engine, wanted=bool(pages))
        opened = []
        if pages:
            person = stack.enter_context(Person(link.partition("/enter")[0])).enters(link)
            opened = [stack.enter_context(person.page()) for _ in range(pages)]
        _until(engine, told)
        memory = memory_mb(engine.pid)
        notes = json.loads(told.read_text(encoding="utf-8"))
        if any(page.deltas < seconds for page in opened):
            raise RuntimeError("a page did not get the day's frames")
    us = sorted(notes["us"])
    return {
        f"{name}_looks": len(us),
        f"{name}_p50_us": us[len(us) // 2],
        f"{name}_p99_us": us[int(len(us) * 0.99)],
        f"{name}_p999_us": us[int(len(us) * 0.999)],
        f"{name}_max_us": us[-1],
        f"{name}_cpu_pct": notes["cpu_pct"],
        f"{name}_mb": memory,
    }


def _link(engine: Child, *, wanted: bool) -> str:
    """The link that logs in, as the run shows it to people; whatever else it tells is read and forgotten."""
    found: list[str] = []
    there = threading.Event()

    def read() -> None:
        for text in engine.stderr or ():
            if text.startswith(_MARK) and "/enter" in text:
                found.append(text.removeprefix(_MARK).strip())
                there.set()
        there.set()

    threading.Thread(target=read, daemon=True).start()
    if wanted and not (there.wait(_PATIENCE_S) and found):
        raise RuntimeError("the run did not show its dashboard")
    return found[0] if found else ""


def _until(engine: Child, told: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not told.exists():
        if engine.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the day did not come to its opening")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
