"""The report on a folder says which days can be run, which cannot and why, and what looks wrong."""

from __future__ import annotations

import hashlib
from datetime import date, time
from pathlib import Path

from ninefifteen.adapters.recorded.report import DayReport, FolderCheck, FolderReport
from tests.adapters.recorded_folders import (
    EXPIRY,
    LATER,
    MONDAY,
    RULES,
    TUESDAY,
    WEDNESDAY,
    Row,
    listed,
    opened,
    shares,
    snapshot,
    upstox,
    write,
)

MEMBERS = tuple(f"S{number:02d}" for number in range(50))
SUNDAY = date(2026, 2, 1)


def folder_of_fifty(folder: Path, rows: list[Row]) -> Path:
    (folder / "universe").mkdir(parents=True, exist_ok=True)
    lines = "".join(f"2026-01-06,{symbol}\n" for symbol in MEMBERS)
    (folder / "universe" / "members.csv").write_text("as_of,symbol\n" + lines)
    prices = dict.fromkeys(MEMBERS, (100.0, 101.0))
    cash = [row for day in (MONDAY, TUESDAY) for row in shares(day, **prices)]
    write(folder / "cash_bhavcopy" / "x.parquet", cash)
    write(folder / "options_intraday" / "stock_chain_x.parquet", rows)
    write(folder / "instruments" / "x.parquet", [upstox(symbol) for symbol in MEMBERS if symbol != "S01"])
    return folder


def good(*, without: str = "") -> list[Row]:
    members = [symbol for symbol in MEMBERS if symbol != without]
    return [
        row
        for symbol in members
        for row in (*snapshot(MONDAY, "15:29:00", symbol), *snapshot(TUESDAY, "09:16:00", symbol))
    ]


def check(folder: Path) -> FolderCheck:
    return FolderCheck(opened(folder), RULES.calendar, 4, time(9, 30))


def report(folder: Path) -> FolderReport:
    return check(folder).report(lambda what, done, total: None)


def reasons(found: tuple[DayReport, ...]) -> dict[date, str | None]:
    return {day.day: day.reason for day in found}


def test_a_good_folder_is_usable_and_says_what_its_sets_hold(tmp_path: Path) -> None:
    found = report(folder_of_fifty(tmp_path, good()))
    assert found.usable
    assert reasons(found.days) == {MONDAY: "no_previous_oi", TUESDAY: None}
    assert found.reasons == {"can be run": 1, "no_previous_oi": 1}
    assert [(one.name, one.files, one.rows, one.days) for one in found.sets] == [
        ("cash_bhavcopy", 1, 100, 2),
        ("fo_bhavcopy", 0, 0, 0),
        ("options_intraday", 1, 100, 2),
        ("preopen", 0, 0, 0),
        ("instruments", 1, 49, 0),
        ("universe", 1, 50, 1),
    ]
    assert found.problems == ()
    assert found.rows_read == 249


def test_members_that_are_missing_or_without_a_lot_are_named(tmp_path: Path) -> None:
    found = report(folder_of_fifty(tmp_path, good(without="S07")))
    assert (found.days[1].absent, found.days[1].no_lot_size) == (("S07",), ("S01",))
    assert any(
        "without a row of the traded expiry" in note and "S07 (1 days)" in note for note in found.notes
    )
    assert any("of unknown lot size" in note and "S01 (1 days)" in note for note in found.notes)


def test_days_that_cannot_be_run_say_why(tmp_path: Path) -> None:
    """Outside the calendar, closed, a special session, unknown members, and the reasons of D4."""
    outside, closed, unknown = date(2031, 1, 6), date(2026, 1, 4), date(2019, 1, 7)
    strange = [outside, closed, SUNDAY, unknown]
    rows = [row for day in strange for row in snapshot(day, "09:16:00", "S00")]
    rows += snapshot(WEDNESDAY, "09:16:00", "S00", expiry=LATER)
    found = report(folder_of_fifty(tmp_path, good() + rows))
    assert reasons(found.days) == {
        unknown: "members_unknown",
        closed: "no_trading_day",
        MONDAY: "no_previous_oi",
        TUESDAY: None,
        WEDNESDAY: "no_pre_open",
        SUNDAY: "special_session",
        outside: "no_calendar",
    }
    told = {note.split(":")[0] for note in found.notes}
    assert {"no_calendar", "no_trading_day", "special_session", "members_unknown", "no_pre_open"} <= told


