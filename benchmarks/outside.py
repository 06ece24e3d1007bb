"""Processes looked at from outside: what they print, their processor time and memory as /proc tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .measuring import ROOT

Child = subprocess.Popen[str]

_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def process(*command: str, errors: bool = False) -> Iterator[Child]:
    """A module of ours as a process, ended at the end. With `errors` what it tells people can be read."""
    child = subprocess.Popen(
        (sys.executable, "-m", *command),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if errors else subprocess.DEVNULL,
        text=True,
        env=os.environ | {"NINEFIFTEEN_NO_BROWSER": "1"},
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
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                stream.close()


def line(child: Child) -> dict[str, Any]:
    """The next line it prints, a JSON document."""
    if child.stdout is None:
        raise RuntimeError("a pipe was asked for")
    found: dict[str, Any] = json.loads(child.stdout.readline())
    return found


def used(pids: Sequence[int], seconds: float) -> list[tuple[float, float]]:
    """Per cent of a core over the stretch, and megabytes resident at its end, of each."""
    before, began = [cpu_s(pid) for pid in pids], time.perf_counter()
    time.sleep(seconds)
    took = time.perf_counter() - began
    return [
        (100 * (cpu_s(pid) - spent) / took, memory_mb(pid)) for pid, spent in zip(pids, before, strict=True)
    ]


def cpu_s(pid: int) -> float:
    """Processor seconds it has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    """Megabytes of it that are resident."""
    for row in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if row.startswith("VmRSS:"):
            return int(row.split()[1]) / 1024
    raise RuntimeError("a process that was to be measured has ended")
