"""A home with two finished synthetic days, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.home import Home
from ninefifteen.web.history.records import Records
from tests.cli.command_line import demo_day
from tests.web.history.homes import QUIET_SEED, TRADED_SEED


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a quiet day and a traded one; nobody may change it."""
    home = tmp_path_factory.mktemp("lived") / "home"
    demo_day(home, seed=QUIET_SEED)
    demo_day(home, seed=TRADED_SEED)
    return home


@pytest.fixture(scope="session")
def records(lived: Path) -> Records:
    """Its records, as a process that has run for a while keeps them."""
    return Records(Home.open(lived), {})


@pytest.fixture
def fresh(lived: Path) -> Records:
    """Its records, read by nobody before."""
    return Records(Home.open(lived), {})
