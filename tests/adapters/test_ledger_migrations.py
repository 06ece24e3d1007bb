"""The ledger's tables come from its migrations: on an empty database, an old ledger, or two at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from ninefifteen.adapters.journal import journal_name
from ninefifteen.adapters.ledger import database as databases
from ninefifteen.adapters.ledger import migrate, schema
from ninefifteen.adapters.ledger.database import connect
from ninefifteen.adapters.ledger.migrate import prepare
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.errors import BadInput
from tests.adapters.journal_days import DAY, a_day, header, write
from tests.adapters.ledgers import Databases, dump, rows


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def as_before_alembic(engine: Engine, folder: Path) -> str:
    """Turn a ledger with one day into what a program of before Alembic left; returns its old rows."""
    write(folder / journal_name(DAY, 7), a_day())
    Ledger(engine, folder).catch_up()
    run(
        engine,
        "ALTER TABLE days DROP COLUMN at_broker",
        "ALTER TABLE commands DROP COLUMN command_id",
        "DROP TABLE identity",
        "DROP TABLE alembic_version",
        "UPDATE schema_version SET version = 1",
        "INSERT INTO alarms"
        " (source_file, number, date, synthetic, rehearsal, settings_hash, at, severity, text)"
        " VALUES ('2020-01-01.journal', 1, '2020-01-01', false, false, 'h', 5, 'P1', 'kept')",
    )
    with engine.connect() as connection:
        return repr([connection.execute(text(f"SELECT * FROM {t}")).all() for t in ("trades", "alarms")])


def test_the_migrations_make_the_tables_that_the_program_writes(database: Databases) -> None:
    engine = database()
    prepare(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: name != "schema_version"}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_a_ledger_from_before_alembic_is_taken_up_without_loss(database: Databases, tmp_path: Path) -> None:
    engine = database()
    before = as_before_alembic(engine, tmp_path / "journal")
    assert "alembic_version" not in tables(engine)
    for _ in range(2):
        assert Ledger(engine, tmp_path / "journal").catch_up(thorough=True) == []
    with engine.connect() as connection:
        after = [connection.execute(text(f"SELECT * FROM {t}")).all() for t in ("trades", "alarms")]
    assert repr(after) == before
    assert [day["at_broker"] for day in rows(engine, schema.days)] == [False]
    assert {c["command_id"] for c in rows(engine, schema.commands)} == {""}


def test_a_ledger_of_which_only_some_tables_were_made_is_completed(database: Databases) -> None:
    engine = database()
    run(engine, "CREATE TABLE schema_version (version INTEGER PRIMARY KEY)")
    prepare(engine)
    assert tables(engine) >= set(schema.metadata.tables)


def test_a_program_from_before_alembic_refuses_the_new_ledger_instead_of_failing_in_it(
    database: Databases,
) -> None:
    """It reads this number and knows only 1."""
    prepare(database())
    with database().connect() as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).all() == [(2,)]


@pytest.mark.parametrize("of", ["a later migration", "an unknown number from before Alembic"])
def test_a_ledger_of_a_newer_program_is_refused_in_one_line_and_left_as_it_is(
    database: Databases, tmp_path: Path, of: str
) -> None:
    engine = database()
    as_before_alembic(engine, tmp_path / "journal")
    if of == "a later migration":
        prepare(engine)
        run(engine, "UPDATE alembic_version SET version_num = '9999'")
    else:
        run(engine, "UPDATE schema_version SET version = 99")
    before = tables(engine), rows(engine, schema.trades)
    with pytest.raises(BadInput, match=r"made by a newer program than this one: update ninefifteen") as told:
        Ledger(engine, tmp_path / "journal")
    assert "\n" not in str(told.value)
    assert (tables(engine), rows(engine, schema.trades)) == before


def test_of_several_programs_that_start_at_once_one_makes_the_tables(database: Databases) -> None:
    url = database().url
    failures: list[BaseException] = []

    def start() -> None:
        engine = connect(url.render_as_string(hide_password=False))
        try:
            prepare(engine)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test has to see it
            failures.append(failure)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert tables(database()) >= set(schema.metadata.tables)


def test_a_start_has_more_patience_with_another_one_than_a_write(
    database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = database()
    prepare(engine)
    monkeypatch.setattr(databases, "_BUSY_SECONDS", 1)
    other, here = (
        connect(engine.url.render_as_string(hide_password=False)),
        connect(engine.url.render_as_string(hide_password=False)),
    )
    with databases.writing(other):
        with pytest.raises(OperationalError), databases.writing(here):
            pass
        free = threading.Timer(2.5, lambda: None)
        free.start()
        waiting = threading.Thread(target=prepare, args=(here,))
        waiting.start()
        free.join()
        assert waiting.is_alive()
    waiting.join(60)
    assert not waiting.is_alive()
    prepare(here)
    other.dispose()
    here.dispose()


def test_the_switch_to_a_write_ahead_log_is_asked_for_again_while_another_looks() -> None:
    asked: list[str] = []

    class Cursor:
        def execute(self, statement: str) -> None:
            asked.append(statement)
            if len(asked) < 3:
                raise sqlite3.OperationalError("database is locked")

    databases._write_ahead(Cursor())
    assert asked == ["PRAGMA journal_mode=WAL"] * 3


def test_a_disk_that_cannot_be_read_is_not_asked_again() -> None:
    class Cursor:
        def execute(self, statement: str) -> None:
            raise sqlite3.OperationalError(f"disk I/O error in {statement}")

    with pytest.raises(sqlite3.OperationalError, match="disk I/O"):
        databases._write_ahead(Cursor())


def test_a_program_that_dies_halfway_leaves_the_ledger_as_it_was(
    database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, real = database(), command.upgrade
    as_before_alembic(engine, tmp_path / "journal")
    before = tables(engine)

    def dies(*words: object) -> None:
        real(*words)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", dies)
        with pytest.raises(KeyboardInterrupt):
            prepare(engine)
    assert tables(engine) == before
    assert "at_broker" not in {c["name"] for c in inspect(engine).get_columns("days")}
    prepare(engine)
    assert "at_broker" in {c["name"] for c in inspect(engine).get_columns("days")}


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    """Another program writes into the ledger and does not come to an end."""
    with databases.writing(engine):
        yield


def test_a_lock_that_is_not_let_go_of_is_given_up_on(
    database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "_BUSY_SECONDS", 1)
    monkeypatch.setattr(migrate, "_PATIENCE_SECONDS", 1)
    prepare(database())
    other = connect(database().url.render_as_string(hide_password=False))
    try:
        with held(other), pytest.raises(OperationalError, match=r"lock"):
            prepare(database())
    finally:
        other.dispose()
    prepare(database())


def test_a_ledger_that_lost_its_tables_gets_them_and_its_rows_again(
    database: Databases, tmp_path: Path
) -> None:
    """As after a restore of an empty database while the program runs."""
    write(tmp_path / journal_name(DAY, 7), a_day(), header())
    ledger = Ledger(database(), tmp_path)
    ledger.catch_up()
    before = dump(database())
    run(database(), *(f"DROP TABLE {table}" for table in tables(database())))
    ledger.reopen()
    ledger.catch_up()
    assert dump(database()) == before


def test_the_migrations_are_in_the_wheel(repository: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=repository, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    package = repository / "src"
    migrations = package / "ninefifteen" / "adapters" / "ledger" / "migrations"
    wanted = {path.relative_to(package).as_posix() for path in migrations.rglob("*.py")}
    assert len(wanted) > 4
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())
