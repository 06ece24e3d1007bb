"""A ledger belongs to one home and one account; a stranger is refused before anything is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from ninefifteen.adapters.journal import journal_name
from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.identity import Owner
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from tests.adapters.journal_days import DAY, a_day, header, write
from tests.adapters.ledgers import Databases, dump, rows

REHEARSAL, REAL = Owner(rehearsal=True), Owner(rehearsal=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def a_rehearsal_ledger(database: Databases, folder: Path, owner: Owner = REHEARSAL) -> None:
    write(folder / journal_name(DAY, 7, rehearsal=True), a_day(), header(rehearsal=True))
    assert Ledger(database(), folder, owner).catch_up() == []


@pytest.mark.parametrize("known", ["by its home", "by its days", "by its days, from before Alembic"])
def test_a_rehearsal_ledger_refuses_a_real_home_in_one_line_and_loses_nothing(
    database: Databases, folder: Path, tmp_path: Path, known: str
) -> None:
    a_rehearsal_ledger(database, folder, REHEARSAL if known == "by its home" else Owner())
    if known.endswith("Alembic"):
        with database().begin() as connection:
            connection.execute(text("DELETE FROM identity"))
    before = dump(database())
    with pytest.raises(BadInput) as told:
        Ledger(database(), tmp_path / "another home", REAL)
    assert "belongs to a rehearsal home and this is a real home" in str(told.value)
    assert "database of its own (DATABASE_URL)" in str(told.value)
    assert "\n" not in str(told.value)
    assert dump(database()) == before


def test_a_real_ledger_refuses_a_rehearsal_home(database: Databases, folder: Path) -> None:
    Ledger(database(), folder, REAL)
    with pytest.raises(BadInput, match="belongs to a real home and this is a rehearsal home"):
        Ledger(database(), folder, REHEARSAL)


def test_a_journal_that_strayed_in_from_the_other_kind_of_home_is_named_and_the_others_are_taken_in(
    database: Databases, folder: Path
) -> None:
    stray = write(folder / "2026-11-20.rehearsal-3.journal", a_day(), header(3, rehearsal=True))
    write(folder / journal_name(DAY, 7), a_day())
    ledger = Ledger(database(), folder, REAL)
    for _ in range(2):
        (line,) = ledger.catch_up(thorough=True)
        assert line.startswith(f"{stray}: the ledger ")
    assert [day["source_file"] for day in rows(database(), schema.days)] == [journal_name(DAY, 7)]


def test_the_account_is_learned_once_and_another_one_refused(database: Databases, folder: Path) -> None:
    home = folder.parent
    for known in ("", "AB1234", " ab1234 ", ""):
        Ledger(database(), folder, Owner.of_home(home, known)._replace(rehearsal=False))
    before = dump(database())
    with pytest.raises(BadInput) as told:
        Ledger(database(), folder, Owner.of_home(home, "XY9876")._replace(rehearsal=False))
    assert "belongs to another account than BROKER_USER_ID" in str(told.value)
    assert "a home and a database of its own" in str(told.value)
    assert dump(database()) == before
    for word in ("AB1234", "XY9876"):
        assert word not in before + str(told.value)


def test_the_kind_of_home_is_read_from_its_marker(tmp_path: Path) -> None:
    assert Owner.of_home(tmp_path / "none yet", "") == Owner(None, None)
    for rehearsal in (True, False):
        home = Home.open(tmp_path / str(rehearsal), rehearsal=rehearsal)
        assert Owner.of_home(home.path, "").rehearsal is rehearsal
    for nonsense in ("", "{", "[1]", json.dumps({"layout": 1})):
        (tmp_path / "home.json").write_text(nonsense)
        assert Owner.of_home(tmp_path, "").rehearsal is None


def test_days_of_a_rehearsal_are_marked_and_go_with_their_file(database: Databases, folder: Path) -> None:
    """Also those of a broker that does not tell its seed: they are no synthetic days, yet invented."""
    path = write(folder / journal_name(DAY, rehearsal=True), a_day(), header(None, rehearsal=True))
    ledger = Ledger(database(), folder, REHEARSAL)
    ledger.catch_up()
    for table in schema.OF_A_DAY:
        assert {(row["synthetic"], row["rehearsal"]) for row in rows(database(), table)} == {(False, True)}
    path.unlink()
    ledger.catch_up()
    assert rows(database(), schema.days) == rows(database(), schema.trades) == []
