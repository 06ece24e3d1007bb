"""Fixtures for every test: recorded market data where it exists, and a network that is not there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parent.parent
REAL_DATA = REPOSITORY.parent / "shared" / "data"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
