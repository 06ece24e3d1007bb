"""The database behind the ledger: SQLite in the home by default, PostgreSQL by its address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ninefifteen.errors import BadInput

_BUSY_SECONDS = 5
"""How long another writer, or one who does not let go of a table, is waited for."""
_STATEMENT_SECONDS = 30
_LOCK = 915
"""Number of the advisory lock in PostgreSQL that writers of a ledger hold, one at a time."""


def connect(url: str) -> Engine:
    """An engine for this address; nothing is opened before it is used.

    `postgresql://user:pass@host/name` is taken as people write it; which driver speaks is ours to choose.
    Raises BadInput for an address that cannot be used, without repeating any of it.
    """
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError):
        raise _unusable() from None
    if backend == "sqlite":
        return _sqlite(address)
    if backend not in ("postgresql", "postgres"):
        raise _unusable()
    if "@" in (address.database or "") or url.partition("?")[0].count("@") > 1:
        raise BadInput(
            "the address of the ledger's database has more than one @: in its password write @ as %40, "
            "/ as %2F, : as %3A and % as %25"
        )
    return _postgresql(address.set(drivername="postgresql+psycopg"))


def _unusable() -> BadInput:
    return BadInput(
        "the address of the ledger's database cannot be used: write it like "
        "postgresql://user:password@localhost/trading, or leave DATABASE_URL empty for a file"
    )


def _sqlite(address: URL) -> Engine:
    try:
        engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
    except (ArgumentError, NoSuchModuleError, TypeError):
        raise _unusable() from None
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _postgresql(address: URL) -> Engine:
    """Connections are tried before each use, and none waits for ever."""
    patience = {
        "connect_timeout": _BUSY_SECONDS,
        "keepalives_idle": _BUSY_SECONDS,
        "keepalives_interval": _BUSY_SECONDS,
        "keepalives_count": 3,
        "tcp_user_timeout": 1000 * _STATEMENT_SECONDS,
    }
    try:
        engine = create_engine(address, pool_pre_ping=True, connect_args=patience)
    except ImportError:
        raise BadInput(
            "a ledger in PostgreSQL needs one more package: pip install 'ninefifteen[postgres]', "
            "or leave DATABASE_URL empty for a file"
        ) from None
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers do not wait for the writer; a power cut loses at most what is projected again."""
    cursor = connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Switch the file to a write-ahead log, with patience.

    SQLite answers "locked" at once to a switch while another program looks at the file: its own patience
    does not cover it (https://www.sqlite.org/wal.html, "Sometimes queries return SQLITE_BUSY in WAL mode").
    Raises sqlite3.OperationalError when the file stays locked for the usual time.
    """
    for _ in range(_BUSY_SECONDS * 20):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except OperationalError as failure:
            if "locked" not in str(failure):
                raise
            time.sleep(0.05)  # noqa: TID251 - the ledger's own thread or process, on this machine's seconds
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def _prepare_postgresql(connection: Any, _: object) -> None:
    connection.execute(f"SET lock_timeout = '{_BUSY_SECONDS}s'")
    connection.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
    connection.execute("SET application_name = 'ninefifteen ledger'")
    connection.commit()


@contextmanager
def writing(engine: Engine, *, patience_s: int = _BUSY_SECONDS) -> Iterator[Connection]:
    """A transaction in which no other writer of a ledger changes this database.

    Another writer is waited for so many seconds. Raises sqlalchemy.exc.OperationalError after them.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {1000 * patience_s}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {1000 * _BUSY_SECONDS}")
        else:
            connection.execute(text(f"SET LOCAL lock_timeout = '{patience_s}s'"))
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            connection.execute(text(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'"))
        yield connection


def place_of(address: URL) -> str:
    """Where the database is, without user, password or options: fit for a message."""
    if address.get_backend_name() == "sqlite":
        return address.database or "in memory"
    port = f":{address.port}" if address.port else ""
    return f"{address.database or 'of the user'} at {address.host or 'this machine'}{port}"
