"""The documents keep up with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.documents import broken_links, documents, unmentioned, verbs

ABOUT_SOMETHING_ELSE = {"your-document.md", "CHANGELOG.md"}


def test_no_link_of_a_document_leads_nowhere(repository: Path) -> None:
    assert [(path.name, link) for path in documents(repository) for link in broken_links(path)] == []


def test_every_command_is_shown_in_a_document(repository: Path) -> None:
    existing = verbs(repository / "src" / "ninefifteen" / "cli")
    if not existing:
        pytest.skip("the command line has no verbs yet")
    told = [path for path in documents(repository) if path.name not in ABOUT_SOMETHING_ELSE]
    assert unmentioned(existing, "\n".join(path.read_text(encoding="utf-8") for path in told)) == []


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
