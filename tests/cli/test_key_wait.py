"""`run --paper` before there are keys: the page is up and the days begin when they come."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.control import ControlLine, machine_now
from ninefifteen.cli import key_wait
from ninefifteen.cli.control_desk import ControlDesk, control_desk
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.web_child import WebChild
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.home import Home
from tests.cli.command_line import command

URL = "http://127.0.0.1:8080"
SERVES = f'import sys\nprint(\'{{"url":"{URL}","setup_code":"ABCD-EFGH"}}\', flush=True)\nsys.stdin.read()\n'
KEYS = "BROKER_API_KEY=key0123456789\nBROKER_API_SECRET=geheim0123456789\n"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_wait, "_LOOK_S", 0.001)
    monkeypatch.setattr(key_wait, "_READ_EVERY", 1)


@contextmanager
def desk_that(home: Home, *steps: Callable[[], object]) -> Iterator[ControlDesk]:
    """The control line of a run that waits; each look at it takes the next of these steps."""
    with control_desk(home, synthetic=False, wiring="paper") as desk:
        look, left = desk.look, list(steps)

        def looked(now: int) -> bool:
            if left:
                left.pop(0)()
            return look(now)

        desk.look = looked  # type: ignore[method-assign, assignment]
        yield desk


def waited(home: Home, *steps: Callable[[], object], stop: StopAsked | None = None) -> LoadedConfig:
    with desk_that(home, *steps) as desk:
        return key_wait.wait_for_keys(home, None, stop or StopAsked(), desk, None)


def test_it_goes_on_when_key_and_secret_are_there_and_says_each_lack_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.open(tmp_path / "my home")
    name = KEYS.splitlines()[0] + "\n"
    loaded = waited(
        home,
        lambda: None,
        lambda: home.env_file.write_text(name),
        lambda: home.env_file.write_text("nonsense\n"),
        lambda: home.env_file.write_text(KEYS),
    )
    assert loaded.secrets.broker_api_key is not None
    first, second, third, last = capsys.readouterr().err.splitlines()
    assert "BROKER_API_KEY and BROKER_API_SECRET are missing" in first
    assert f"`ninefifteen setup --home '{home.path}'`" in first
    assert ": BROKER_API_SECRET is missing: run" in second
    assert third.startswith("waiting: ")
    assert last == "the keys are there: going on"


def test_another_broker_is_said_and_not_begun_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.open(tmp_path)
    was = home.config_file.read_text()

    def other() -> None:
        home.env_file.write_text(KEYS)
        home.config_file.write_text("trading: {broker: upstox}\n")

    waited(home, other, lambda: home.config_file.write_text(was))
    assert "trading.broker upstox" in capsys.readouterr().err


def test_asked_to_end_it_ends(tmp_path: Path) -> None:
    stop = StopAsked()
    with pytest.raises(KeyboardInterrupt):
        waited(Home.open(tmp_path), lambda: stop.ask(signal.SIGTERM, None), stop=stop)


def test_while_it_waits_the_control_line_says_what_will_run_and_takes_a_halt(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with control_desk(home, synthetic=False, wiring="paper") as desk, ControlLine(tmp_path) as line:
        found, look = [], desk.look

        def looked(now: int) -> bool:
            said = line.next(0.01)
            if said is not None and said.get("ack"):
                found.append(said)
            if found and line.state is not None:
                home.env_file.write_text(KEYS)
            return look(now)

        desk.look = looked  # type: ignore[method-assign, assignment]
        line.send({"id": "n", "verb": "halt", "sent_at": machine_now(), "source": "cli:a", "role": "admin"})
        key_wait.wait_for_keys(home, None, StopAsked(), desk, None)
        assert line.state is not None
        assert (line.state["mode"], line.state["date"]) == ("paper", None)
    assert found[0]["state"] == "done"
    assert home.latched() is not None


def test_a_rehearsal_does_not_wait(tmp_path: Path) -> None:
    rehearsal, real = Home.open(tmp_path / "a", rehearsal=True), Home.open(tmp_path / "b")
    assert not key_wait.waits_for_keys(rehearsal, load_config(rehearsal, ()))
    assert key_wait.waits_for_keys(real, load_config(real, ()))


def test_a_run_shows_its_page_first_and_its_days_get_the_new_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, days = Home.open(tmp_path), [load_config(Home.open(tmp_path), ())]

    @contextmanager
    def child(home: Home, *_: Any, **__: Any) -> Iterator[WebChild]:
        log = home.logs_dir / "dashboard.log"
        with WebChild([sys.executable, "-u", "-c", SERVES], os.environ, log) as running:
            running.wait(20)
            yield running

    def look(self: ControlDesk, _: int) -> None:
        looks.append(self)
        if len(looks) == 3:
            home.env_file.write_text(KEYS)

    def paper(_: Home, loaded: LoadedConfig, *rest: Any, **__: Any) -> None:
        days.append(loaded)
        rest[3].append({"halted": None})

    looks: list[ControlDesk] = []
    monkeypatch.setattr("ninefifteen.cli.run.web_child", child)
    monkeypatch.setattr("ninefifteen.cli.run_paper.run_paper", paper)
    monkeypatch.setattr(ControlDesk, "look", look)
    said = command("run", "--paper", "--home", home.path)
    assert said.code == 0
    assert [day.secrets.broker_api_key is None for day in days] == [True, False]
    assert f"dashboard: {URL}\n" in said.err
    assert "set-up code of the first visit: ABCD-EFGH" in said.err
    assert said.err.count("waiting: ") == 1


@pytest.mark.parametrize("word", ["--once", "--json", "--no-dashboard"])
def test_who_wants_one_day_json_or_no_page_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr("ninefifteen.cli.run.web_child", lambda *_, **__: pytest.fail("it was started"))
    said = command("run", "--paper", "--home", tmp_path, word)
    assert said.code == 2
    assert "BROKER_API_KEY and BROKER_API_SECRET are missing: `ninefifteen setup` asks" in said.err
