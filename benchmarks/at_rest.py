"""P9: the running engine with 500 instruments live: memory, processor, and how soon it is ready.

Our exchange plays an opening at speed 1 in a process of its own; the real `run --paper` streams from it
in a rehearsal home, and the official `KiteTicker` takes the same instruments beside it. Both are looked
at from outside, in /proc, over the same stretch behind the opening: the busiest minutes of a day, with
the recording on. Ready means that the day is open, both lists are read and checked, and the ticker
has connected.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from ninefifteen.home import Home

from .measuring import ROOT
from .opening import SEED

STARTS = "09:14:20"
FROM, SECONDS = "09:15:40", 30.0
"""When the looking begins, and for how long: the collector is on again by then."""
_PATIENCE_S = 120.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TICKS = os.sysconf("SC_CLK_TCK")


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
        with _process("ninefifteen", *words) as exchange:
            ready = _line(exchange)
            home, told = _home(Path(folder) / "home", ready), Path(folder) / "tokens.json"
            began = time.perf_counter()
            paper = ("benchmarks.at_rest_run", str(told), "run", "--paper", "--once", "--json")
            with _process(*paper, "--home", str(home)) as engine:
                ready_s = _until_ready(engine, ready, began)
                tokens = json.loads(told.read_text(encoding="utf-8"))
                with _process("benchmarks.peers.kite_ticker") as peer:
                    official = _told(peer, {**ready, "tokens": tokens}) is not None
                    _until(ready, since)
                    before = _told(peer, {})
                    used = _used((engine, peer, exchange), seconds)
                    packets = (_told(peer, {}) or 0) - (before or 0)
    facts: dict[str, object] = {"instruments": len(tokens), "ready_s": ready_s, "official_there": official}
    facts["packets_per_s"] = packets / seconds
    for name, (cpu, memory) in zip(("ours", "official", "exchange"), used, strict=True):
        facts |= {f"{name}_cpu_pct": cpu, f"{name}_mb": memory}
    return facts


@contextmanager
def _process(*command: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        (sys.executable, "-m", *command),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()


def _line(child: subprocess.Popen[str]) -> dict[str, Any]:
    if child.stdout is None:
        raise RuntimeError("a pipe was asked for")
    found: dict[str, Any] = json.loads(child.stdout.readline())
    return found


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


def _used(children: tuple[subprocess.Popen[str], ...], seconds: float) -> list[tuple[float, float]]:
    """Per cent of a core over the stretch, and megabytes resident at its end, of each."""
    before, began = [_cpu_s(child.pid) for child in children], time.perf_counter()
    time.sleep(seconds)
    took = time.perf_counter() - began
    return [
        (100 * (_cpu_s(child.pid) - spent) / took, _memory_mb(child.pid))
        for child, spent in zip(children, before, strict=True)
    ]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("a process that was to be measured has ended")
