"""The list of the days: from the ledger, and from day files and journals where the ledger is behind."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import date, time
from pathlib import Path

import pytest

from ninefifteen.adapters.ledger.database import connect
from ninefifteen.adapters.ledger.identity import Owner
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.home import Home
from ninefifteen.web.history.day_list import list_days
from ninefifteen.web.history.ledger import ledger_days
from ninefifteen.web.history.records import Records
from ninefifteen.web.models.days import DayLine, Days
from tests import postgres
from tests.web.history.homes import QUIET, TRADED, TRADED_RUN, copied, cut_off, journal


def listed(records: Records, limit: int = 30, before: date | None = None) -> Days:
    return list_days(records, limit=limit, before=before)


def figures(line: DayLine) -> dict[str, object]:
    """What every source has to agree on; the ledger rounds to the paisa."""
    named = ("date", "run", "kind", "seed", "finished", "status", "reason_text", "pick", "contract", "trades")
    net = None if line.net is None else round(float(line.net), 2)
    return {name: getattr(line, name) for name in named} | {"net": net}


def test_the_newest_day_comes_first_and_the_ledger_has_them_all(records: Records):
    days = listed(records)
    assert [line.date for line in days.days] == [str(TRADED), str(QUIET)]
    assert {line.source for line in days.days} == {"ledger"}
    assert (days.ledger.state, days.more) == ("up_to_date", False)
    traded, quiet = days.days
    assert (traded.status, traded.trades, traded.net, traded.kind) == ("traded", 1, "-1905.83", "synthetic")
    assert (quiet.status, quiet.net, quiet.reason_text) == (
        "no_trade",
        None,
        "no stock passes every test today",
    )


def test_day_files_and_journals_say_the_same_as_the_ledger(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    by_ledger = [figures(line) for line in listed(records).days]
    for path in records.home.path.glob("ninefifteen.db*"):
        path.unlink()
    by_file = listed(records)
    assert ({line.source for line in by_file.days}, by_file.ledger.state) == ({"day_file"}, "none")
    assert [figures(line) for line in by_file.days] == by_ledger
    for path in records.home.days_dir.iterdir():
        path.unlink()
    by_journal = listed(records)
    assert {line.source for line in by_journal.days} == {"journal"}
    assert [figures(line) for line in by_journal.days] == by_ledger


def test_pages_go_back_by_date(records: Records):
    first = listed(records, limit=1)
    assert ([line.date for line in first.days], first.more) == ([str(TRADED)], True)
    second = listed(records, before=TRADED)
    assert ([line.date for line in second.days], second.more) == ([str(QUIET)], False)
    assert listed(records, before=QUIET).days == []


def test_a_day_the_ledger_has_only_in_part_is_read_from_its_journal(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    cut_off(journal(records), time(10, 0))
    os.utime(journal(records))
    days = listed(records)
    running = days.days[0]
    assert (running.source, running.status, running.finished) == ("journal", "unfinished", False)
    assert (running.pick, running.trades, running.net) == ("MARUTI", 0, None)
    assert days.ledger.state == "behind"
    assert "lacks 1 of these days" in days.ledger.text


def test_a_day_file_that_cannot_be_used_is_passed_over(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    for path in records.home.path.glob("ninefifteen.db*"):
        path.unlink()
    (records.home.days_dir / f"{TRADED_RUN}.json").write_text("{}")
    assert listed(records).days[0].source == "journal"


def test_a_journal_that_cannot_be_read_is_a_line_that_says_why(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    journal(records).write_bytes(b"nonsense")
    broken, other = listed(records).days
    assert (broken.status, broken.finished) == ("unreadable", False)
    assert broken.problem is not None
    assert "not a journal" in broken.problem
    assert other.problem is None


def test_a_list_reads_a_bounded_number_of_journals(
    lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ninefifteen.web.history.day_list.MOST_READ", 1)
    records = copied(lived, tmp_path / "home")
    for path in (*records.home.path.glob("ninefifteen.db*"), *records.home.days_dir.iterdir()):
        path.unlink()
    first, second = listed(records).days
    assert (first.problem, second.problem) == (None, "not read yet: open the day")


def test_a_day_whose_journal_is_gone_is_still_told_by_the_ledger(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    journal(records).unlink()
    assert [line.source for line in listed(records).days] == ["ledger", "ledger"]
    with closing(sqlite3.connect(records.home.ledger_file)) as ledger, ledger:
        ledger.execute("UPDATE days SET finished = 0 WHERE source_file = ?", (journal(records).name,))
    assert [line.date for line in listed(records).days] == [str(QUIET)], "nobody knows what it came to"


def test_reading_the_ledger_changes_nothing_in_it(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    before = {path.name: path.read_bytes() for path in records.home.path.glob("ninefifteen.db")}
    listed(records)
    assert {path.name: path.read_bytes() for path in records.home.path.glob("ninefifteen.db")} == before


def test_a_ledger_that_is_no_database_costs_its_speed_only(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    for path in records.home.path.glob("ninefifteen.db*"):
        path.unlink()
    records.home.ledger_file.write_text("not a database, but long enough to look like a file of one")
    days = listed(records)
    assert days.ledger.state == "unreachable"
    assert [line.date for line in days.days] == [str(TRADED), str(QUIET)]


@pytest.mark.parametrize(
    "url", ["postgresql://asha:geheim@127.0.0.1:1/trading", "mysql://asha:geheim@host/x", "nonsense"]
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(lived: Path, tmp_path: Path, url: str):
    records = copied(lived, tmp_path / "home")
    look = ledger_days(records.home, {"DATABASE_URL": url}, None)
    assert look.state == "unreachable"
    assert "geheim" not in look.text
    assert look.text


def test_an_empty_home_has_no_days(tmp_path: Path):
    days = listed(Records(Home.open(tmp_path / "home"), {}))
    assert (days.days, days.more, days.ledger.state) == ([], False, "none")


def test_a_ledger_in_postgresql_says_the_same_as_the_file(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    with postgres.schema() as url:
        owner = Owner.of_home(records.home.path, "")
        engine = connect(url)
        Ledger(engine, records.home.journal_dir, owner).catch_up(thorough=True)
        engine.dispose()
        there = Records(records.home, {"DATABASE_URL": url})
        assert listed(there).model_dump() == listed(records).model_dump()
        assert listed(there, before=TRADED).days[0].source == "ledger"
