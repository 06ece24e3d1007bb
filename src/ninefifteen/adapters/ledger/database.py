"""The database behind the ledger: SQLite in the home by default, PostgreSQL by its address."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event, insert, make_url, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ninefifteen.errors import BadInput

from .schema import VERSION, metadata, schema_version

_BUSY_SECONDS = 5


def connect(url: str) -> Engine:
    """An engine for this address; nothing is opened before it is used.

    `postgresql://user:pass@host/name` is taken as people write it. Raises BadInput for an address that
    cannot be used, without repeating a password.
    """
    try:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() != "sqlite":
            return create_engine(address, pool_pre_ping=True)
        engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
    except (ArgumentError, NoSuchModuleError):
        raise BadInput(
            "the address of the ledger's database cannot be used: write it like "
            "postgresql://user:password@localhost/trading, or leave DATABASE_URL empty for a file"
        ) from None
    except ModuleNotFoundError as missing:
        raise BadInput(f"the ledger's database needs {missing.name}: pip install {missing.name}") from None
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers do not wait for the writer; a power cut loses at most what is projected again."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def prepare(engine: Engine) -> None:
    """Make the tables where they are missing.

    Raises BadInput when the ledger is of another version: it can be rebuilt from the journals.
    """
    with engine.begin() as connection:
        metadata.create_all(connection)
        found = connection.execute(select(schema_version.c.version)).scalar()
        if found is None:
            connection.execute(insert(schema_version).values(version=VERSION))
    if found not in (None, VERSION):
        where = engine.url.render_as_string(hide_password=True)
        raise BadInput(
            f"the ledger {where} is of version {found}, this program writes version {VERSION}: "
            "move it away, it is made anew from the journals"
        )
