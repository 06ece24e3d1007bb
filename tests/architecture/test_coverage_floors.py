"""Coverage is judged per part of the package, lines and branches together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.check_coverage import main, percentages

SETTINGS = """
[tool.ninefifteen.coverage]
engine = { target = 100, fail_under = 90 }
"*" = { target = 90, fail_under = 50 }
"""


def entry(lines: tuple[int, int], branches: tuple[int, int] = (0, 0)) -> dict[str, dict[str, int]]:
    return {
        "summary": {
            "covered_lines": lines[0],
            "num_statements": lines[1],
            "covered_branches": branches[0],
            "num_branches": branches[1],
        }
    }


def test_lines_and_branches_of_a_part_are_added_up() -> None:
    report = {
        "files": {
            "src/ninefifteen/engine/core.py": entry((8, 8), (1, 2)),
            "src/ninefifteen/engine/risk.py": entry((0, 0)),
            "src/ninefifteen/cli/run.py": entry((1, 4)),
            "src/ninefifteen/config.py": entry((3, 4)),
        }
    }
    assert percentages(report, {"engine", "*"}) == {"engine": 90.0, "*": 50.0}


def test_a_part_without_code_is_fully_covered() -> None:
    assert percentages({"files": {}}, {"engine"}) == {"engine": 100.0}


@pytest.mark.parametrize(("covered", "code"), [(10, 0), (9, 0), (8, 1)])
def test_a_part_below_its_floor_fails_the_run(tmp_path: Path, covered: int, code: int) -> None:
    settings, report = tmp_path / "pyproject.toml", tmp_path / "coverage.json"
    settings.write_text(SETTINGS)
    report.write_text(json.dumps({"files": {"src/ninefifteen/engine/core.py": entry((covered, 10))}}))
    assert main(report, settings) == code
