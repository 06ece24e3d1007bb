"""The readiness board: each check says what it looked at, and none says green for what it cannot know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ninefifteen.config.pending import Pending, keep_pending, pending_file
from ninefifteen.domain.instants import Instant, at
from ninefifteen.home import Home, Latch, PauseNote
from ninefifteen.web.history.readiness import readiness_page
from ninefifteen.web.history.records import Records
from ninefifteen.web.models.readiness import Check, Readiness
from tests.web.history.homes import copied, cut_off, journal
from tests.web.sites import Desk

DAY = date(2026, 11, 25)
MORNING = at(DAY, time(8, 45))
PAPER = {"mode": "paper", "program": "0.1.0", "synthetic": False}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def board(
    home: Home, engine: dict[str, Any] | None = None, now: Instant = MORNING, **environment: str
) -> Readiness:
    return readiness_page(Records(home, environment), engine, clock=lambda: now)


def check(home: Home, name: str, engine: dict[str, Any] | None = None, now: Instant = MORNING) -> Check:
    return next(one for one in board(home, engine, now).checks if one.name == name)


def logged_in(home: Home, when: str, broker: str = "zerodha") -> None:
    stored = {
        "broker": broker,
        "user_id": "AB1234",
        "date": when[:10],
        "access_token": "geheim",
        "logged_in_at": when,
    }
    (home.path / "session.json").write_text(json.dumps(stored))


def test_a_new_home_is_not_ready_and_says_what_to_do(home: Home):
    made = board(home)
    assert not made.ready
    assert (made.red, made.trading_day_today) == (2, True)
    assert made.next_trading_day == "2026-11-26"
    for one in made.checks:
        assert one.detail
        assert one.fix or one.state == "green", one


def test_with_engine_login_and_settings_nothing_is_red(home: Home):
    logged_in(home, f"{DAY}T08:10:00+05:30")
    home.config_file.write_text("risk: {max_daily_loss: 8000}\n")
    made = board(home, PAPER)
    assert made.ready
    assert made.red == 0
    assert "geheim" not in made.model_dump_json()


@pytest.mark.parametrize(
    ("when", "now", "state", "told"),
    [
        ("2026-11-25T08:10:00+05:30", MORNING, "green", "ends 2026-11-26 at 06:00"),
        ("2026-11-24T19:00:00+05:30", at(DAY, time(5, 59)), "green", "ends 2026-11-25 at 06:00"),
        ("2026-11-24T19:00:00+05:30", MORNING, "red", "ended at 06:00"),
        ("2026-11-25T05:30:00+05:30", MORNING, "red", "ended at 06:00"),
        ("nonsense", MORNING, "red", "cannot be read"),
    ],
)
def test_the_login_counts_until_six_the_next_morning(
    home: Home, when: str, now: Instant, state: str, told: str
):
    logged_in(home, when)
    found = check(home, "login", PAPER, now)
    assert (found.state, told in found.detail) == (state, True), found.detail
    assert "geheim" not in found.detail


def test_a_token_in_the_env_file_is_not_taken_for_a_login(home: Home):
    home.env_file.write_text("BROKER_ACCESS_TOKEN=geheim\n")
    home.env_file.chmod(0o600)
    found = check(home, "login", PAPER)
    assert found.state == "unknown"
    assert ".env:1" in found.detail
    assert "geheim" not in found.detail


def test_a_synthetic_day_needs_no_login_and_no_keys(home: Home):
    running = PAPER | {"mode": "demo", "synthetic": True}
    assert check(home, "login", running).state == "green"
    assert check(home, "keys", running).state == "green"
    assert check(home, "keys", PAPER).state == "unknown"


def test_keys_that_are_there_are_green_and_a_file_others_can_read_is_red(home: Home):
    home.env_file.write_text("BROKER_API_KEY=a\nBROKER_API_SECRET=b\n")
    home.env_file.chmod(0o600)
    assert check(home, "keys").state == "green"
    home.env_file.chmod(0o644)
    found = check(home, "keys")
    assert (found.state, "chmod 600" in found.detail) == ("red", True)


def test_settings_that_cannot_be_used_are_red_and_the_board_still_stands(home: Home):
    home.config_file.write_text("risk: {max_trades: none}\n")
    assert check(home, "settings").state == "red"
    assert board(home).checks[-1].name == "ledger"


def test_settings_that_clash_are_amber(home: Home):
    assert check(home, "contradictions").state == "amber"
    home.config_file.write_text("risk: {max_daily_loss: 8000}\n")
    assert check(home, "contradictions").state == "green"


def test_changes_whose_day_has_come_are_told_until_a_run_makes_them(home: Home):
    waiting = Pending(key="risk.max_trades", value="3", effective=DAY, who="cli:asha", at="x")
    keep_pending(home, [waiting])
    assert check(home, "pending").state == "amber"
    assert all(one.name != "pending" for one in board(home, None, at(date(2026, 11, 23), time(9))).checks)
    pending_file(home).write_text("{")
    assert "cannot be read" in check(home, "pending").detail


def test_an_engine_that_is_not_heard_is_red(home: Home):
    assert check(home, "engine").state == "red"
    assert check(home, "engine", PAPER).state == "green"


def test_a_halt_is_red_and_a_pause_amber_by_file_or_by_the_engines_word(home: Home):
    assert check(home, "stops").state == "green"
    assert check(home, "stops", PAPER | {"paused": "cli:asha: lunch"}).state == "amber"
    assert check(home, "stops", PAPER | {"halted": "cli:asha: storm"}).state == "red"
    home.keep_pause(PauseNote(source="cli:asha", reason="wedding", until=DAY))
    assert check(home, "stops").state == "green", "the pause ends on that day"
    home.keep_pause(PauseNote(source="cli:asha", reason="wedding"))
    assert check(home, "stops").state == "amber"
    home.latch(Latch(source="file", reason="storm"))
    assert check(home, "stops").detail == "halted by file: storm"


@pytest.mark.parametrize(
    ("broker", "state"),
    [
        ({"reconciled": True, "differs": "2 units too many"}, "red"),
        ({"reconciled": True, "blind_since": "2026-11-25T09:20:00+05:30"}, "red"),
        ({"reconciled": True, "known_at": "2026-11-25T09:20:00+05:30"}, "green"),
        ({"reconciled": True, "known_at": None}, "unknown"),
    ],
)
def test_the_brokers_books_are_as_the_engine_knows_them(home: Home, broker: dict[str, Any], state: str):
    assert check(home, "books", PAPER | {"broker": broker}).state == state


def test_a_simulated_exchange_has_no_books_to_check(home: Home):
    made = board(home, PAPER | {"broker": {"reconciled": False}})
    assert all(one.name != "books" for one in made.checks)


@pytest.mark.parametrize(
    ("day", "state"), [(DAY, "amber"), (date(2026, 9, 8), "green"), (date(2031, 1, 8), "red")]
)
def test_the_calendar_has_to_reach_far_enough(home: Home, day: date, state: str):
    assert check(home, "calendar", None, at(day, time(8))).state == state


def test_a_rule_file_that_cannot_be_used_is_red_with_its_line(home: Home):
    (home.rules_dir / "calendar.csv").write_text("nonsense\n")
    made = board(home)
    found = next(one for one in made.checks if one.name == "calendar")
    assert (found.state, "calendar.csv" in found.detail) == ("red", True)
    assert (made.trading_day_today, made.next_trading_day) == (None, None)


def tracking(seconds: float) -> str:
    return f"A,B,3,1795400000.0,{seconds},0,0,0,0,0,0.01,0.001,64,Normal\n"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (tracking(0.002), "green"),
        (tracking(0.2), "amber"),
        (tracking(-0.9), "red"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_clock_is_as_chrony_says(
    home: Home, monkeypatch: pytest.MonkeyPatch, told: str | None, state: str
):
    def run(*_: object, **__: object) -> SimpleNamespace:
        if told is None:
            raise OSError
        return SimpleNamespace(stdout=told)

    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/chronyc")
    monkeypatch.setattr("subprocess.run", run)
    assert check(home, "clock").state == state


def test_without_chrony_the_clock_is_not_known(home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert check(home, "clock").state == "unknown"


@pytest.mark.parametrize(
    ("free", "state"), [(50 * 1024**3, "green"), (1024**3, "amber"), (1024**2, "red"), (None, "unknown")]
)
def test_the_disk_needs_room(home: Home, monkeypatch: pytest.MonkeyPatch, free: int | None, state: str):
    def usage(_: Path) -> SimpleNamespace:
        if free is None:
            raise OSError(5, "Input/output error")
        return SimpleNamespace(free=free)

    monkeypatch.setattr("shutil.disk_usage", usage)
    assert check(home, "disk").state == state


def _as_it_is(_: Home) -> None:
    pass


def _behind(home: Home) -> None:
    cut_off(journal(Records(home, {})), time(10, 0))


def _broken(home: Home) -> None:
    for path in home.path.glob("ninefifteen.db*"):
        path.unlink()
    home.ledger_file.write_text("this is no database, however long one looks at it")


@pytest.mark.parametrize(
    ("change", "engine", "state"),
    [
        (_as_it_is, None, "green"),
        (_behind, None, "amber"),
        (_behind, PAPER, "green"),
        (_broken, None, "amber"),
    ],
)
def test_the_ledger_is_never_more_than_amber(
    lived: Path,
    tmp_path: Path,
    change: Callable[[Home], None],
    engine: dict[str, Any] | None,
    state: str,
):
    home = copied(lived, tmp_path / "other").home
    change(home)
    assert check(home, "ledger", engine).state == state


def test_a_home_says_which_kind_it_is(home: Home, tmp_path: Path):
    assert "not for rehearsals" in check(home, "home").detail
    assert "a rehearsal home" in check(Home.open(tmp_path / "other", rehearsal=True), "home").detail


def test_the_board_is_there_for_every_role(at_desk: Desk):
    answer = at_desk.client("viewer").get("/api/readiness")
    assert (answer.status_code, answer.json()["deadline"]) == (200, "09:12")
    assert at_desk.client().get("/api/readiness").status_code == 401
