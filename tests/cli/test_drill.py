"""`ninefifteen drill`: what was measured, and when nothing was."""

from __future__ import annotations

from pathlib import Path

from ninefifteen.home import Home
from tests.cli.command_line import command
from tests.processes.emergency_homes import account, beating, locked


def test_a_drill_is_for_rehearsal_homes_only(tmp_path: Path) -> None:
    Home.open(tmp_path / "real")
    said = command("drill", "--home", tmp_path / "real")
    assert said.code == 2
    assert "a drill is for a rehearsal home" in said.refusal


def test_with_nothing_held_nothing_is_pressed_and_nothing_measured(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        said = command("drill", "--json", "--home", one.home.path)
        assert said.code == 1
        assert said.document == {"measured": False, "units": 0, "open_orders": 0, "press_to_flat_s": None}
        assert not one.home.halt_file.exists()
    assert command("drill", "--json", "--home", one.home.path).code == 3


def test_without_an_engine_the_direct_way_is_measured(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        one.stop(tag=one.tag("p"))
        said = command("drill", "--json", "--home", one.home.path)
        document = said.document
        assert said.code == 0
        assert document["way"] == "no engine: the emergency core closed it"
        assert (document["units"], document["open_orders"]) == (int(one.call["lot_size"]), 1)
        assert document["asked_by"] == "HALT file"
        assert document["at_exchange_s"] >= 2
        assert document["press_to_flat_s"] > 0
        assert one.net() == 0
        assert "press to proved flat" in said.err


def test_with_an_engine_at_work_its_own_halt_is_measured(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        with locked(one.home), beating(one.home) as engine:
            engine.on_halt(lambda: one.sell(tag=one.tag("x")))
            said = command("drill", "--json", "--home", one.home.path)
        assert said.code == 0
        assert said.document["way"] == "the engine closed it; proved from beside it"
        assert said.document["requests"] == 0
