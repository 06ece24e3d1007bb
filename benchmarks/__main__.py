"""`python -m benchmarks [--json] [--repeat N] [PART ...]`: measures, and prints one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from .measuring import case
from .rows import PARTS
from .table import Row


def machine() -> str:
    """The machine the figures belong to: processor, cores, memory, system, Python, load."""
    cpu = next(_lines(Path("/proc/cpuinfo"), "model name"), platform.processor() or "unknown processor")
    memory = next(_lines(Path("/proc/meminfo"), "MemTotal"), "0 kB").split()[0]
    load = os.getloadavg()[0]
    return (
        f"{cpu}, {os.cpu_count()} cores, {int(memory) / 2**20:.0f} GiB, {platform.system()},"
        f" Python {platform.python_version()}, load {load:.1f} at the start"
    )


def _lines(path: Path, key: str) -> Iterator[str]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                yield value.strip()


def table(rows: list[Row]) -> str:
    """The rows as a table for people (and for docs/performance.md)."""
    lines = ["| id | what | bar | median | verdict |", "|---|---|---|---|---|"]
    for row in rows:
        value = "" if row.value is None else f"{row.value:.3g} {row.unit}"
        verdict = f"{row.verdict}; {row.note}" if row.note else row.verdict
        lines.append(f"| {row.id} | {row.what} | {row.bar} | {value} | {verdict} |")
    return "\n".join(lines)


def main() -> int:
    """Measure what was asked for; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts (default: 3)")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown or given.repeat < 1:
        parser.error(f"no such part: {', '.join(unknown)}" if unknown else "--repeat is 1 or more")
    where = machine()
    print(f"machine: {where}", file=sys.stderr)
    case("market")
    rows: list[Row] = []
    for part in given.parts or PARTS:
        print(f"measuring {part}", file=sys.stderr)
        rows.extend(PARTS[part](given.repeat))
    if given.json:
        print(msgspec.json.encode({"machine": where, "repeat": given.repeat, "rows": rows}).decode())
    else:
        print(table(rows))
    return int(any(row.verdict in ("MISSED", "FAILED") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
