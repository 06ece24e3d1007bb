"""Prints the coverage of each part of the package, and fails when one is below its floor.

Reads the JSON report of coverage.py and the table `[tool.ninefifteen.coverage]` of pyproject.toml, whose
rows name a part of src/ninefifteen ("*" = all parts without a row of their own), the `target` to arrive at
and the floor `fail_under`, both in percent of lines and branches together.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

PACKAGE = "ninefifteen"
REST = "*"


def part_of(path: str, parts: set[str]) -> str:
    """The row of the table that a source file counts for."""
    pieces = Path(path).parts
    first = pieces[pieces.index(PACKAGE) + 1] if PACKAGE in pieces[:-1] else pieces[-1]
    return first if first in parts else REST


def percentages(report: dict[str, Any], parts: set[str]) -> dict[str, float]:
    """Covered lines and branches of each part, in percent of those it has; 100 for a part without any."""
    seen: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, entry in report["files"].items():
        summary = entry["summary"]
        tally = seen[part_of(path, parts)]
        tally[0] += summary["covered_lines"] + summary.get("covered_branches", 0)
        tally[1] += summary["num_statements"] + summary.get("num_branches", 0)
    return {part: 100 * seen[part][0] / seen[part][1] if seen[part][1] else 100.0 for part in parts}


def main(report_file: Path, settings_file: Path) -> int:
    """Print one line for each part; 1 when any part is below its floor."""
    table = tomllib.loads(settings_file.read_text(encoding="utf-8"))["tool"][PACKAGE]["coverage"]
    report = json.loads(report_file.read_text(encoding="utf-8"))
    failed = False
    for part, percent in percentages(report, set(table)).items():
        floor, target = table[part]["fail_under"], table[part]["target"]
        low = percent < floor
        failed = failed or low
        verdict = "BELOW ITS FLOOR" if low else "ok" if percent >= target else "not there yet"
        print(f"coverage {part:8} {percent:6.2f} %  floor {floor} %  target {target} %  {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(__file__).parent.parent / "pyproject.toml"))
