"""Real processes, really killed: the day goes on at the next start and ends flat, with one entry."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.order import Role
from ninefifteen.wiring.home_day import replays
from tests.cli.command_line import command
from tests.patience import PATIENCE_S
from tests.processes.running import Process, finish, ledger, rebuilt

SUBMIT, BELL = b'"type":"submit"', b'"timer":"nine_fifteen:entry"'
FAST = ("--once", "--speed", "4000")
"""The day of the demo seed in six seconds: in position for the first two and a half."""
SLOW = ("--once", "--speed", "45")
"""Two seconds to the bell, the entry in slow motion."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the day gives when nobody disturbs it."""
    document, _ = finish(tmp_path_factory.mktemp("undisturbed") / "home")
    assert len(document["trades"]) == 1
    return document


def assert_alike(home: Path, undisturbed: dict[str, Any], document: dict[str, Any]) -> None:
    """Flat, one entry, the same trade; the ledger holds the day once, as a rebuild does."""
    assert document["trades"] == undisturbed["trades"]
    assert (document["flat"], document["journal_ok"]) == (True, True)
    (path,) = (home / "journal").iterdir()
    sent = [e for step in read_journal(path).steps for e in step.effects if isinstance(e, Submit)]
    assert [e.order.request.role for e in sent].count(Role.ENTRY) == 1
    kept = ledger(home / "ninefifteen.db")
    assert (len(kept["days"]), len(kept["trades"])) == (1, 1)
    assert kept == rebuilt(home, home / "rebuilt.db")


def test_killed_at_random_moments_several_times_the_day_ends_as_if_nothing_had_been(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    chance = Random(915)
    for _ in range(4):
        with Process(tmp_path, *FAST) as process:
            process.wait_for(b'"seq":1,')
            time.sleep(chance.uniform(0.0, 1.2))
            process.kill()
    document, told = finish(tmp_path)
    assert f"going on with {undisturbed['date']} where it was stopped" in told
    assert_alike(tmp_path, undisturbed, document)


def test_killed_the_moment_the_entry_is_written_it_is_not_sent_twice(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with Process(tmp_path, *SLOW) as process:
        process.wait_for(SUBMIT)
        process.kill()
    assert_alike(tmp_path, undisturbed, finish(tmp_path)[0])


def test_killed_in_the_entry_window_and_again_with_the_stop_just_sent(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with Process(tmp_path, *SLOW) as process:
        process.wait_for(BELL, count=2)
        process.kill()
    with Process(tmp_path, *SLOW) as process:
        process.wait_for(SUBMIT, count=2)
        process.kill()
    assert_alike(tmp_path, undisturbed, finish(tmp_path)[0])


@pytest.mark.nightly
def test_killed_at_thirty_random_moments_of_ten_days(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    chance = Random(915)
    for number in range(10):
        home = tmp_path / str(number)
        for _ in range(3):
            with Process(home, *(SLOW if chance.random() < 0.3 else FAST)) as process:
                time.sleep(chance.uniform(0.1, 4.0))
                process.kill()
        assert_alike(home, undisturbed, finish(home)[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_leaves_a_whole_journal_and_exit_130(
    tmp_path: Path, undisturbed: dict[str, Any], number: signal.Signals
) -> None:
    with Process(tmp_path, *FAST) as process:
        process.wait_for(SUBMIT, count=2)
        process.send(number)
        code, out, told = process.ended()
    assert code == 130
    assert json.loads(out) == {"stopped": True, "days": []}
    assert "Traceback" not in told
    (path,) = (tmp_path / "journal").iterdir()
    assert not read_journal(path).torn
    assert replays(path)
    document, told = finish(tmp_path)
    assert "going on with" in told
    assert_alike(tmp_path, undisturbed, document)


def test_ctrl_c_twice_in_a_row_is_as_good_as_once(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    with Process(tmp_path, *FAST) as process:
        process.wait_for(SUBMIT, count=2)
        process.send(signal.SIGINT)
        process.send(signal.SIGINT)
        time.sleep(0.02)
        process.send(signal.SIGINT)
        code, _, told = process.ended()
    assert code == 130
    assert "Traceback" not in told
    (path,) = (tmp_path / "journal").iterdir()
    assert not read_journal(path).torn
    assert_alike(tmp_path, undisturbed, finish(tmp_path)[0])


def test_touching_halt_in_position_leaves_it_and_is_exit_4(tmp_path: Path) -> None:
    with Process(tmp_path, *FAST) as process:
        process.wait_for(SUBMIT, count=2)
        (tmp_path / "HALT").touch()
        code, out, told = process.ended()
    assert code == 4
    document = json.loads(out)
    assert document["halted"] == "file: the HALT file is there"
    assert [trade["exit_reason"] for trade in document["trades"]] == ["halt"]
    assert document["flat"]
    assert document["journal_ok"]
    assert "HALT by file" in told


def test_a_second_instance_on_the_same_home_is_exit_5_and_disturbs_nothing(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with Process(tmp_path, *SLOW) as process:
        process.wait_for(b'"seq":1,')
        second = command("run", "--demo", "--speed", "max", "--once", "--home", tmp_path)
        assert second.code == 5
        assert f"in use by process {process.child.pid}" in second.refusal
        assert command("config", "check", "--home", tmp_path).code == 0
        process.send(signal.SIGTERM)
        assert process.ended()[0] == 130
    assert_alike(tmp_path, undisturbed, finish(tmp_path)[0])


def test_days_in_a_row_stopped_give_one_document_of_the_finished_ones(tmp_path: Path) -> None:
    with Process(tmp_path, "--speed", "max") as process:
        deadline = time.monotonic() + PATIENCE_S
        while not (tmp_path / "days").is_dir() or len(list((tmp_path / "days").glob("*.json"))) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send(signal.SIGINT)
        code, out, _ = process.ended()
    assert code == 130
    document = json.loads(out)
    assert document["stopped"] is True
    assert len(document["days"]) >= 2
    kept = {path.name[:10] for path in (tmp_path / "days").glob("*.json")}
    assert {day["date"] for day in document["days"]} == kept
