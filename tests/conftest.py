"""Fixtures for every test: recorded market data where it exists, and a network that is not there."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).parent.parent
REAL_DATA = REPOSITORY.parent / "shared" / "data"
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# How long an example takes is the machine's business, and `make test` tries the same ones every time: a run
# that fails fails again. `make nightly` looks for new ones (--hypothesis-profile=new_examples).
_WHATEVER_IT_TAKES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same_examples", _WHATEVER_IT_TAKES, derandomize=True)
settings.register_profile("new_examples", _WHATEVER_IT_TAKES)
settings.load_profile("same_examples")

# Thousands of tests keep a million objects: to look through them after every few thousand new ones took a
# tenth of the whole time.
gc.set_threshold(20_000, 20, 20)

UNMEASURED = (
    "cli/test_run_stopped.py",
    "parity/",
    "scenarios/test_synthetic_days.py",
    "simulation/planted/",
    "simulation/test_coverage.py",
    "simulation/test_day.py",
    "simulation/test_nightly.py",
    "simulation/test_regress.py",
    "simulator/market/test_market_watching.py",
    "simulator/market/test_same_as_synthetic_day.py",
    "wiring/test_sessions.py",
)
"""Whole days by the hundred, through code whose every line other tests reach: to measure them takes up to
four times as long as to run them, and adds no line to what is covered."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage is not measured in the tests that are long and reach nothing new.

    The marker `no_cover` does not do it: a worker of pytest-xdist has a second measurement below the first.
    """
    if not item.path.relative_to(Path(__file__).parent).as_posix().startswith(UNMEASURED):
        return (yield)
    measures = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(measures)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout under test."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of recorded market data beside the repository; skips the test where there is none."""
    if not REAL_DATA.is_dir():
        pytest.skip("no recorded market data: ../shared/data is not beside this checkout")
    return REAL_DATA


@pytest.fixture(scope="session", autouse=True)
def _no_browser() -> Iterator[None]:
    """No test opens somebody's browser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NINEFIFTEEN_NO_BROWSER", "1")
        yield


class NetworkUsed(AssertionError):
    """A test tried to reach beyond this machine."""


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """No test reaches beyond this machine: sockets connect to the loopback or to a local file only."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guard(family: int, address: Any) -> None:
        if family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise NetworkUsed(f"a test tried to connect to {address!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        guard(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        guard(self.family, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield
