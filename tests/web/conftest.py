"""Dashboards for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ninefifteen.web.accounts import passwords
from tests.web.sites import Desk, desk


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes cost next to nothing here; only tests of what they cost make real ones."""
    if "real_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_PASSES", 1)
        monkeypatch.setattr(passwords, "_MEMORY_KIB", 8)


@pytest.fixture
def real_passwords() -> None:
    """Hashes cost here what they cost anywhere."""


@pytest.fixture
def at_desk(tmp_path: Path) -> Iterator[Desk]:
    """A dashboard with a viewer, an operator and an admin."""
    with desk(tmp_path / "home") as opened:
        yield opened
