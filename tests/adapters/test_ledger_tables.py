"""The ledger's tables and amounts, and the addresses of the databases they may live in."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.database import connect, place_of
from ninefifteen.adapters.ledger.rows import exact_rupees, tax_year
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


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "cannot be used"),
        ("oracle+nothing://me:secret@localhost/x", "cannot be used"),
        ("mysql://me:secret@localhost/x", "cannot be used"),
        ("sqlite+nothing:///x.db", "cannot be used"),
        ("postgresql://me:secret/localhost", "cannot be used"),
        ("postgresql://me:secret@localhost:port/x", "cannot be used"),
        ("postgresql://me:p@secret@localhost/x", "write @ as %40"),
        ("postgresql://me:p@ss/secret@localhost/x", "write @ as %40"),
        ("postgresql://me:secret@localhost/trading", r"pip install 'ninefifteen\[postgres\]'"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line_without_the_password(
    monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BadInput, match=words) as caught:
        connect(address)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_a_postgresql_address_is_taken_as_people_write_it_and_the_driver_is_ours(scheme: str) -> None:
    engine = connect(f"{scheme}://user:pass@localhost/trading")
    assert engine.dialect.driver == "psycopg"
    assert engine.url.password == "pass"


def test_a_password_with_special_characters_is_written_with_percent_signs() -> None:
    assert connect("postgresql://user:p%40ss%2F%25@localhost/trading").url.password == "p@ss/%"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://user:secret@localhost/trading", "trading at localhost"),
        ("postgresql://user@db:5433/trading?password=secret", "trading at db:5433"),
        ("postgresql:///?host=secret", "of the user at this machine"),
        ("sqlite:///some/ledger.db", "some/ledger.db"),
        ("sqlite://", "in memory"),
    ],
)
def test_a_message_names_the_database_without_user_and_password(address: str, place: str) -> None:
    assert place_of(connect(address).url) == place