def test_a_folder_without_a_day_that_can_be_run_is_not_usable(tmp_path: Path) -> None:
    found = report(folder_of_fifty(tmp_path, snapshot(TUESDAY, "09:16:00", "S00", expiry=LATER)))
    assert not found.usable
    assert found.problems[0] == "no day of this folder can be run"
    assert found.days[0].expiry == EXPIRY


def test_a_late_first_snapshot_is_told_and_the_folder_stays_usable(tmp_path: Path) -> None:
    rows = [*snapshot(MONDAY, "15:29:00", "S00"), *snapshot(TUESDAY, "12:00:00", "S00")]
    found = report(folder_of_fifty(tmp_path, rows))
    assert found.usable
    assert reasons(found.days)[TUESDAY] == "no_opening_snapshot"


def test_doubtful_rows_and_stale_snapshots_are_counted(tmp_path: Path) -> None:
    folder = folder_of_fifty(tmp_path, good() + snapshot(TUESDAY, "09:16:00", "S03"))
    stale = [{"ts": snapshot(MONDAY, "10:00:00")[0]["ts"], "stale": True}]
    write(folder / "options_intraday" / "snapshot_index.parquet", stale)
    write(folder / "options_intraday" / "underlying.parquet", [{"symbol": "S00", "ltp": 1.0}])
    write(folder / "fo_bhavcopy" / "x.parquet", [listed(MONDAY, "S00")])
    weekend = shares(MONDAY, S00=(1.0, 2.0)) + shares(date(2026, 1, 4), S00=(1.0, 2.0))
    write(folder / "cash_bhavcopy" / "y.parquet", weekend + shares(date(2031, 1, 6), S00=(1.0, 2.0)))
    found = report(folder)
    assert found.problems == (
        "options_intraday/stock_chain_x.parquet: 1 rows of members have the key of another row",
        "cash_bhavcopy/ has days that are no trading days: 2026-01-04",
    )
    assert "stale snapshots, ignored for every purpose: 2026-01-05 (1)" in found.notes
    assert any(note.startswith("options_intraday/underlying.parquet is not used") for note in found.notes)
    assert not any("no index of snapshots" in note for note in found.notes)


def test_missing_sets_are_told(tmp_path: Path) -> None:
    folder = folder_of_fifty(tmp_path, good())
    (folder / "instruments" / "x.parquet").unlink()
    found = report(folder)
    assert "instruments/ is empty: no lot sizes, so no day of snapshots can be traded" in found.problems
    assert any("has no index of snapshots" in note for note in found.notes)
    (folder / "universe" / "members.csv").unlink()
    assert "universe/ has no list of members: the packaged list is used" in report(folder).notes


def test_checksums_are_compared_where_they_are_given(tmp_path: Path) -> None:
    folder = folder_of_fifty(tmp_path, good())
    assert any(note.startswith("no SHA256SUMS") for note in report(folder).notes)
    name = "cash_bhavcopy/x.parquet"
    right = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{right}  {name}\n{right} *gone/y.parquet\n\n")
    found = report(folder)
    assert found.usable
    assert "checksums: 1 files compared, 1 listed files are not here" in found.notes
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  {name}\n")
    found = report(folder)
    assert not found.usable
    assert found.problems == (f"{name}: checksum differs from SHA256SUMS: copy the file again",)


def test_progress_runs_from_nothing_to_everything(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    check(folder_of_fifty(tmp_path, good())).days(lambda *step: steps.append(step))
    assert steps == [("days", 0, 2), ("days", 1, 2), ("days", 2, 2)]
