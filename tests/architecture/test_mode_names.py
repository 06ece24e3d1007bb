"""Ways of running differ by wiring: no name in the core says which one it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.names import mode_words

CORE = ("domain", "engine", "strategies", "runtime")

PLANTED = [
    "if mode == 1: pass",
    "if settings.is_live: pass",
    "def step(dry_run): pass",
    "def step(*, paper=False): pass",
    "step(backtest=True)",
    "def demo(): pass",
    "class Live: pass",
    "import engine.paper",
    "from engine import order as live",
    "match event:\n  case Tick(mode=1): pass",
    "match event:\n  case [*live]: pass",
    "MODE = 1",
]


def test_no_identifier_of_the_core_is_a_mode_word(repository: Path) -> None:
    package = repository / "src" / "ninefifteen"
    found = [
        f"{path.relative_to(package)}:{line}: {name}"
        for part in CORE
        for path in sorted((package / part).rglob("*.py"))
        for line, name in mode_words(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("source", PLANTED)
def test_a_planted_mode_word_is_found(source: str) -> None:
    assert len(mode_words(source)) == 1


def test_words_in_text_and_longer_names_are_free() -> None:
    assert mode_words('"""A live order, in paper mode."""\nmodel = alive = paper_capital = "demo"\n') == []
