"""The ledger's own process: it follows the journals of a home and never gets in anybody's way."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import count as count_from
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ninefifteen.adapters.journal import FileJournal, journal_name
from ninefifteen.adapters.ledger import __main__ as process
from ninefifteen.adapters.ledger import outages
from ninefifteen.adapters.ledger.migrate import prepare
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.home import Home
from tests.adapters.journal_days import DAY, a_day, evening, header, morning, write
from tests.patience import PATIENCE_S


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def _default_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BROKER_USER_ID", raising=False)
    monkeypatch.setattr(outages, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(outages, "LONGEST_SECONDS", 0.02)
    monkeypatch.setattr(process, "LAST_SECONDS", 0.3)


def count(home: Path, table: str) -> int:
    connection = sqlite3.connect(home / "ninefifteen.db")
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_the_process_uses_the_places_of_the_home(home: Path) -> None:
    places = Home.look(home)
    write(places.journal_dir / journal_name(DAY, 7), a_day())
    assert process.main([str(home)]) == 0
    assert places.ledger_file.is_file()


@pytest.mark.parametrize("how", ["--once", "--rebuild"])
def test_once_and_rebuild_take_in_every_journal_and_end(home: Path, how: str) -> None:
    write(home / "journal" / journal_name(DAY, 7), a_day())
    for _ in range(2):
        assert process.main([str(home), how]) == 0
        assert (count(home, "days"), count(home, "trades")) == (1, 1)


def test_a_missing_home_is_made_with_an_empty_ledger(home: Path) -> None:
    assert process.main([str(home), "--once"]) == 0
    assert count(home, "days") == 0


def test_another_database_is_used_when_its_address_is_given(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / "journal" / journal_name(DAY, 7), a_day())
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'from-environment.db'}")
    assert process.main([str(home)]) == 0
    assert process.main([str(home), "--database-url", f"sqlite:///{tmp_path / 'given.db'}"]) == 0
    assert not (home / "ninefifteen.db").exists()
    assert (tmp_path / "from-environment.db").exists()
    assert (tmp_path / "given.db").exists()


def test_started_by_hand_it_does_not_write_into_the_file_of_a_home_that_names_another_database(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = Home.open(home).env_file
    assert process.main([str(home)]) == 0
    (home / "ninefifteen.db").unlink()
    secrets.write_text("# DATABASE_URL=\n export DATABASE_URL = postgresql://me:secret@localhost/x\n")
    assert process.main([str(home), "--rebuild"]) == 2
    assert process.main([str(home), "--database-url", f"sqlite:///{tmp_path / 'given.db'}"]) == 0
    assert not (home / "ninefifteen.db").exists()
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{secrets} names a database, and only `ninefifteen run` reads it from there" in line
    assert "secret@" not in line


def test_bad_input_is_one_line_and_exit_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "journal").mkdir(parents=True)
    (home / "journal" / journal_name(DAY)).write_bytes(b"nothing of ours")
    assert process.main([str(home), "--once"]) == 2
    assert process.main([str(home), "--database-url", "nonsense"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "not a journal" in told[0]
    assert "cannot be used" in told[1]


@pytest.mark.parametrize("broken", ["opening", "writing"])
def test_a_database_that_cannot_be_written_is_exit_1_and_one_line(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    write(home / "journal" / journal_name(DAY, 7), a_day())
    if broken == "opening":
        (tmp_path / "ledger.db").write_bytes(b"this is no database " * 100)
    else:
        assert (
            process.main([str(home), "--once", "--database-url", f"sqlite:///{tmp_path / 'ledger.db'}"]) == 0
        )
        connection = sqlite3.connect(tmp_path / "ledger.db")
        connection.execute("DROP TABLE trades")
        connection.execute("CREATE TABLE trades (other INTEGER)")
        connection.execute("DELETE FROM projection")
        connection.commit()
        connection.close()
    assert process.main([str(home), "--once", "--database-url", f"sqlite:///{tmp_path / 'ledger.db'}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ledger: the database cannot be written (")
    assert "catches up later" in line
    assert "INSERT" not in line


class Input:
    """A standard input that stays open until it is let go of."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.lines = iter(["whatever a parent writes\n"])

    def readline(self) -> str:
        for line in self.lines:
            return line
        self.open.wait(PATIENCE_S)
        return ""


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Input:
    """Stands for the process that started this one; it lets go by `parent.open.set()`."""
    standard_input = Input()
    monkeypatch.setattr(sys, "stdin", standard_input)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return standard_input


def failing(
    times: int, real: Callable[..., Any], then: Callable[[], object] = lambda: None
) -> Callable[..., Any]:
    """A call whose database does not answer the first times; `then` comes behind every answer."""
    calls = count_from(1)

    def call(*words: Any, **named: Any) -> Any:
        number = next(calls)
        if number <= times:
            raise OperationalError("INSERT", {}, Exception("connection refused, try " + str(number)))
        answer = real(*words, **named)
        then()
        return answer

    return call


GONE = "ledger: the database cannot be written (connection refused, try 1); trading goes on, and the ledger"
BACK = "ledger: the database can be written again: the ledger is up to date"


def test_a_follower_outlives_a_database_that_does_not_answer_and_says_so_once(
    home: Path, parent: Input, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home / "journal" / journal_name(DAY, 7), a_day())
    monkeypatch.setattr(Ledger, "catch_up", failing(5, Ledger.catch_up, parent.open.set))
    assert process.main([str(home), "--follow"]) == 0
    assert count(home, "trades") == 1
    gone, back = capsys.readouterr().err.splitlines()
    assert gone.startswith(GONE)
    assert back == BACK


