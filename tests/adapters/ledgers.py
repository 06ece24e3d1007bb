"""Ledgers for tests, and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, select

from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.database import connect


class Databases:
    """Fresh databases by name, closed at the end."""

    def __init__(self, open_new: Callable[[str], str]) -> None:
        self.open_new = open_new
        self.engines: dict[str, Engine] = {}

    def __call__(self, name: str = "ledger") -> Engine:
        if name not in self.engines:
            self.engines[name] = connect(self.open_new(name))
        return self.engines[name]


def dump(engine: Engine) -> str:
    """Every row of every table, in order."""
    lines = []
    with engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            lines += [f"{table.name} {tuple(row)!r}" for row in rows]
    return "\n".join(lines)


def rows(engine: Engine, table: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        return [dict(row) for row in found]
