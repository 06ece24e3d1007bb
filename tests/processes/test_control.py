"""A running engine of its own process, controlled from a second one."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path

from tests.cli.command_line import Said, command
from tests.processes.running import Process, finish

HELD = b'"state":"trigger_pending"'
PACE = ("--once", "--speed", "60")
"""A minute and a half to the bell in one and a half seconds, then slow enough to be held."""


def ran(home: Path, *words: str) -> Said:
    """One control verb beside the engine."""
    return command(*words, "--home", home)


def test_a_running_day_is_seen_paused_resumed_halted_and_unlocked_from_a_second_terminal(
    tmp_path: Path,
) -> None:
    with Process(tmp_path, *PACE) as engine:
        engine.wait_for(HELD)
        status = ran(tmp_path, "status", "--json").document
        assert (status["engine"], status["mode"], status["synthetic"]) == ("running", "demo", True)
        assert status["positions"][0]["quantity"] == 50
        assert "holding 50 MARUTI" in ran(tmp_path, "status").err
        assert "holding 50 MARUTI" in ran(tmp_path, "positions").err
        assert len(ran(tmp_path, "orders", "--json").document["orders"]) == 2
        assert ran(tmp_path, "pause", "--reason", "tea").code == 0
        assert "tea" in ran(tmp_path, "status").err
        assert ran(tmp_path, "resume").code == 0

        began = time.monotonic()
        halted = ran(tmp_path, "halt", "--reason", "enough", "--json")
        assert time.monotonic() - began < 10
        assert (halted.code, halted.document["proved_flat"]) == (0, True)
        assert "sold 50 MARUTI" in halted.document["text"]
        assert "account" not in halted.document["text"]  # its orders were simulated
        assert json.loads((tmp_path / "HALT").read_text())["reason"] == "enough"
        assert ran(tmp_path, "resume").code == 4
        assert "the bot holds nothing" in ran(tmp_path, "positions").err

        engine.send(signal.SIGTERM)
        assert engine.ended()[0] == 130
    assert not (tmp_path / "control.sock").exists()
    document, _ = finish(tmp_path)
    (trade,) = document["trades"]
    assert (trade["exit_reason"], document["flat"], document["journal_ok"]) == ("halt", True, True)
    assert document["halted"].endswith("enough")
    assert ran(tmp_path, "unlock", "--yes-unlock-after-halt").code == 0
    assert not (tmp_path / "HALT").exists()
    assert finish(tmp_path)[0]["halted"] is None


def test_a_killed_engine_leaves_a_socket_that_the_next_start_replaces(tmp_path: Path) -> None:
    with Process(tmp_path, *PACE) as engine:
        engine.wait_for(HELD)
        engine.kill()
    assert (tmp_path / "control.sock").exists()
    assert "was holding 50 MARUTI" in ran(tmp_path, "status").err
    with Process(tmp_path, *PACE) as engine:
        engine.wait_for(b'"type":"restarted"')
        halted = ran(tmp_path, "halt", "--json")
        assert (halted.code, halted.document["proved_flat"]) == (0, True)
        unlocked = ran(tmp_path, "unlock", "--yes-unlock-after-halt", "--json")
        assert (unlocked.code, unlocked.document["engine"]) == (0, "running")
        assert ran(tmp_path, "status", "--json").document["halted"] is None


def test_clients_without_manners_do_not_touch_a_running_day(tmp_path: Path) -> None:
    with Process(tmp_path, *PACE) as engine:
        engine.wait_for(HELD)
        rude = []
        for number in range(50):
            line = socket.socket(socket.AF_UNIX)
            line.connect(str(tmp_path / "control.sock"))
            line.sendall((os.urandom(2000), b"{" * 20_000, b'{"id":"half', b"\n" * 500)[number % 4])
            rude.append(line)
        assert ran(tmp_path, "flatten", "--json").document["proved_flat"]
        assert engine.child.poll() is None
        for line in rude:
            line.close()
        engine.send(signal.SIGTERM)
        engine.ended()
    document, _ = finish(tmp_path)
    assert document["trades"][0]["exit_reason"] == "manual"
    assert document["journal_ok"]
