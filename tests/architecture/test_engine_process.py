"""What the engine process always carries stays small: no table, compiler or database library."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.imports import HEAVY, loaded_after


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


def test_a_planted_heavy_import_is_seen(tmp_path: Path) -> None:
    (tmp_path / "planted_engine.py").write_text("import polars_stand_in as _table\nimport pandas\n")
    (tmp_path / "polars_stand_in.py").touch()
    (tmp_path / "pandas.py").touch()
    loaded = loaded_after("import planted_engine", {"PYTHONPATH": str(tmp_path)})
    assert loaded & HEAVY == {"pandas"}
