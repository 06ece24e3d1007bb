"""The databases that a ledger may live in: what holds for one holds for the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import postgres
from tests.adapters.ledgers import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """The contract of the ledger is one, whatever database holds it."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            databases = Databases(lambda name: f"sqlite:///{tmp_path / name}.db")
        else:
            postgres.address()
            databases = Databases(lambda _: stack.enter_context(postgres.schema()))
        yield databases
        for engine in databases.engines.values():
            engine.dispose()
