"""`run --production` in a rehearsal home: asked for by flag or file, refused elsewhere, fenced, watched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.journal import read_journal
from ninefifteen.adapters.journal.content import Step
from ninefifteen.cli import run
from ninefifteen.config import load_config
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.events import Halted, Restarted
from ninefifteen.home import Home
from tests.architecture.imports import modules_after
from tests.cli.command_line import command
from tests.processes.live_homes import Live, journal_of
from tests.processes.paper_homes import Exchange, exchange, rehearsal_home
from tests.wiring.live_days import QUIET, TRADED, production


@pytest.fixture(scope="module")
def standing() -> Iterator[Exchange]:
    """An exchange whose clock nobody turns on: for everything that is refused before the day begins."""
    with exchange(seed=QUIET, start="08:59:00") as market:
        yield market


def setting(home: Path, text: str) -> Path:
    """The home with this line in its settings."""
    with (home / "config.yaml").open("a") as file:
        file.write(text + "\n")
    return home


# ------------------------------------------------------------------------------------- which way, and where


@pytest.mark.parametrize("words", [("--production",), ("--set", "trading.mode=live")])
def test_a_real_home_refuses_it_with_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = command("run", "--once", "--home", tmp_path / "home", *words)
    assert said.code == 2
    assert "run --production needs gates and arming, which version" in said.refusal


@pytest.mark.parametrize(
    ("flag", "line", "live", "told"),
    [
        ("production", "", True, ""),
        ("", "trading: {mode: live}", True, ""),
        ("production", "trading: {mode: live}", True, ""),
        ("", "", False, ""),
        ("paper", "trading: {mode: paper}", False, ""),
        ("paper", "trading: {mode: live}", False, "trading.mode: live (config.yaml:3) and --paper differ"),
        (
            "production",
            "trading: {mode: paper}",
            False,
            "trading.mode: paper (config.yaml:3) and --production differ",
        ),
    ],
)
def test_flag_and_file_ask_for_the_same_and_where_they_differ_the_safer_one_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, line: str, live: bool, told: str
) -> None:
    home = Home.open(tmp_path / "home", rehearsal=True)
    home.config_file.write_text(f"# one\n# two\n{line}\n")
    loaded = load_config(home, environment={})
    assert run._is_live(loaded, paper=flag == "paper", production=flag == "production") == live
    hint = " (`mode: live` there lets --production trade at the broker)" if flag == "production" else ""
    assert capsys.readouterr().err == (f"{told}: the safer one runs, on paper{hint}\n" if told else "")


def test_a_file_that_says_live_needs_no_flag(tmp_path: Path) -> None:
    with exchange(seed=QUIET, start="09:13:50") as market:
        home = setting(rehearsal_home(tmp_path, market), "trading: {mode: live}")
        said = command("run", "--once", "--no-dashboard", "--json", "--home", home)
    assert said.code == 0, said.err
    assert (said.document["mode"], said.document["status"]) == ("live", "no_trade")


def test_a_process_that_trades_on_paper_never_loads_what_can_send_an_order() -> None:
    loaded = modules_after("import ninefifteen.cli.run, ninefifteen.cli.run_paper")
    assert "ninefifteen.wiring.paper" in loaded
    able = {"ninefifteen.adapters.zerodha.orders", "ninefifteen.wiring.live", "ninefifteen.wiring.live_run"}
    assert loaded & able == set()
    assert able <= modules_after("import ninefifteen.cli.run_live")


# -------------------------------------------------------------------------------------------- what is refused


def test_a_fence_without_a_number_stops_the_start_and_is_left_as_it_is(
    tmp_path: Path, standing: Exchange
) -> None:
    home = rehearsal_home(tmp_path, standing)
    (home / "epoch").write_text("twelve\n")
    said = production(home)
    assert said.code == 2
    assert f"{home}/epoch: holds no number" in said.err.splitlines()[-1]
    assert (home / "epoch").read_text() == "twelve\n"
    assert list((home / "journal").iterdir()) == []


def test_another_broker_is_refused_not_replaced(tmp_path: Path, standing: Exchange) -> None:
    said = production(rehearsal_home(tmp_path, standing), "--set", "trading.broker=upstox")
    assert said.code == 2
    assert "trading.broker upstox" in said.err.splitlines()[-1]


# -------------------------------------------------------------------------------------- while it is running


def test_it_beats_and_ends_with_exit_5_and_one_line_when_somebody_takes_over(tmp_path: Path) -> None:
    with exchange(seed=TRADED, start="09:13:30") as market:
        home = rehearsal_home(tmp_path, market)
        with Live(home) as process:
            process.wait_for(b'"trigger_pending"')
            beat = json.loads((home / "heartbeat.json").read_text())
            Fence(home / "epoch").take()
            code, _, err = process.ended()
        sent = market.asked("counts")["POST /orders/regular"]
        asked = [step for step in read_journal(journal_of(home)).steps if entry_or_exit(step)]
    assert (beat["epoch"], beat["pid"]) == (1, process.child.pid)
    assert code == 5, err
    line = err.splitlines()[-1]
    assert line.startswith(f"error: {home}: another start, the watchdog or `halt --direct` has taken over")
    assert "Traceback" not in err
    assert len(asked) == sent == 2
    assert not (home / "heartbeat.json").exists()


def entry_or_exit(step: Step) -> bool:
    """Whether an order was placed in it."""
    return any(isinstance(effect, Submit) for effect in step.effects)


def test_a_halt_file_that_is_there_at_the_start_sees_no_entry(tmp_path: Path) -> None:
    with exchange(seed=TRADED, start="09:13:30") as market:
        home = rehearsal_home(tmp_path, market)
        (home / "HALT").touch()
        said = production(home)
        counts = market.asked("counts")
    assert said.code == 4, said.err
    assert "POST /orders/regular" not in counts
    assert said.document["halted"] == "file: the HALT file is there"
    events = [type(step.event) for step in read_journal(journal_of(home)).steps]
    assert events.index(Restarted) < events.index(Halted), "a sale at a halt carries this start's tag"
