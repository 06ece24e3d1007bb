"""`run --demo`: a whole invented day from one command, the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.events import Restarted
from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import Document, command, demo, demo_day, untimed
from tests.cli.contract import check_run

LOSING = DEMO_SEED
"""A seed whose day loses money; the day shown first to everybody."""
QUICK = range(6)
NIGHTLY = range(100)


def assert_sound(document: Document) -> None:
    """What must hold after any demo day."""
    check_run(document)
    assert (document["mode"], document["synthetic"]) == ("demo", True)
    assert document["flat"]
    assert document["journal_ok"]
    assert len(document["trades"]) <= 1
    assert document["status"] == ("traded" if document["trades"] else "no_trade")


def test_the_same_seed_gives_the_same_document_in_any_home_and_any_number_of_times(tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b", tmp_path / "a"]
    said = [demo(home, "--once", seed=7) for home in homes]
    assert [one.code for one in said] == [0, 0, 0]
    first = untimed(said[0].document)
    assert all(untimed(one.document) == first for one in said)


def test_stdout_carries_one_document_and_people_read_stderr(tmp_path: Path) -> None:
    said = demo(tmp_path, "--once", seed=LOSING)
    assert said.out.startswith("{")
    assert json.loads(said.out)["seed"] == LOSING
    assert "SYNTHETIC DAY" in said.err
    assert "{" not in said.err
    assert (
        command("run", "--demo", "--speed", "max", "--once", "--no-dashboard", "--home", tmp_path).out == ""
    )


def test_a_finished_day_run_again_keeps_the_journal_of_its_first_run(tmp_path: Path) -> None:
    documents = [demo_day(tmp_path, seed=LOSING) for _ in range(3)]
    assert documents[0] == documents[1] == documents[2]
    day, folder = documents[0]["date"], tmp_path / "journal"
    stem = f"{day}.synthetic-{LOSING}"
    names = {f"{stem}.journal", f"{stem}.run-1.journal", f"{stem}.run-2.journal"}
    assert {path.name for path in folder.iterdir()} == names
    assert len({path.read_bytes() for path in folder.iterdir()}) == 1


def test_the_document_of_the_day_is_kept_in_the_home_and_says_that_it_is_invented(tmp_path: Path) -> None:
    document = demo_day(tmp_path, seed=LOSING)
    kept = json.loads((tmp_path / "days" / f"{document['date']}.synthetic-{LOSING}.json").read_text())
    assert kept["synthetic"]
    assert kept["trades"] == document["trades"]
    assert kept["record"]["pick"] == len(document["candidates"]) - 1
    audit = (tmp_path / "logs" / "audit.log").read_text().splitlines()
    assert audit
    assert all(json.loads(line)["synthetic"] for line in audit)


@pytest.mark.parametrize("seed", QUICK)
def test_a_day_ends_flat_with_at_most_one_entry_whatever_the_seed(tmp_path: Path, seed: int) -> None:
    assert_sound(demo_day(tmp_path, seed=seed))
    errors = tmp_path / "logs" / "errors.log"
    assert not errors.exists() or '"severity":"P1"' not in errors.read_text(), "somebody had to be called"


@pytest.mark.nightly
def test_a_hundred_days_end_flat_with_at_most_one_entry(tmp_path: Path) -> None:
    for seed in NIGHTLY:
        assert_sound(demo_day(tmp_path, seed=seed))


def test_the_day_shown_first_buys_before_the_cutoff_and_loses(tmp_path: Path) -> None:
    document = demo_day(tmp_path, seed=LOSING)
    (trade,) = document["trades"]
    assert "09:15:00" <= trade["entry_at"][11:19] < "09:15:30"
    assert trade["net"].startswith("-")
    words = ("run", "--demo", "--speed", "max", "--once", "--no-dashboard", "--json", "--home", tmp_path)
    assert command(*words).document == document


def test_a_date_may_be_chosen_and_gives_another_day_of_the_same_seed(tmp_path: Path) -> None:
    document = demo_day(tmp_path, "--date", "2026-11-20", seed=7)
    assert document["date"] == "2026-11-20"
    assert_sound(document)


def test_a_special_session_is_a_day_without_a_trade(tmp_path: Path) -> None:
    """Muhurat trading of 2026, on a Sunday."""
    document = demo_day(tmp_path, "--date", "2026-11-08", seed=7)
    assert (document["status"], document["no_trade_reason"]) == ("no_trade", "special_session")
    assert (document["pick"], document["candidates"], document["trades"]) == (None, [], [])


def test_a_setting_changed_for_one_run_takes_part_in_the_decision(tmp_path: Path) -> None:
    refused = demo_day(tmp_path, "--set", "strategy.min_gain_pct=15", seed=LOSING)
    assert {one["code"] for one in refused["candidates"]} == {"not_a_gainer"}
    assert refused["no_trade_reason"] == "no_candidate"


@pytest.mark.parametrize("speed", ["20000", "99999.5"])
def test_any_speed_gives_the_same_events_in_the_same_order(tmp_path: Path, speed: str) -> None:
    demo_day(tmp_path / "max", seed=LOSING)
    words = ("run", "--demo", "--once", "--no-dashboard", "--seed", str(LOSING), "--speed", speed)
    assert command(*words, "--home", tmp_path / "paced").code == 0
    journals = [next((tmp_path / home / "journal").iterdir()) for home in ("max", "paced")]
    fast, paced = (read_journal(path).steps for path in journals)
    assert list(fast) == list(paced)


# ---- the HALT file


def test_a_halt_file_that_is_there_at_the_start_sees_no_entry(tmp_path: Path) -> None:
    demo_day(tmp_path, seed=LOSING)
    (tmp_path / "HALT").touch()
    for _ in range(2):
        said = demo(tmp_path, "--once", seed=LOSING)
        assert said.code == 4
        assert said.document["halted"] == "file: the HALT file is there"
        assert (said.document["trades"], said.document["no_trade_reason"]) == ([], "halted")
        assert said.document["flat"]
    (tmp_path / "HALT").unlink()
    assert demo_day(tmp_path, seed=LOSING)["trades"]


# ---- one day after the other


def test_without_once_the_days_follow_one_another_until_no_further_one_is_known(tmp_path: Path) -> None:
    """From 17 Dec 2026; from the 22nd the January expiry would be traded, which is not published yet."""
    said = demo(tmp_path, "--date", "2026-12-17", seed=7)
    assert said.code == 0
    days = said.document["days"]
    assert [day["date"] for day in days] == ["2026-12-17", "2026-12-18", "2026-12-21"]
    assert said.document["stopped"] is False
    for day in days:
        assert_sound(day)
    assert "calendar import" in said.err
    assert len(list((tmp_path / "journal").iterdir())) == 3


def test_a_following_day_begins_with_the_cash_and_the_losing_streak_of_the_one_before(tmp_path: Path) -> None:
    """Two losing trades in a row allowed: from the third day on nothing is entered."""
    said = demo(tmp_path, "--date", "2026-12-08", "--set", "risk.max_consecutive_losses=2", seed=5)
    cash, streak, seen = 100_000.0, 0, set()
    for day in said.document["days"]:
        journal = tmp_path / "journal" / f"{day['date']}.synthetic-5.journal"
        facts = read_journal(journal).steps[0].event.facts  # type: ignore[union-attr]
        assert facts.free_cash == pytest.approx(100 * cash, abs=5)
        assert facts.losing_streak == streak
        if streak >= 2:
            assert day["no_trade_reason"] in ("losing_streak", "no_candidate")
            seen.add(day["no_trade_reason"])
        for trade in day["trades"]:
            cash += float(trade["net"])
            streak = 0 if float(trade["net"]) > 0 else streak + 1
    assert "losing_streak" in seen
    assert cash != 100_000


def test_a_halt_ends_the_row_of_days(tmp_path: Path) -> None:
    demo_day(tmp_path, seed=LOSING)
    (tmp_path / "HALT").touch()
    said = demo(tmp_path, "--date", "2026-12-17", seed=7)
    assert said.code == 4
    assert len(said.document["days"]) == 1


def test_nothing_in_a_day_is_a_restart_unless_it_was_one(tmp_path: Path) -> None:
    demo_day(tmp_path, seed=LOSING)
    (journal,) = (tmp_path / "journal").iterdir()
    assert not any(isinstance(step.event, Restarted) for step in read_journal(journal).steps)
