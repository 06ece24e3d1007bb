"""Paper days whose process is killed, stopped, doubled or halted: one entry, flat, and nothing made up."""

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
from tests.processes.live_homes import exit_reason
from tests.processes.paper_homes import Exchange, Paper, exchange, finished, rehearsal_home
from tests.processes.running import ledger, rebuilt

SEED = 4
"""8 September 2026: bought with the first quote, left at the stop at 09:19:23."""
SOON = 16
"""5 November 2026: bought and left at the target within a minute; in lockstep every quote takes its time."""
SUBMIT, BELL, DAY = b'"type":"submit"', b'"timer":"nine_fifteen:entry"', b'"seq":1,'
START = "09:10:00"


def assert_one_trade(home: Path, document: dict[str, Any], ended: tuple[int, str] = (425, "stop")) -> None:
    """Flat after one entry, told once; the journal replays and the ledger is what it says."""
    assert (document["status"], document["flat"], document["journal_ok"]) == ("traded", True, True)
    assert [(trade["quantity"], trade["exit_reason"]) for trade in document["trades"]] == [ended]
    assert_one_record(home)
    assert entries(home) == 1


def assert_one_record(home: Path) -> None:
    """One journal, one document, one day in the ledger; the ledger is what a rebuild gives."""
    (journal,) = (home / "journal").iterdir()
    assert replays(journal)
    assert [path.stem for path in (home / "days").iterdir()] == [journal.stem]
    kept = ledger(home / "ninefifteen.db")
    assert len(kept["days"]) == 1
    assert kept == rebuilt(home, home / "rebuilt.db")


def entries(home: Path) -> int:
    """Entry orders in the day's journal."""
    (journal,) = (home / "journal").iterdir()
    sent = [e for step in read_journal(journal).steps for e in step.effects if isinstance(e, Submit)]
    return [e.order.request.role for e in sent].count(Role.ENTRY)


def killed(home: Path, text: bytes, *, count: int = 1, later: float = 0.0) -> None:
    """Start, wait until the journal holds this so often, and kill -9."""
    with Paper(home, "--once") as process:
        process.wait_for(text, count=count)
        time.sleep(later)
        process.kill()


def no_orders(market: Exchange) -> bool:
    """Whether nothing was ever written at the exchange."""
    return not [what for what in market.asked("counts") if what.split()[0] in ("POST", "PUT", "DELETE")]


def test_killed_before_the_scan_at_the_bell_with_the_entry_sent_and_while_holding(tmp_path: Path) -> None:
    with exchange(seed=SOON, start=START) as market:
        home = rehearsal_home(tmp_path, market)
        killed(home, DAY)
        killed(home, BELL, count=2)
        killed(home, SUBMIT)
        killed(home, SUBMIT, count=2, later=0.5)
        document, told = finished(home)
        assert no_orders(market)
    assert "restart number 4: going on with" in told
    assert_one_trade(home, document, (400, "target"))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_of_the_opening(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    with exchange(seed=SEED, start=START) as market:
        home = rehearsal_home(tmp_path, market)
        for _ in range(4):
            with Paper(home, "--once") as process:
                process.wait_for(DAY)
                time.sleep(chance.uniform(0.0, 4.0))
                process.kill()
        document, _ = finished(home)
    assert_one_trade(home, document)


@pytest.mark.nightly
def test_killed_while_the_exit_is_under_way(tmp_path: Path) -> None:
    """The day of this seed is left at its target: the stop is changed into the exit, and then we die."""
    with exchange(seed=16, start=START) as market:
        home = rehearsal_home(tmp_path, market)
        killed(home, b'"type":"modify"')
        document, _ = finished(home)
    assert (document["flat"], document["journal_ok"], len(document["trades"])) == (True, True, 1)
    assert_one_record(home)
    assert entries(home) == 1


def test_a_second_instance_is_exit_5_then_sigterm_leaves_a_day_that_goes_on_until_halted(
    tmp_path: Path,
) -> None:
    with exchange(seed=SEED, start=START) as market:
        home = rehearsal_home(tmp_path, market)
        with Paper(home, "--once") as process:
            process.wait_for(SUBMIT, count=2)
            process.send(signal.SIGSTOP)
            second = command("run", "--paper", "--once", "--home", home)
            assert second.code == 5
            assert f"in use by process {process.child.pid}" in second.refusal
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
            code, out, err = process.ended()
        assert code == 130
        assert json.loads(out) == {"stopped": True, "days": []}
        assert "Traceback" not in err
        with Paper(home, "--once") as process:
            process.wait_for(SUBMIT, count=2)
            (home / "HALT").touch()
            code, out, err = process.ended()
    assert code == 4
    document = json.loads(out)
    assert document["halted"] == "file: the HALT file is there"
    assert [trade["exit_reason"] for trade in document["trades"]] == ["halt"]
    assert (document["flat"], document["journal_ok"]) == (True, True)
    assert "HALT by file" in err
    assert_one_record(home)
    assert entries(home) == 1


def test_frozen_over_the_bell_it_does_not_enter_late(tmp_path: Path) -> None:
    """SIGSTOP at a real speed from 09:14:35 until the entry window is over."""
    with exchange(seed=SEED, start="09:13:50", speed="20", geared=True) as market:
        home = rehearsal_home(tmp_path, market)
        with Paper(home, "--once") as process:
            market.speed_up(process)
            process.wait_until(market, "09:14:35")
            process.send(signal.SIGSTOP)
            process.wait_until(market, "09:15:40")
            process.send(signal.SIGCONT)
            process.wait_until(market, "09:16:20")
            process.send(signal.SIGTERM)
            code, _, err = process.ended()
    assert code == 130, err
    assert entries(home) == 0
    (journal,) = (home / "journal").iterdir()
    assert replays(journal)


def test_frozen_while_holding_it_goes_on_and_keeps_its_stop(tmp_path: Path) -> None:
    with exchange(seed=SEED, start="09:14:20", speed="20", geared=True) as market:
        home = rehearsal_home(tmp_path, market)
        with Paper(home, "--once") as process:
            market.speed_up(process)
            process.wait_for(SUBMIT, count=2)
            process.send(signal.SIGSTOP)
            process.wait_until(market, "09:16:30")
            process.send(signal.SIGCONT)
            process.wait_until(market, "09:17:00")
            (home / "HALT").touch()
            while exit_reason(home) is None:
                assert process.child.poll() is None, process.ended()
                time.sleep(0.1)
            process.send(signal.SIGTERM)
            code, _, err = process.ended()
    assert code == 130, err
    assert entries(home) == 1
    assert exit_reason(home) in {"halt", "target"}  # a slow machine gets there while the price does
