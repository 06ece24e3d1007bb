"""The ledger's tables and amounts, and the addresses of the databases they may live in."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.database import connect, prepare
from ninefifteen.adapters.ledger.rows import exact_rupees, tax_year
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.errors import BadInput


def test_exact_rupees_have_every_digit_and_no_exponent() -> None:
    one = 100 * 1_000_000_000_000
    texts = {
        0: "0",
        one: "1",
        -one // 2: "-0.5",
        1: "0.00000000000001",
        20 * one: "20",
        -3 * one - 1: "-3.00000000000001",
    }
    assert {units: exact_rupees(units) for units in texts} == texts


def test_a_tax_year_begins_in_april() -> None:
    assert [tax_year(date(2026, 3, 31)), tax_year(date(2026, 4, 1)), tax_year(date(2099, 5, 1))] == [
        "2025-26",
        "2026-27",
        "2099-00",
    ]


def test_every_table_says_which_file_and_settings_its_rows_come_from() -> None:
    common = {"source_file", "date", "synthetic", "rehearsal", "settings_hash"}
    for table in schema.OF_A_DAY:
        assert common <= set(table.columns.keys()), table.name


def test_a_ledger_of_another_version_is_refused(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'ledger.db'}")
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(schema.schema_version.update().values(version=99))
    with pytest.raises(BadInput, match=r"version 99, this program writes version 1: move it away"):
        Ledger(engine, tmp_path)
    engine.dispose()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "cannot be used"),
        ("oracle+nothing://me:secret@localhost/x", "cannot be used"),
        ("postgresql://me:secret@localhost/trading", "psycopg"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line_without_the_password(
    monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BadInput, match=words) as caught:
        connect(address)
    assert "secret" not in str(caught.value)


def test_a_postgresql_address_is_taken_as_people_write_it() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed: PostgreSQL addresses are not tried")
    assert connect("postgresql://user:pass@localhost/trading").dialect.driver == "psycopg"


def test_the_tables_can_be_made_in_postgresql() -> None:
    """The statements compile in its dialect; running them there comes with the store that offers it."""
    for table in schema.metadata.sorted_tables:
        assert table.name in str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
