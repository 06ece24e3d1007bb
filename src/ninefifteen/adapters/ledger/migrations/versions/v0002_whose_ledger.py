"""Whose ledger it is; where a day's orders went; under which id a command was sent.

`schema_version` stays for programs from before Alembic: they refuse a ledger whose number is not 1.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table and the columns; days from before were never at a broker."""
    op.create_table(
        "identity",
        sa.Column("rehearsal", sa.Boolean, primary_key=True, autoincrement=False),
        sa.Column("account", sa.Text),
    )
    op.add_column("days", sa.Column("at_broker", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("commands", sa.Column("command_id", sa.Text, nullable=False, server_default=""))
    op.execute("DELETE FROM schema_version")
    op.execute("INSERT INTO schema_version (version) VALUES (2)")
