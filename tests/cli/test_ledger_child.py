"""What the writer of the ledger is told by `run`, and what people are told when it could not write."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ninefifteen.cli.ledger_child import ledger_writer, writer_environment
from ninefifteen.home import Home

ADDRESS = "postgresql://user:pass@localhost/trading"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BROKER_USER_ID", raising=False)
    return Home.open(tmp_path / "home")


def test_the_database_of_the_env_file_reaches_the_writer_and_the_environment_is_stronger(home: Home) -> None:
    assert "DATABASE_URL" not in writer_environment(home, {})
    home.env_file.write_text(f"DATABASE_URL={ADDRESS}\nBROKER_USER_ID=AB1234\n")
    assert writer_environment(home, {}) == {"DATABASE_URL": ADDRESS, "BROKER_USER_ID": "AB1234"}
    assert writer_environment(home, {"DATABASE_URL": "sqlite:///x.db"})["DATABASE_URL"] == "sqlite:///x.db"


def test_no_secret_that_is_not_its_business_reaches_the_writer(home: Home) -> None:
    home.env_file.write_text("BROKER_API_SECRET=one\nTELEGRAM_BOT_TOKEN=two\n")
    given = {"PATH": "/bin", "BROKER_ACCESS_TOKEN": "three", "BROKER_PASSWORD": "four", "TELEGRAM_TOKEN": "5"}
    assert writer_environment(home, given) == {"PATH": "/bin"}


def test_a_database_that_is_none_ends_the_writer_with_its_line_and_nothing_else(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    home.env_file.write_text("DATABASE_URL=mysql://me:secret@localhost/x\n")
    with ledger_writer(home):
        pass
    refused, said = capfd.readouterr().err.splitlines()
    assert refused.startswith("ledger: the address of the ledger's database cannot be used: write it like")
    assert "the ledger was not written, its line above says why: the journal has everything" in said
    assert "secret" not in refused + said


def test_a_real_home_is_refused_the_ledger_of_a_rehearsal_and_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    for rehearsal in (True, False):
        with ledger_writer(Home.open(tmp_path / str(rehearsal), rehearsal=rehearsal)):
            pass
    assert "belongs to a rehearsal home and this is a real home" in capfd.readouterr().err
    connection = sqlite3.connect(tmp_path / "ledger.db")
    assert connection.execute("SELECT rehearsal FROM identity").fetchall() == [(1,)]
    connection.close()
