"""What the engine process always carries stays small: no table, compiler or database library."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.architecture.imports import HEAVY, WEB, loaded_after, modules_after


def import_all(repository: Path, *parts: str) -> str:
    package = repository / "src"
    files = [path for part in parts for path in sorted((package / "ninefifteen" / part).rglob("*.py"))]
    dotted = [".".join(path.relative_to(package).with_suffix("").parts) for path in files]
    return "\n".join(f"import {name.removesuffix('.__init__')}" for name in dotted)


@pytest.mark.parametrize("part", ["domain", "engine", "strategies"])
def test_the_core_loads_no_heavy_library_and_no_arrays(repository: Path, part: str) -> None:
    loaded = loaded_after(import_all(repository, part))
    assert loaded & (HEAVY | {"numpy", "pyarrow", "asyncio", "sqlite3"}) == set()


def test_ports_and_runtime_load_no_heavy_library(repository: Path) -> None:
    assert loaded_after(import_all(repository, "ports", "runtime")) & (HEAVY | {"pyarrow"}) == set()


def test_the_process_that_trades_on_paper_loads_no_heavy_library() -> None:
    assert loaded_after("import ninefifteen.cli.run_paper") & (HEAVY | {"pyarrow"}) == set()


def test_the_process_that_trades_at_the_broker_loads_no_database_and_no_heavy_library() -> None:
    loaded = loaded_after("import ninefifteen.cli.run, ninefifteen.cli.run_live")
    assert {"sqlalchemy", "alembic", "psycopg"} <= HEAVY
    assert loaded & (HEAVY | {"pyarrow"}) == set()


@pytest.mark.parametrize("way", ["run_demo", "run_paper", "run_live"])
def test_the_process_that_trades_loads_nothing_of_the_dashboard(way: str) -> None:
    """It starts it as a program: neither a web library nor a module of ours that has one comes along."""
    modules = modules_after(f"import ninefifteen.cli.run, ninefifteen.cli.{way}")
    assert {name.partition(".")[0] for name in modules} & WEB == set()
    assert [
        name for name in modules if name.startswith("ninefifteen.web.") or name == "ninefifteen.web"
    ] == []
    assert "ninefifteen.cli.web_child" in modules


def test_a_day_with_its_dashboard_loads_nothing_of_it_either(tmp_path: Path) -> None:
    words = [
        "run",
        "--demo",
        "--once",
        "--speed",
        "max",
        "--home",
        str(tmp_path),
        "--set",
        f"dashboard.port={free_port()}",
    ]
    loaded = loaded_after(f"from ninefifteen.cli import execute\nassert execute({words!r}) == 0")
    assert loaded & WEB == set()
    assert loaded & HEAVY == set()


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def test_a_planted_heavy_import_is_seen(tmp_path: Path) -> None:
    (tmp_path / "planted_engine.py").write_text("import polars_stand_in as _table\nimport pandas\n")
    (tmp_path / "polars_stand_in.py").touch()
    (tmp_path / "pandas.py").touch()
    loaded = loaded_after("import planted_engine", {"PYTHONPATH": str(tmp_path)})
    assert loaded & HEAVY == {"pandas"}
