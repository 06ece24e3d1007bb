"""A day with real orders at our exchange, and one on paper, halted over the control line."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.cli.command_line import command
from tests.processes.live_homes import Live, assert_nothing_went_wrong, exit_reason, truth
from tests.processes.paper_homes import Paper, exchange, rehearsal_home
from tests.processes.running import Process

HELD_ALL_DAY = 6
"""The seed of a day that is left at its end."""
RESTING = b'"state":"trigger_pending"'


def halted(process: Process, home: Path) -> dict[str, object]:
    """Halt what is held from a second terminal; the engine's own word that it is proved."""
    process.wait_for(RESTING)
    status = command("status", "--json", "--home", home).document
    assert (status["rehearsal"], len(status["positions"])) == (True, 1)
    assert "holding" in command("status", "--home", home).err
    said = command("halt", "--json", "--reason", "enough", "--home", home)
    assert (said.code, said.document["proved_flat"]) == (0, True), said.document
    state = command("status", "--json", "--home", home).document
    assert (state["flat"], state["positions"], state["halted"].endswith("enough")) == (True, [], True)
    return state


def test_a_halt_over_the_control_line_is_done_when_the_exchange_is_flat(tmp_path: Path) -> None:
    with exchange(seed=HELD_ALL_DAY, start="09:12:00") as market:
        home = rehearsal_home(tmp_path, market)
        with Live(home) as process:
            state = halted(process, home)
            assert truth(market)["flat"]
            assert state["mode"] == "live"
            broker = state["broker"]
            assert isinstance(broker, dict)
            assert (broker["reconciled"], broker["known_at"] is not None) == (True, True)
            process.send(signal.SIGTERM)
            process.ended()
        assert exit_reason(home) == "halt"
        assert_nothing_went_wrong(home, market)


def test_a_paper_day_is_halted_over_the_control_line(tmp_path: Path) -> None:
    with exchange(seed=HELD_ALL_DAY, start="09:12:00") as market:
        home = rehearsal_home(tmp_path, market)
        with Paper(home, "--once") as process:
            assert halted(process, home)["mode"] == "paper"
            process.send(signal.SIGTERM)
            process.ended()
