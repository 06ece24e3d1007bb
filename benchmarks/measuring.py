"""One measured process: its wall time, its CPU time, its peak memory, and the JSON line it printed.

This module stays small on purpose: a child's peak memory can never be below that of the process that
started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

ROOT = Path(__file__).parent.parent


class Measured(msgspec.Struct, frozen=True):
    """Seconds and megabytes of one process, its exit code and what it printed as JSON."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    code: int
    printed: dict[str, Any]


def run(command: Sequence[str], env: dict[str, str] | None = None) -> Measured:
    """Run a command in the repository's folder and measure it from outside."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, **(env or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(wall, cpu, usage.ru_maxrss / 1024, process.returncode, _json(text))


def case(name: str, number: int = 0) -> Measured:
    """Run one of `benchmarks.cases`; raises RuntimeError when it fails."""
    measured = run((sys.executable, "-m", "benchmarks.cases", name, str(number)))
    if measured.code:
        raise RuntimeError(f"the case {name} {number} failed: python -m benchmarks.cases {name} {number}")
    return measured


def times(count: int, command: Sequence[str]) -> list[Measured]:
    """The same command several times."""
    return [run(command) for _ in range(count)]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return float(median(values))


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        lines = text.strip().splitlines()
        try:
            found = json.loads(lines[-1]) if lines else {}
        except ValueError:
            found = {}
    return found if isinstance(found, dict) else {}
