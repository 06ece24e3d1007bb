"""The import contracts of pyproject.toml hold for the package, and each of them can be broken."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

MODULES = ("cli", "web", "wiring", "config", "home", "simulator", "strategies", "research", "reports")
MORE = ("runtime", "errors", "engine", "ports", "domain", "adapters/zerodha", "adapters/upstox", "adapters")

PLANTED = {
    "layers point inwards": [
        ("domain", "ninefifteen.engine"),
        ("domain", "ninefifteen.errors"),
        ("engine", "ninefifteen.ports"),
        ("engine", "ninefifteen.errors"),
        ("ports", "ninefifteen.engine"),
        ("runtime", "ninefifteen.simulator"),
        ("strategies", "ninefifteen.simulator"),
        ("simulator", "ninefifteen.adapters"),
        ("research", "ninefifteen.wiring"),
        ("wiring", "ninefifteen.cli"),
        ("web", "ninefifteen.cli"),
        ("adapters/zerodha", "ninefifteen.home"),
    ],
    "adapters are independent of one another": [("adapters/zerodha", "ninefifteen.adapters.upstox")],
    "adapters know only ports and domain": [
        ("adapters/zerodha", "ninefifteen.engine"),
        ("adapters/upstox", "ninefifteen.runtime"),
    ],
    "the core does no input or output and reads no clock": [
        *[("engine", name) for name in ("asyncio", "socket", "time", "random", "logging", "pathlib")],
        *[("domain", name) for name in ("sqlite3", "os", "urllib.request")],
        *[("strategies", name) for name in ("threading", "ssl", "http.client")],
    ],
    "the core carries no array or table library": [
        ("domain", "numpy"),
        ("engine", "pyarrow"),
        ("strategies", "polars"),
    ],
    "what the engine process always carries stays light": [
        ("runtime", "sqlalchemy"),
        ("runtime", "alembic"),
        ("engine", "psycopg"),
        ("ports", "pandas"),
        ("runtime", "fastapi"),
        ("engine", "starlette"),
    ],
}


def lint(repository: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(
        [*command, "--config", str(repository / "pyproject.toml")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A package of the same shape as ours, every part of it empty."""
    for name in ("", *MODULES, *MORE):
        folder = tmp_path / "ninefifteen" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    return tmp_path


def plant(skeleton: Path, module: str, target: str) -> None:
    with (skeleton / "ninefifteen" / module / "__init__.py").open("a") as source:
        source.write(f"import {target}\n")


def test_the_package_keeps_every_contract(repository: Path) -> None:
    done = lint(repository, repository / "src")
    assert done.returncode == 0, done.stdout


def test_an_empty_skeleton_keeps_every_contract(repository: Path, skeleton: Path) -> None:
    done = lint(repository, skeleton)
    assert done.returncode == 0, done.stdout


def test_every_contract_of_the_project_has_a_planted_fault_here(repository: Path) -> None:
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    assert {entry["name"] for entry in settings["tool"]["importlinter"]["contracts"]} == set(PLANTED)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract_and_is_named(
    repository: Path, skeleton: Path, contract: str
) -> None:
    for module, target in PLANTED[contract]:
        plant(skeleton, module, target)
    done = lint(repository, skeleton)
    text = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert f"{contract} BROKEN" in text
    for module, target in PLANTED[contract]:
        importer = "ninefifteen." + module.replace("/", ".")
        found = target if target.startswith("ninefifteen") else target.partition(".")[0]
        assert f"{importer} -> {found} " in text, done.stdout


def test_a_new_part_of_the_package_must_be_given_its_layer(repository: Path, skeleton: Path) -> None:
    (skeleton / "ninefifteen" / "helpers.py").touch()
    done = lint(repository, skeleton)
    assert done.returncode == 1
    assert "helpers" in done.stdout
