"""Everything that is installed is exact, hashed and free of anybody's index address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest


def requirements(text: str) -> dict[str, str]:
    """Name of each locked package (normalised) with its whole entry."""
    joined = re.sub(r"\\\n", " ", text)
    lines = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    return {name_of(line): line for line in lines}


def name_of(line: str) -> str:
    """The name of what a requirement asks for, normalised: "ruamel.yaml>=0.18" -> "ruamel-yaml"."""
    return re.sub(r"[-_.]+", "-", re.split(r"[=<>~; \[]", line)[0].lower())


@pytest.fixture(scope="module")
def lock(repository: Path) -> str:
    return (repository / "requirements.lock").read_text(encoding="utf-8")


def test_every_package_is_exact_and_has_hashes(lock: str) -> None:
    assert [
        name
        for name, entry in requirements(lock).items()
        if not re.match(r"[\w.-]+==\S+ ", entry) or "--hash=sha256:" not in entry
    ] == []


def test_the_lock_names_no_index_and_no_file(lock: str) -> None:
    assert re.findall(r"://|--(?:index|extra|find|trusted)\S*|@ ", lock) == []


def test_everything_the_project_asks_for_is_locked(repository: Path, lock: str) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    names = {name_of(line) for line in wanted}
    assert names - set(requirements(lock)) == set()


def test_an_entry_without_a_hash_would_be_seen() -> None:
    entries = requirements("rich==15.0.0\nnumpy==2.4.6 ; python_version < '3.12' \\\n    --hash=sha256:0f\n")
    assert entries["rich"] == "rich==15.0.0"
    assert "--hash=sha256:0f" in entries["numpy"]
