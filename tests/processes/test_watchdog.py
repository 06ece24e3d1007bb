"""The watchdog against our exchange: it acts on silence with something open, and on nothing else."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ninefifteen.adapters.fence import Fence
from tests.cli.command_line import command
from tests.patience import PATIENCE_S
from tests.processes.emergency_homes import Account, account, audit, beating, locked
from tests.processes.paper_homes import PROGRAM

SILENCE_S = 3.0
QUICK = ("--silence", str(SILENCE_S), "--every", "1")


@contextmanager
def watching(one: Account, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A watchdog in a process of its own."""
    child = subprocess.Popen(
        [*PROGRAM, "watchdog", *QUICK, *words, "--json", "--home", str(one.home.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate(timeout=PATIENCE_S)


def alarms(one: Account) -> list[str]:
    file = one.home.logs_dir / "errors.log"
    return [json.loads(line)["text"] for line in file.read_text().splitlines()] if file.exists() else []


def wait_for(one: Account, words: str) -> None:
    """Until the audit log holds these words."""
    file, deadline = one.home.logs_dir / "audit.log", time.monotonic() + PATIENCE_S
    while not file.exists() or words not in file.read_text():
        assert time.monotonic() < deadline, file.read_text() if file.exists() else "no line"
        time.sleep(0.05)


def ended(child: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    """Ask it to end: exit code and document."""
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=PATIENCE_S)
    return child.returncode, json.loads(out)


def test_a_silent_engine_with_a_position_is_fenced_off_and_made_flat(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        stop = one.stop(tag=one.tag("p"))
        fence = Fence(one.home.path / "epoch")
        fence.take()
        with locked(one.home), watching(one) as child:
            with beating(one.home):
                wait_for(one, "heart beats")
                time.sleep(SILENCE_S + 0.5)
                assert one.net() > 0
                assert alarms(one) == []
            wait_for(one, "has made the bot flat")
            code, document = ended(child)
        assert (code, document["state"]) == (0, "flat")
        assert one.net() == 0
        assert not fence.holds()
        assert [row["order_id"] for row in one.orders() if row["transaction_type"] == "SELL"] == [stop]
        assert json.loads(one.home.halt_file.read_text())["source"] == "watchdog"
        assert "units of the bot's held and 1 of its orders open: the watchdog acts" in alarms(one)[0]


def test_a_fresh_heartbeat_keeps_its_hands_off(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        with beating(one.home), watching(one) as child:
            wait_for(one, "heart beats")
            time.sleep(SILENCE_S + 0.5)
            code, document = ended(child)
        assert (code, document["state"]) == (0, "beats")
        assert one.net() > 0
        assert alarms(one) == []
        assert not one.home.halt_file.exists()


def test_silence_with_nothing_held_is_one_alarm_and_no_more(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        other = one.other["tradingsymbol"]
        one.buy(name=other)
        with watching(one) as child:
            wait_for(one, "nothing to do")
            time.sleep(2.5)  # twice as long as it takes to look again
            code, document = ended(child)
        assert (code, document["state"], document["units"]) == (0, "nothing_held", 0)
        assert len(alarms(one)) == 1
        assert one.net(other) > 0
        assert not one.home.halt_file.exists()


def test_what_comes_to_be_held_in_the_silence_is_dealt_with_too(tmp_path: Path) -> None:
    with account(tmp_path) as one, watching(one):
        wait_for(one, "nothing to do")
        one.buy(tag=one.tag("e"))
        wait_for(one, "has made the bot flat")
        assert one.net() == 0


def test_a_broker_that_cannot_be_asked_is_an_alarm(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.forget_the_token()
        with watching(one) as child:
            wait_for(one, "the watchdog cannot ask the broker")
            wait_for(one, "no heartbeat for")
            assert ended(child)[1]["state"] == "unknown"
        said = command("watchdog", "--once", *QUICK, "--home", one.home.path)
        assert said.code == 3
        assert "run `ninefifteen login`" in said.err
    with watching(one) as child:
        wait_for(one, "nothing answers at")
        assert ended(child)[0] == 0


def test_one_that_cannot_fence_off_a_silent_process_says_so_and_does_not_fight(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        (one.home.path / "epoch").mkdir()
        with locked(one.home):
            said = command("watchdog", "--once", *QUICK, "--json", "--home", one.home.path)
        assert (said.code, said.document["state"]) == (1, "not_flat")
        assert "end it (kill -9)" in said.err
        assert one.net() > 0


def test_once_finds_a_beating_heart_quickly_and_a_silent_one_in_time(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        with beating(one.home):
            said = command("watchdog", "--once", "--json", "--home", one.home.path)
        assert (said.code, said.document["state"]) == (0, "beats")
        said = command("watchdog", "--once", *QUICK, "--json", "--home", one.home.path)
        assert (said.code, said.document["state"], said.document["took_s"]) == (0, "nothing_held", None)
        assert said.document["silence_s"] >= SILENCE_S


def test_a_second_watchdog_of_a_home_ends_at_once(tmp_path: Path) -> None:
    with account(tmp_path) as one, watching(one):
        wait_for(one, "waiting for a heartbeat")
        said = command("watchdog", "--home", one.home.path)
        assert said.code == 5
        assert said.refusal.endswith("a watchdog watches it already")


def test_its_lines_are_in_the_audit_log(tmp_path: Path) -> None:
    with account(tmp_path) as one, beating(one.home):
        command("watchdog", "--once", "--home", one.home.path)
        assert [line["kind"] for line in audit(one.home)] == ["watchdog"]
