"""Everything public says what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.docstrings import undocumented


def test_every_public_module_class_and_function_has_a_docstring(repository: Path) -> None:
    package = repository / "src" / "ninefifteen"
    found = [
        f"{path.relative_to(package)}: {name}"
        for path in sorted(package.rglob("*.py"))
        for name in undocumented(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1", ["<module>"]),
        ('"""M."""\ndef f(): pass', ["f"]),
        ('"""M."""\nasync def f(): pass', ["f"]),
        ('"""M."""\nclass C:\n  def m(self): pass', ["C", "C.m"]),
        ('"""M."""\nclass C:\n  """C."""\n  @property\n  def m(self): pass', ["C.m"]),
    ],
)
def test_a_planted_silence_is_found(source: str, found: list[str]) -> None:
    assert undocumented(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "",
        '"""M."""\ndef _private(): pass',
        '"""M."""\ndef f():\n  """F."""\n  def inner(): pass',
        '"""M."""\nclass C:\n  """C."""\n  @override\n  def m(self): pass',
    ],
)
def test_what_needs_no_docstring_is_left_alone(source: str) -> None:
    assert undocumented(source) == []
