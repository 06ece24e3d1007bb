"""Runs the changes on the connection it is handed: `migrate.py` holds the lock and the transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
