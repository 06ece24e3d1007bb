"""`ninefifteen drill`: what was measured, and when nothing was."""

from __future__ import annotations

import time
from pathlib import Path

from ninefifteen.home import Home
from tests.cli.command_line import command
from tests.patience import PATIENCE_S
from tests.processes.emergency_homes import account, beating, locked
from tests.processes.live_homes import Live, truth
from tests.processes.paper_homes import exchange, rehearsal_home


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


def test_what_could_not_be_proved_is_no_measurement(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        (one.home.path / "epoch").mkdir()
        with locked(one.home):
            said = command("drill", "--home", one.home.path)
    assert (said.code, said.out) == (1, "")
    assert "NO: see above" in said.err


def test_with_an_engine_at_work_its_own_halt_is_measured(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        with locked(one.home), beating(one.home) as engine:
            engine.on_halt(lambda: one.sell(tag=one.tag("x")))
            said = command("drill", "--json", "--home", one.home.path)
        assert said.code == 0
        assert said.document["way"] == "the engine closed it; proved from beside it"
        assert said.document["requests"] == 0


def test_a_real_engine_halts_when_the_drill_presses(tmp_path: Path) -> None:
    """`run --production` holds what it bought at 09:15; its own halt is measured, and nobody sells twice."""
    with exchange(seed=3, start="09:14:00", speed="5") as market:
        home = rehearsal_home(tmp_path / "home", market)
        with Live(home) as engine:
            deadline = time.monotonic() + PATIENCE_S
            while not any(row["net"] and row["least_spare"] == 0 for row in truth(market)["contracts"]):
                assert engine.child.poll() is None, engine.ended()
                assert time.monotonic() < deadline, "nothing was bought"
                time.sleep(0.2)
            said = command("drill", "--json", "--home", home)
        assert said.code == 0, said.err
        assert (said.document["engine"], said.document["requests"]) == ("living", 0)
        assert said.document["asked_by"] == "control line and HALT file"
        assert truth(market)["flat"]
        assert all(row["least_net"] >= 0 for row in truth(market)["contracts"])
