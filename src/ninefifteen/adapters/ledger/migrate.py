"""Bringing a ledger's tables to what this program writes: Alembic's changes, shipped inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from ninefifteen.errors import BadInput

from .database import place_of, writing

_FOLDER = Path(__file__).with_name("migrations")
_BEFORE_ALEMBIC = 1
"""The one number that `schema_version` ever had in programs without migrations."""

_PATIENCE_SECONDS = 60
"""Programs that start together wait for each other here; on a small machine each takes seconds."""


def prepare(engine: Engine) -> None:
    """Make or change the tables so that they are this program's; nothing when they are.

    All changes are one transaction, under the lock of `writing`: of two programs one waits, and a program
    killed halfway leaves the ledger as it was. A ledger from before Alembic keeps every row. Raises BadInput
    for a ledger of a newer program, sqlalchemy.exc.SQLAlchemyError when the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with writing(engine, patience_s=_PATIENCE_SECONDS) as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
        known = {change.revision for change in script.walk_revisions()}
        if not found <= known or not (found or _is_ours(connection)):
            raise BadInput(
                f"the ledger {place_of(engine.url)} was made by a newer program than this one: update "
                "ninefifteen, or move that ledger away: it is made anew from the journals"
            )
        if found != set(script.get_heads()):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _is_ours(connection: Connection) -> bool:
    """Whether a database without Alembic's mark is empty, or a ledger from before it."""
    if not inspect(connection).has_table("schema_version"):
        return True
    return connection.execute(text("SELECT version FROM schema_version")).scalar() in (None, _BEFORE_ALEMBIC)
