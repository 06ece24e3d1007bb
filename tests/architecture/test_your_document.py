"""The table of the user's document is complete, and says the truth about this repository."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from ninefifteen.domain.settings import Settings
from tests.architecture.documents import verbs
from tests.architecture.your_document import Row, Tree, rows, untrue

NAMES = Path(__file__).with_name("your_document_names.csv")


@pytest.fixture
def table(repository: Path) -> list[Row]:
    return rows((repository / "docs" / "your-document.md").read_text(encoding="utf-8"))


@pytest.fixture
def planted(tmp_path: Path) -> Tree:
    """A small repository: one file, one verb, one setting."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "engine.py").touch()
    return Tree(tmp_path, ["run"], {"risk": {"max_trades": 2}})


def test_every_name_of_the_document_has_a_row(table: list[Row]) -> None:
    with NAMES.open(encoding="utf-8", newline="") as file:
        wanted = [entry["name"] for entry in csv.DictReader(file)]
    assert len(wanted) > 100
    assert sorted(set(wanted) - {row.name for row in table}) == []


def test_no_name_has_two_rows(table: list[Row]) -> None:
    names = [row.name for row in table]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_row_is_true_of_this_repository(repository: Path, table: list[Row]) -> None:
    existing = verbs(repository / "src" / "ninefifteen" / "cli")
    tree = Tree(repository, existing, msgspec.to_builtins(Settings()))
    assert [complaint for row in table for complaint in untrue(row, tree)] == []


@pytest.mark.parametrize(
    "where",
    ["`src/engine.py`", "`ninefifteen run --demo`", "`risk.max_trades` in `config.yaml`"],
)
def test_a_place_that_exists_is_here_and_not_planned(planted: Tree, where: str) -> None:
    assert untrue(Row("x", "here", where, ""), planted) == []
    assert untrue(Row("x", "instead", where, ""), planted) == []
    assert len(untrue(Row("x", "planned", where, ""), planted)) == 1


@pytest.mark.parametrize(
    "where",
    ["`src/gone.py`", "`ninefifteen halt`", "`risk.max_hope` in `config.yaml`"],
)
def test_a_place_that_is_missing_is_planned_and_not_here(planted: Tree, where: str) -> None:
    assert untrue(Row("x", "planned", where, ""), planted) == []
    assert len(untrue(Row("x", "here", where, ""), planted)) == 1


def test_a_row_without_a_place_or_with_an_unknown_state_is_refused(planted: Tree) -> None:
    assert len(untrue(Row("x", "here", "", ""), planted)) == 1
    assert len(untrue(Row("x", "soon", "`src/engine.py`", ""), planted)) == 1


def test_rows_are_read_from_every_table_of_a_document() -> None:
    text = "| In your document | State | Where | Why |\n|---|---|---|---|\n| `a.b` | here | `src/x` | w |\n"
    assert rows(text + "\n## More\n" + text.replace("a.b", "c")) == [
        Row("a.b", "here", "`src/x`", "w"),
        Row("c", "here", "`src/x`", "w"),
    ]
