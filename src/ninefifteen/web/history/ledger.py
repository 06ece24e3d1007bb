"""The ledger, read-only: the figures of many days in one look. Nothing of it is ever needed to trade."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from ninefifteen.config.dotenv import read_environment
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

MOST_ROWS = 400
_PATIENCE_S = 2.0
_QUERY = """
SELECT d.source_file, d.date, d.synthetic, d.rehearsal, d.seed, d.finished, d.at_broker, d.status,
       d.reason, d.alarms, p.bytes,
       (SELECT c.symbol FROM candidates c WHERE c.source_file = d.source_file AND c.picked) AS pick,
       (SELECT c.contract FROM candidates c WHERE c.source_file = d.source_file AND c.picked) AS contract,
       (SELECT COUNT(*) FROM trades t WHERE t.source_file = d.source_file) AS trades,
       (SELECT SUM(t.gross_paise) FROM trades t WHERE t.source_file = d.source_file) AS gross,
       (SELECT SUM(t.net_paise) FROM trades t WHERE t.source_file = d.source_file) AS net,
       (SELECT SUM(c.total_paise) FROM charges c WHERE c.source_file = d.source_file) AS charges
FROM days d JOIN projection p ON p.source_file = d.source_file
WHERE d.date < :before
ORDER BY d.date DESC, d.source_file DESC
LIMIT :most
"""


class LedgerDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day as the ledger has it; money in paise. `size` is how much of its journal it has read."""

    source_file: str
    date: str
    synthetic: bool
    rehearsal: bool
    seed: int | None
    finished: bool
    at_broker: bool
    status: str | None
    reason: str | None
    alarms: int | None
    size: int
    pick: str | None
    contract: str | None
    trades: int
    gross: int | None
    net: int | None
    charges: int | None


class LedgerLook(msgspec.Struct, frozen=True):
    """What the ledger told; `state` says whether it could be asked, `text` why not."""

    state: Literal["read", "unreachable", "none"]
    text: str
    days: tuple[LedgerDay, ...] = ()


def ledger_days(home: Home, environment: Mapping[str, str], before: date | None) -> LedgerLook:
    """The newest days of the ledger, those before a date when one is given. Never raises."""
    asked = {"before": before or date(9999, 12, 31), "most": MOST_ROWS}
    try:
        url = database_url(home, environment)
        rows = _postgresql(url, asked) if url else _file(home.ledger_file, asked)
    except FileNotFoundError:
        return LedgerLook("none", "no ledger has been written yet")
    except BadInput as problem:
        return LedgerLook("unreachable", str(problem))
    except Exception as problem:  # noqa: BLE001 - a driver's own errors; the journals have everything
        return LedgerLook("unreachable", f"the ledger cannot be read ({type(problem).__name__})")
    return LedgerLook("read", "", tuple(_day(row) for row in rows))


def database_url(home: Home, environment: Mapping[str, str]) -> str:
    """The address of the ledger's database, "" for the file in the home; the environment is stronger."""
    values, _ = read_environment(home.env_file, environment)
    return values["DATABASE_URL"].text if "DATABASE_URL" in values else ""


def _file(path: Path, asked: dict[str, Any]) -> list[dict[str, Any]]:
    if not path.is_file():
        raise FileNotFoundError(path)
    address = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_S)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
        found = connection.execute(_QUERY, {**asked, "before": asked["before"].isoformat()})
        return [dict(row) for row in found]


def _postgresql(url: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    # Loaded only by those who have such a database: it is a third of this process's memory.
    from sqlalchemy import text  # noqa: PLC0415

    from ninefifteen.adapters.ledger.database import connect  # noqa: PLC0415

    engine = connect(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION READ ONLY"))
            return [dict(row) for row in connection.execute(text(_QUERY), asked).mappings()]
    finally:
        engine.dispose()


def _day(row: dict[str, Any]) -> LedgerDay:
    number = {name: None if row[name] is None else int(row[name]) for name in ("gross", "net", "charges")}
    return LedgerDay(
        source_file=str(row["source_file"]),
        date=str(row["date"]),
        synthetic=bool(row["synthetic"]),
        rehearsal=bool(row["rehearsal"]),
        seed=cast("int | None", row["seed"]),
        finished=bool(row["finished"]),
        at_broker=bool(row["at_broker"]),
        status=row["status"],
        reason=row["reason"],
        alarms=row["alarms"],
        size=int(row["bytes"]),
        pick=row["pick"],
        contract=row["contract"],
        trades=int(row["trades"]),
        **number,
    )
