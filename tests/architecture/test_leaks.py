"""Nothing of one machine, of a registry or of a secret store is committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.leaks import committed_texts, leaks


def test_no_committed_file_carries_a_machine_path_a_registry_host_or_a_key(repository: Path) -> None:
    texts = committed_texts(repository)
    if not texts:
        pytest.skip("not a git checkout: what would be committed cannot be listed")
    assert [f"{name}:{line}: {what}" for name, text in texts.items() for line, what in leaks(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "see /" + "work/main/x.py",
        "(/" + "root/.venv)",
        "'/" + "tmp/oracle.json'",
        "/" + "home/someone/x",
        "https://py" + "pi.org/simple",
        "files.python" + "hosted.org",
        "file:" + "///opt/simple",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
    ],
)
def test_a_planted_leak_is_found(text: str) -> None:
    assert [line for line, _ in leaks("first\n" + text)] == [2]


@pytest.mark.parametrize("text", ["../shared/data", "docs/work/x", "home/user_data", "a work/life balance"])
def test_paths_inside_the_repository_are_fine(text: str) -> None:
    assert leaks(text) == []
