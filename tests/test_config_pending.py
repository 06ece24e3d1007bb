"""Dangerous changes that wait for their day, and the history of all changes."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from ninefifteen.config import load_config
from ninefifteen.config.pending import (
    Changed,
    HistoryEntry,
    Pending,
    add_history,
    history_file,
    keep_pending,
    pending_file,
    promote_due,
    read_history,
    read_pending,
    write_config,
)
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from tests.cli.command_line import demo

DAY, BEFORE, AFTER = date(2026, 11, 25), date(2026, 11, 23), date(2026, 11, 26)
NOW = "2026-11-25T08:30:00.000+05:30"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def waits(home: Home, key: str, value: str, effective: date = DAY) -> Pending:
    one = Pending(key=key, value=value, effective=effective, who="dashboard:asha", at=NOW)
    keep_pending(home, [*read_pending(home), one])
    return one


def value(home: Home, path: str) -> str:
    section, name = path.split(".")
    return str(getattr(getattr(load_config(home, environment={}).settings, section), name))


def test_a_change_waits_until_its_day_and_then_counts(home: Home):
    waits(home, "risk.max_daily_loss", "3000")
    assert promote_due(home, BEFORE, NOW, {}) == []
    assert value(home, "risk.max_daily_loss") == "2000"
    (line,) = promote_due(home, DAY, NOW, {})
    assert line == "setting risk.max_daily_loss is 3000 from today on (it was 2000)"
    assert value(home, "risk.max_daily_loss") == "3000"
    assert not pending_file(home).exists()
    assert promote_due(home, AFTER, NOW, {}) == []


def test_a_change_whose_day_is_past_counts_at_the_next_start(home: Home):
    waits(home, "risk.max_daily_loss", "3000")
    assert promote_due(home, AFTER, NOW, {})
    assert value(home, "risk.max_daily_loss") == "3000"


def test_what_waits_for_a_later_day_goes_on_waiting(home: Home):
    waits(home, "risk.max_daily_loss", "3000")
    later = waits(home, "risk.max_trades", "3", AFTER)
    promote_due(home, DAY, NOW, {})
    assert read_pending(home) == [later]


def test_the_history_says_who_wanted_it_and_what_it_was(home: Home):
    waits(home, "risk.max_daily_loss", "3000")
    promote_due(home, DAY, NOW, {})
    (entry,) = read_history(home)
    assert (entry.who, entry.at) == ("dashboard:asha", NOW)
    assert entry.changes == (Changed(key="risk.max_daily_loss", before="2000", after="3000"),)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("risk.max_daily_loss", "-5"),
        ("risk.max_daily_loss", "much"),
        ("risk.max_daily_loss", "{"),
        ("risk.no_such_key", "1"),
        ("gates.full_trades", "3"),
    ],
)
def test_a_change_that_cannot_be_used_leaves_everything_as_it_is_and_says_so(home: Home, key: str, text: str):
    waits(home, key, text)
    before = home.config_file.read_bytes()
    (line,) = promote_due(home, DAY, NOW, {})
    assert line.startswith("changes of the settings that waited for today were not made: ")
    assert home.config_file.read_bytes() == before
    assert len(read_pending(home)) == 1


def test_a_damaged_file_is_told_and_changes_nothing(home: Home):
    pending_file(home).write_text("[{")
    with pytest.raises(BadInput):
        read_pending(home)
    (line,) = promote_due(home, DAY, NOW, {})
    assert "cannot be read" in line


def test_a_config_that_nobody_else_could_read_stays_so(home: Home):
    home.config_file.chmod(0o600)
    write_config(home, "risk: {max_trades: 1}\n")
    assert home.config_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_in_its_place_stays_a_link(home: Home, tmp_path: Path):
    real = tmp_path / "kept-elsewhere.yaml"
    home.config_file.rename(real)
    home.config_file.symlink_to(real)
    write_config(home, "risk: {max_trades: 1}\n")
    assert home.config_file.is_symlink()
    assert real.read_text() == "risk: {max_trades: 1}\n"


def test_the_newest_change_comes_first_and_a_broken_line_is_passed_over(home: Home):
    assert read_history(home) == []
    for number in range(3):
        add_history(home, HistoryEntry(at=f"t{number}", who="cli:asha", changes=(), effective="next start"))
    with history_file(home).open("a") as file:
        file.write("{broken\n")
    assert [entry.at for entry in read_history(home)] == ["t2", "t1", "t0"]


def test_run_makes_the_changes_that_are_due_and_tells_them(home: Home):
    waits(home, "risk.max_position_value", "60000", date(2026, 1, 1))
    said = demo(home.path, "--once", seed=7)
    assert said.code == 0
    assert "setting risk.max_position_value is 60000 from today on (it was 50000)" in said.err
    assert value(home, "risk.max_position_value") == "60000"


def test_run_tells_when_it_cannot_write_them(home: Home, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ninefifteen.config.pending.write_config", full)
    waits(home, "risk.max_position_value", "60000", date(2026, 1, 1))
    said = demo(home.path, "--once", seed=7)
    assert said.code == 0
    assert "could not be written: No space left on device" in said.err
