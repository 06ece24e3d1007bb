"""`ninefifteen data`: what a folder supports, for people and as JSON, and a clear no to a bad one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli import execute
from tests.adapters.recorded_folders import MONDAY, TUESDAY, Row, shares, snapshot, upstox, write

MEMBERS = load_rules().membership.on(TUESDAY)


@pytest.fixture
def home(tmp_path: Path) -> str:
    return str(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of which Tuesday can be run."""
    root = tmp_path / "recorded"
    prices = dict.fromkeys(MEMBERS, (100.0, 101.0))
    write(root / "cash_bhavcopy" / "x.parquet", shares(TUESDAY, **prices))
    rows: list[Row] = []
    for symbol in MEMBERS[1:]:
        rows += [*snapshot(MONDAY, "15:29:00", symbol), *snapshot(TUESDAY, "09:16:00", symbol)]
    write(root / "options_intraday" / "stock_chain_x.parquet", rows)
    write(root / "instruments" / "x.parquet", [upstox(symbol) for symbol in MEMBERS])
    return root


def test_verify_shows_sets_days_and_notes_to_people(
    capsys: pytest.CaptureFixture[str], folder: Path, home: str
) -> None:
    assert execute(["data", "verify", "--data", str(folder), "--home", home]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "2026-01-05 last 2026-01-27 no: no_pre_open" in out
    assert "2026-01-06 last 2026-01-27 yes, 1 members missing" in out
    assert "note universe/ has no list of members" in out
    assert "usable: 2 days with option prices: can be run 1, no_pre_open 1" in out


def test_verify_gives_one_json_document(capsys: pytest.CaptureFixture[str], folder: Path, home: str) -> None:
    assert execute(["data", "verify", str(folder), "--home", home, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["usable"] is True
    assert document["days"][1]["absent"] == [MEMBERS[0]]
    assert document["sets"][2] == {
        "name": "options_intraday",
        "files": 1,
        "rows": 98,
        "days": 2,
        "first": "2026-01-05",
        "last": "2026-01-06",
        "supports": "days at last prices; yesterday's open interest",
    }


def test_list_gives_a_line_a_day(capsys: pytest.CaptureFixture[str], folder: Path, home: str) -> None:
    assert execute(["data", "list", "--data", str(folder), "--home", home]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-01-05  last      no_pre_open",
        "2026-01-06  last      can be run",
    ]
    assert execute(["data", "list", "--data", str(folder), "--home", home, "--json"]) == 0
    days = json.loads(capsys.readouterr().out)["days"]
    assert [(day["date"], day["reason"]) for day in days] == [
        ("2026-01-05", "no_pre_open"),
        ("2026-01-06", None),
    ]


def test_settings_decide_which_expiry_is_looked_for(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path, home: str
) -> None:
    assert execute(["init", "--home", home]) == 0
    config = tmp_path / "home" / "config.yaml"
    config.write_text(config.read_text().replace("roll_days: 4", "roll_days: 15"))
    capsys.readouterr()
    assert execute(["data", "list", "--data", str(folder), "--home", home]) == 0
    assert "2026-01-06  last      no_chain_for_expiry" in capsys.readouterr().out


def test_a_folder_of_which_no_day_can_be_run_ends_with_1_and_still_reports(
    capsys: pytest.CaptureFixture[str], folder: Path, home: str
) -> None:
    (folder / "cash_bhavcopy" / "x.parquet").unlink()
    assert execute(["data", "verify", "--data", str(folder), "--home", home, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["usable"], document["problems"]) == (False, ["no day of this folder can be run"])
    assert execute(["data", "verify", "--data", str(folder), "--home", home]) == 1
    assert "not usable: 2 days" in capsys.readouterr().out


def test_a_bad_folder_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: Path, home: str
) -> None:
    gone = str(tmp_path / "gone")
    cut = folder / "options_intraday" / "stock_chain_x.parquet"
    cut.write_bytes(cut.read_bytes()[:-9])
    for arguments, told in (
        (["--data", gone], f"error: {gone}: no such folder of recorded data"),
        (["--data", home], "error: "),
        (["--data", str(folder)], f"error: {cut}: not a readable Parquet file"),
        ([], "error: data: say which folder, once: --data DIR"),
        ([gone, "--data", str(folder)], "error: data: say which folder, once: --data DIR"),
    ):
        for part in ("verify", "list"):
            assert execute(["data", part, *arguments, "--home", home]) == 2
            out, err = capsys.readouterr()
            assert out == ""
            assert err.startswith(told)
            assert len(err.splitlines()) == 1


def test_progress_is_only_shown_to_a_terminal(
    capsys: pytest.CaptureFixture[str], folder: Path, home: str
) -> None:
    execute(["data", "verify", "--data", str(folder), "--home", home])
    assert capsys.readouterr().err == ""
