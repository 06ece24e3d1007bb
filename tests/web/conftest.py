"""Dashboards for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.sites import Desk, desk


@pytest.fixture
def at_desk(tmp_path: Path) -> Iterator[Desk]:
    """A dashboard with a viewer, an operator and an admin."""
    with desk(tmp_path / "home") as opened:
        yield opened
