"""An alarm that does not come from the engine: on the screen, in the log, and how bad it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.run_paper import DayAfterDay
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.config import load_config
from ninefifteen.domain.effects import URGENT
from ninefifteen.home import Home
from ninefifteen.wiring.paper import PaperDesk
from tests.cli import screen_scenes as scenes


def logged(home: Home, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home.logs_dir / name).read_text().splitlines()]


def test_it_is_logged_with_its_severity_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home.open(tmp_path / "home", rehearsal=True)
    stop = cast(StopAsked, None)
    days = DayAfterDay(home, load_config(home, environment={}), load_rules(), stop, [], PaperDesk, once=True)
    days.tell(URGENT, "75 units are left of yesterday")
    days.tell("alarm", "this machine slept")
    days.tell("login", "log in here")
    days.log.close()
    told = [(line["kind"], line["severity"]) for line in logged(home, "errors.log")]
    assert told == [("alarm", "P1"), ("alarm", "P2")]
    assert "severity" not in logged(home, "audit.log")[-1]
    assert "alarm: 75 units are left of yesterday" in capsys.readouterr().err


def test_the_screen_shows_how_bad_it_is() -> None:
    screen = scenes.screen(scenes.console())
    said = [screen.recall(0, kind, "look")[0].plain for kind in (URGENT, "alarm", "login")]
    assert [line.partition(" ")[2] for line in said] == ["ALARM P1: look", "ALARM P2: look", "look"]
