"""P9: the running engine with 500 instruments live: memory, processor, and how soon it is ready.

Our exchange plays an opening at speed 1 in a process of its own; the real `run --paper` streams from it
in a rehearsal home, and the official `KiteTicker` takes the same instruments beside it. Both are looked
at from outside, in /proc, over the same stretch behind the opening: the busiest minutes of a day, with
the recording on. Ready means that the day is open, both lists are read and checked, and the ticker
has connected.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from ninefifteen.home import Home

from .opening import SEED
from .outside import line, process, used

STARTS = "09:14:20"
FROM, SECONDS = "09:15:40", 30.0
"""When the looking begins, and for how long: the collector is on again by then."""
_PATIENCE_S = 120.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def at_rest(*, starts: str = STARTS, since: str = FROM, seconds: float = SECONDS) -> dict[str, object]:
    """Seconds until ready, per cent of a core and megabytes of our process and of the official ticker's."""
    words: tuple[str, ...] = (
        "exchange",
        "--protocol",
        "kite",
        "--seed",
        str(SEED),
        "--start",
        starts,
        "--speed",
        "1",
    )
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ninefifteen-bench-"))
        words = (*words, "--home", f"{folder}/exchange")
        with process("ninefifteen", *words) as exchange:
            ready = line(exchange)
            home, told = _home(Path(folder) / "home", ready), Path(folder) / "tokens.json"
            began = time.perf_counter()
            paper = ("benchmarks.at_rest_run", str(told), "run", "--paper", "--once", "--json")
            with process(*paper, "--home", str(home)) as engine:
                ready_s = _until_ready(engine, ready, began)
                tokens = json.loads(told.read_text(encoding="utf-8"))
                with process("benchmarks.peers.kite_ticker") as peer:
                    official = _told(peer, {**ready, "tokens": tokens}) is not None
                    _until(ready, since)
                    before = _told(peer, {})
                    spent = used([child.pid for child in (engine, peer, exchange)], seconds)
                    packets = (_told(peer, {}) or 0) - (before or 0)
    facts: dict[str, object] = {"instruments": len(tokens), "ready_s": ready_s, "official_there": official}
    facts["packets_per_s"] = packets / seconds
    for name, (cpu, memory) in zip(("ours", "official", "exchange"), spent, strict=True):
        facts |= {f"{name}_cpu_pct": cpu, f"{name}_mb": memory}
    return facts


def _told(peer: subprocess.Popen[str], told: dict[str, Any]) -> int | None:
    """How many ticks the peer has seen, the first time once it streams; None where it is not installed."""
    if peer.stdin is None or peer.stdout is None:
        raise RuntimeError("a pipe was asked for")
    with suppress(BrokenPipeError):
        peer.stdin.write(json.dumps(told) + "\n")
        peer.stdin.flush()
    line = peer.stdout.readline()
    return int(line) if line else None


def _home(path: Path, ready: dict[str, Any]) -> Path:
    home = Home.open(path, rehearsal=True)
    home.config_file.write_text(
        f"broker_endpoint: {{rest: '{ready['rest']}', ws: '{ready['ws']}'}}\n"
        f"login: {{redirect_url: '{ready['redirect_url']}'}}\n",
        encoding="utf-8",
    )
    secrets = {"KEY": "api_key", "SECRET": "api_secret"}
    lines = [f"BROKER_API_{name}={ready[key]}\n" for name, key in secrets.items()]
    lines += [f"BROKER_ACCESS_TOKEN={ready['access_token']}\n", f"BROKER_USER_ID={ready['user_id']}\n"]
    home.env_file.write_text("".join(lines), encoding="utf-8")
    home.env_file.chmod(0o600)
    return path


def _ask(ready: dict[str, Any], what: str) -> dict[str, Any]:
    with _OPENER.open(f"{ready['rest']}/ninefifteen/{what}", timeout=10) as reply:
        found: dict[str, Any] = json.loads(reply.read())
        return found


def _until_ready(engine: subprocess.Popen[str], ready: dict[str, Any], began: float) -> float:
    while time.perf_counter() - began < _PATIENCE_S and engine.poll() is None:
        counts = _ask(ready, "counts")
        if any(key in ("GET /", "GET") for key in _keys(counts)):
            return time.perf_counter() - began
        time.sleep(0.02)
    raise RuntimeError("the engine did not connect its ticker")


def _keys(document: dict[str, Any]) -> Iterator[str]:
    for key, value in document.items():
        yield key
        if isinstance(value, dict):
            yield from _keys(value)


def _until(ready: dict[str, Any], moment: str) -> None:
    while str(_ask(ready, "clock")["iso"])[11:19] < moment:
        time.sleep(0.2)
