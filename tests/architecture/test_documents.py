"""The documents keep up with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.documents import broken_links, documents, invented, unmentioned, verbs

ABOUT_OTHER_TIMES = {"your-document.md", "CHANGELOG.md"}


def test_no_link_of_a_document_leads_nowhere(repository: Path) -> None:
    assert [(path.name, link) for path in documents(repository) for link in broken_links(path)] == []


@pytest.fixture
def told(repository: Path) -> str:
    """The text of all documents but those about other times."""
    pages = [path for path in documents(repository) if path.name not in ABOUT_OTHER_TIMES]
    return "\n".join(path.read_text(encoding="utf-8") for path in pages)


def test_every_command_is_shown_in_a_document(repository: Path, told: str) -> None:
    assert unmentioned(verbs(repository / "src" / "ninefifteen" / "cli"), told) == []


def test_no_document_shows_a_command_that_does_not_exist(repository: Path, told: str) -> None:
    assert invented(verbs(repository / "src" / "ninefifteen" / "cli"), told) == []


def test_a_planted_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[a](page.md) [b](gone.md#x) ![c](gone.svg) [d](https://x.example/y) [e](#here) `[f](no)`"
    )
    assert broken_links(page) == ["gone.md", "gone.svg"]


def test_a_planted_command_without_a_word_about_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text("def register(app): ...\n")
    (tmp_path / "why_not.py").write_text("def register(app): ...\n")
    (tmp_path / "common.py").write_text("def print_json(doc): ...\n")
    assert verbs(tmp_path) == ["run", "why-not"]
    assert unmentioned(["run", "why-not"], "ninefifteen runs; ninefifteen why-not --date D") == ["run"]


def test_a_planted_command_that_does_not_exist_is_found() -> None:
    text = "`ninefifteen run`, `.venv/bin/ninefifteen fly -x`, ```\nninefifteen why\n``` and it works"
    assert invented(["run", "why"], text) == ["fly"]
