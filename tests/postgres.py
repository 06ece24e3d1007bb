"""A PostgreSQL for tests: the one that `tools/postgres.sh` starts, and servers of one's own to maltreat."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.ports import free_port

VARIABLE = "NINEFIFTEEN_TEST_DATABASE_URL"
DEFAULT = "postgresql://ninefifteen:ninefifteen@127.0.0.1:5915/ninefifteen_test"
"""What `tools/postgres.sh` prints."""
_NUMBERS = count(1)


@cache
def address() -> str:
    """The address of the shared server; skips the test where none answers, unless one was promised."""
    promised = os.environ.get(VARIABLE)
    try:
        psycopg.connect(promised or DEFAULT, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        if promised:
            pytest.fail(f"{VARIABLE} is set, but no PostgreSQL answers there: {error}")
        pytest.skip(
            "NOT TESTED ON POSTGRESQL: none answers on port 5915. tools/postgres.sh installs and starts one"
        )
    return promised or DEFAULT


@contextmanager
def schema(place: str | None = None) -> Iterator[str]:
    """An empty schema of its own in the shared server: the address that leads into it."""
    place = place or address()
    name = f"t_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")  # of a test that was killed
        connection.execute(f"CREATE SCHEMA {name}")
        yield f"{place}?options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE")


def binaries() -> Path:
    """Where initdb and pg_ctl are; skips the test where they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    path = found[-1] if found else shutil.which("initdb")
    if path is None:
        pytest.skip("NOT TESTED ON POSTGRESQL: it is not installed. tools/postgres.sh installs it")
    return Path(path).parent


class Server:
    """A PostgreSQL server of one test's own. It runs as a user of its own where the tests run as root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = binaries()
        self._data = folder / "data"
        self._user = "postgres" if os.geteuid() == 0 else None
        self.port = free_port()
        self.url = f"postgresql://trader:secret@127.0.0.1:{self.port}/postgres"
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "--no-sync", "--auth", "trust", "--username", "trader", "--locale", "C.UTF-8")

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._bin / program), "--pgdata", str(self._data), *words],
            user=self._user,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def start(self) -> None:
        """Start it, or start it again; returns when it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        log = str(self._data / "server.log")
        self._run("pg_ctl", "start", "--silent", "--wait", "--log", log, "--options", options)

    def log(self) -> str:
        """What the server has told of itself so far."""
        return (self._data / "server.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """As a power cut would: no goodbye to anybody."""
        self._run("pg_ctl", "stop", "--silent", "--mode", "immediate")

    def answers(self) -> bool:
        """Whether somebody can connect."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, url: str = "") -> psycopg.Connection:
        """A connection beside the ledger's; each statement counts at once."""
        return psycopg.connect(url or self.url, autocommit=True)

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"trading_{next(_NUMBERS)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url.rpartition("/")[0] + f"/{name}"

    def owns(self, folder: Path) -> None:
        """Give it a folder to write in."""
        if self._user:
            shutil.chown(folder, self._user)

    def signal_writers(self, number: signal.Signals) -> int:
        """Send a signal to every server process that works for a ledger; returns to how many."""
        with self.connect() as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'ninefifteen ledger'"
            ).fetchall()
        for (pid,) in found:
            os.kill(pid, number)
        return len(found)


@contextmanager
def server() -> Iterator[Server]:
    """A running server of one's own, gone afterwards."""
    binaries()
    folder = Path(tempfile.mkdtemp(prefix="ninefifteen-postgres-"))
    try:
        own = Server(folder)
        own.start()
        try:
            yield own
        finally:
            if own.answers():
                own.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
