"""`ninefifteen calendar`: shows days with their sources, adds rows with an audit line, refuses clearly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.cli import execute

HEADER = "date,kind,name,windows,source\n"


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = execute(["calendar", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, _ = _run(capsys, *arguments, "--json")
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    return document


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_day_is_shown_with_its_session_and_its_expiry(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    shown = _json(capsys, "show", "--home", str(home), "--date", "2026-11-23")
    assert (shown["trading_day"], shown["special"]) == (True, False)
    assert (shown["expiry"], shown["days_left"]) == ("2026-11-23", 0)
    assert (shown["previous"], shown["next"]) == ("2026-11-20", "2026-11-25")
    assert shown["session"]["preopen_final"] == "09:12:00"
    assert shown["session"]["exit_at"] == "15:10:00"
    _, out, _ = _run(capsys, "show", "--home", str(home), "--date", "2026-11-23")
    assert "stock options expire" in out
    assert "09:05:00 - 09:10:00  pre-open limit orders only" in out


def test_a_holiday_is_shown_with_its_name_and_source(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    shown = _json(capsys, "show", "--home", str(home), "--date", "2026-11-24")
    assert (shown["trading_day"], shown["session"]) == (False, None)
    assert shown["rows"][0]["name"] == "Guru Nanak Jayanti"
    assert "NSE/FAOP/71777" in shown["rows"][0]["source"]


def test_a_year_is_shown_with_closures_special_sessions_and_expiries(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    shown = _json(capsys, "show", "--home", str(home), "--year", "2026")
    assert len(shown["closures"]) == 16
    assert [row["date"] for row in shown["special_sessions"]] == ["2026-02-01", "2026-11-08"]
    assert shown["expiries"][10:] == ["2026-11-23", "2026-12-29"]
    code, out, _ = _run(capsys, "show", "--home", str(home), "--year", "2026")
    assert code == 0
    assert "Mon 11-23" in out


def test_a_range_lists_its_trading_days(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    arguments = ("show", "--home", str(home), "--from", "2025-10-20", "--to", "2025-10-23")
    assert _json(capsys, *arguments)["trading_days"] == ["2025-10-20", "2025-10-21", "2025-10-23"]
    _, out, _ = _run(capsys, *arguments)
    assert "special session, not traded by the program: Diwali Muhurat trading (13:45-14:45)" in out


def test_the_last_days_of_the_data_are_shown_with_what_is_not_known(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    shown = _json(capsys, "show", "--home", str(home), "--date", "2026-12-31")
    assert (shown["trading_day"], shown["next"], shown["expiry"]) == (True, None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "--year", "2027"], "no calendar data for 2027"),
        (["show", "--date", "2027-01-04"], "no calendar data for 2027"),
        (["show", "--date", "4 Jan"], "--date 4 Jan"),
        (["show", "--date", "2026-11-23", "--year", "2026"], "give one of"),
        (["show", "--from", "2026-11-23"], "needs both --from and --to"),
        (["show", "--from", "2026-11-23", "--to", "2026-11-20"], "is before --from"),
        (["show", "--year", "99999"], "--year 99999"),
        (
            ["add", "--date", "2026-12-24", "--kind", "holliday", "--name", "X", "--source", "s"],
            "calendar add: kind",
        ),
        (
            ["add", "--date", "2026-12-24", "--kind", "holiday", "--name", "X", "--source", " "],
            "source is empty",
        ),
        (["add", "--date", "2026-12-24", "--kind", "holiday", "--name", "X"], "--source"),
        (["import", "nowhere.csv"], "nowhere.csv cannot be read"),
    ],
)
def test_what_cannot_be_answered_is_one_clear_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], home: Path, arguments: list[str], message: str
) -> None:
    code, out, err = _run(capsys, *arguments, "--home", str(home))
    errors = [line for line in err.splitlines() if line.startswith("error:")]
    assert (code, out, len(errors)) == (2, "", 1)
    assert message in errors[0]
    assert not (home / "rules" / "calendar.csv").exists()


def test_an_added_holiday_closes_the_day_and_leaves_an_audit_line(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    add = ["add", "--home", str(home), "--date", "2026-12-24", "--kind", "holiday", "--name", "Election"]
    added = _json(capsys, *add, "--source", "NSE notice")
    assert [row["date"] for row in added["added"]] == ["2026-12-24"]
    shown = _json(capsys, "show", "--home", str(home), "--date", "2026-12-24")
    assert not shown["trading_day"]
    assert shown["rows"][0]["origin"] == "rules/calendar.csv"
    audit = [json.loads(line) for line in (home / "rules" / "audit.log").read_text().splitlines()]
    assert [(line["action"], line["rows"][0]["source"]) for line in audit] == [("add", "NSE notice")]
    assert audit[0]["at"].endswith("+05:30")


def test_adding_the_same_row_again_changes_nothing(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    add = [
        "add",
        "--home",
        str(home),
        "--date",
        "2026-12-24",
        "--kind",
        "holiday",
        "--name",
        "X",
        "--source",
        "s",
    ]
    _run(capsys, *add)
    before = (home / "rules" / "calendar.csv").read_text()
    again = _json(capsys, *add)
    assert (again["added"], again["already"]) == ([], 1)
    assert (home / "rules" / "calendar.csv").read_text() == before
    assert len((home / "rules" / "audit.log").read_text().splitlines()) == 1


def test_an_override_is_announced_and_the_old_row_stays_visible(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    add = ["add", "--home", str(home), "--date", "2026-11-08", "--kind", "muhurat", "--name", "Muhurat"]
    _, _, err = _run(capsys, *add, "--source", "circular", "--windows", "18:00-19:00")
    assert "2026-11-08: overrides muhurat" in err
    shown = _json(capsys, "show", "--home", str(home), "--date", "2026-11-08")
    assert [row["in_force"] for row in shown["rows"]] == [False, True]
    assert shown["session"]["open"] == "18:00:00"


def test_an_import_opens_a_new_year_only_with_its_year_row(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(HEADER + "2027-01-26,holiday,Republic Day,,NSE\n", encoding="utf-8")
    _, _, err = _run(capsys, "import", str(file), "--home", str(home))
    assert "2027 stays closed" in err
    file.write_text(
        HEADER + "2027-01-26,holiday,Republic Day,,NSE\n2027-01-01,year,2027,,NSE\n", encoding="utf-8"
    )
    assert _json(capsys, "import", str(file), "--home", str(home))["already"] == 1
    shown = _json(capsys, "show", "--home", str(home), "--year", "2027")
    assert shown["expiries"][0] == "2027-01-25"
    audit = (home / "rules" / "audit.log").read_text().splitlines()
    assert [json.loads(line)["action"] for line in audit] == ["import 2027.csv"] * 2


def test_an_import_with_one_bad_row_adds_nothing(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(HEADER + "2027-01-26,holiday,R,,NSE\n2027-02-30,holiday,X,,NSE\n", encoding="utf-8")
    code, _, err = _run(capsys, "import", str(file), "--home", str(home))
    assert code == 2
    assert "2027.csv line 3: date is '2027-02-30'" in err
    assert list((home / "rules").glob("*.csv")) == []


def test_a_broken_rule_file_of_the_home_stops_the_command(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    _json(capsys, "show", "--home", str(home), "--date", "2026-11-23")
    (home / "rules" / "charges.csv").write_text("nonsense\n", encoding="utf-8")
    code, _, err = _run(capsys, "show", "--home", str(home), "--date", "2026-11-23")
    assert code == 2
    assert "rules/charges.csv line 1: the header must be" in err