def test_a_follower_waits_for_a_database_that_cannot_be_opened_yet(
    home: Path, parent: Input, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home / "journal" / journal_name(DAY, 7), a_day())
    monkeypatch.setattr("ninefifteen.adapters.ledger.writer.prepare", failing(5, prepare, parent.open.set))
    assert process.main([str(home), "--follow"]) == 0
    assert count(home, "trades") == 1
    gone, back = capsys.readouterr().err.splitlines()
    assert gone.startswith(GONE)
    assert back == BACK


def test_the_last_catch_up_is_tried_again_and_at_last_left_to_the_next_start(
    home: Path, parent: Input, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / "journal" / journal_name(DAY, 7), a_day())
    parent.open.set()
    real = Ledger.catch_up
    monkeypatch.setattr(process, "LAST_SECONDS", 10.0)  # a machine with other work makes the tables slowly
    monkeypatch.setattr(Ledger, "catch_up", failing(3, real))
    assert process.main([str(home), "--follow"]) == 0
    monkeypatch.setattr(process, "LAST_SECONDS", 0.3)
    monkeypatch.setattr(Ledger, "catch_up", failing(10_000, real))
    assert process.main([str(home), "--follow"]) == 1


def test_a_follower_held_by_a_database_for_ever_is_ended_with_a_word(
    home: Path, parent: Input, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held = threading.Event()

    def hold(*_: Any, **__: Any) -> list[str]:
        parent.open.set()
        held.wait(PATIENCE_S)
        return []

    def end(code: int) -> None:
        held.set()
        assert code == 1

    monkeypatch.setattr(process, "STUCK_SECONDS", 0.05)
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(Ledger, "catch_up", hold)
    process.main([str(home), "--follow"])
    assert "ledger: the database does not answer: the next start catches up" in capsys.readouterr().err


def test_a_follower_of_somebody_elses_ledger_ends_with_exit_2_and_one_line(
    home: Path, parent: Input, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"sqlite:///{tmp_path / 'ledger.db'}"
    rehearsal, real = (str(Home.open(tmp_path / name, rehearsal=name == "a").path) for name in "ab")
    assert process.main([rehearsal, "--database-url", address]) == 0
    assert process.main([real, "--database-url", address]) == 2
    assert process.main([real, "--follow", "--database-url", address]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


class TestOutages:
    """What is told of a database that fails, and how long until the next try."""

    @staticmethod
    def errors() -> dict[str, OperationalError]:
        def of(words: str, state: str = "") -> OperationalError:
            cause = Exception(words)
            cause.sqlstate = state  # type: ignore[attr-defined]
            return OperationalError("INSERT secret", {}, cause)

        return {
            "full": of("could not extend file: No space left on device", "53100"),
            "busy": of("canceling statement due to lock timeout", "55P03"),
            "gone": of("terminating connection due to administrator command", "57P01"),
            "other": of("permission denied for schema public\nLINE 1: INSERT secret", "42501"),
        }

    def test_each_kind_of_failure_is_recognised_and_told_in_one_line(self) -> None:
        for kind, error in self.errors().items():
            assert outages.kind_of(error) == kind
            told = outages.describe(error)
            assert "\n" not in told
            assert "secret" not in told
            assert told.endswith("trading goes on, and the ledger catches up later")
        assert "make room on its disk" in outages.describe(self.errors()["full"])
        for words, kind in (("database or disk is full", "full"), ("database is locked", "busy")):
            assert outages.kind_of(OperationalError("", {}, sqlite3.OperationalError(words))) == kind

    def test_the_waits_grow_to_their_longest_and_a_success_begins_anew(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(outages, "POLL_SECONDS", 0.5)
        monkeypatch.setattr(outages, "LONGEST_SECONDS", 5.0)
        database = outages.Outages(outages.Teller())
        for _ in range(2):
            waits = []
            for number in range(7):
                database.failed(self.errors()["busy" if number == 3 else "gone"])
                waits.append(database.pause)
            assert waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]
            database.over()
            assert database.pause == 0.5
            assert not database.lasting
        assert len(capsys.readouterr().err.splitlines()) == 2 * 3


def test_an_error_without_words_still_names_itself() -> None:
    assert "(Exception)" in outages.describe(OperationalError("INSERT", {}, Exception()))


def test_a_real_follower_sees_the_day_while_it_is_written_and_ends_with_its_parent(home: Path) -> None:
    """As `run` uses it: started first, told nothing, ended by closing its input; Ctrl-C does not end it."""
    command = [sys.executable, "-m", "ninefifteen.adapters.ledger", str(home), "--follow"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    with FileJournal.create(home / "journal" / journal_name(DAY, 7), header()) as journal:
        for event, effects in morning():
            journal.record(event, effects)
        _wait(lambda: (home / "ninefifteen.db").exists() and _orders(home) == 3)
        os.kill(child.pid, signal.SIGINT)
        for event, effects in evening():
            journal.record(event, effects)
    _, told = child.communicate(timeout=PATIENCE_S)
    assert (child.returncode, told) == (0, b"")
    assert (count(home, "trades"), count(home, "fills")) == (1, 3)


def _orders(home: Path) -> int:
    try:
        return count(home, "orders")
    except sqlite3.OperationalError:  # the tables are being made
        return -1


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.05)
