"""Domain, engine and strategies are plain functions and values: nothing foreign, nothing that waits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.purity import foreign_imports, impurities

DOMAIN_MAY_IMPORT = frozenset({"msgspec", "ninefifteen"})


def sources(repository: Path, *parts: str) -> Iterator[tuple[str, str]]:
    package = repository / "src" / "ninefifteen"
    for part in parts:
        for path in sorted((package / part).rglob("*.py")):
            yield str(path.relative_to(package)), path.read_text(encoding="utf-8")


def test_the_domain_imports_the_standard_library_and_msgspec_only(repository: Path) -> None:
    found = [
        (name, *hit)
        for name, source in sources(repository, "domain")
        for hit in foreign_imports(source, DOMAIN_MAY_IMPORT)
    ]
    assert found == []


def test_the_core_neither_waits_nor_touches_the_world(repository: Path) -> None:
    found = [
        (name, *hit)
        for name, source in sources(repository, "domain", "engine", "strategies")
        for hit in impurities(source)
    ]
    assert found == []


def test_a_planted_foreign_import_is_found() -> None:
    assert foreign_imports("import json\nfrom numpy import array\n", DOMAIN_MAY_IMPORT) == [(2, "numpy")]
    assert foreign_imports("from .money import Paise\nimport msgspec\n", DOMAIN_MAY_IMPORT) == []


@pytest.mark.parametrize(
    "source",
    [
        "async def step(): pass",
        "print(1)",
        "open('x')",
        "def count():\n  global total\n  total = 1",
        "__import__('os')",
    ],
)
def test_a_planted_impurity_is_found(source: str) -> None:
    assert len(impurities(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
        "import time\n\nNOW = time.time_ns()\n",
        "import time\n\ntime.sleep(1)\n",
        "import random\n\nDICE = random.random()\n",
        "import datetime as dt\n\nTODAY = dt.date.today()\n",
    ],
)
def test_ruff_refuses_a_planted_clock_or_global_chance(repository: Path, source: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--select",
            "TID251",
            "--output-format",
            "concise",
            "--stdin-filename",
            "src/ninefifteen/engine/planted.py",
            "-",
        ],
        cwd=repository,
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TID251" in done.stdout
