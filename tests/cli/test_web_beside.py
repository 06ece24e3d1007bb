"""What a run shows and tells of its dashboard, and how long the page stays when the last day is over."""

from __future__ import annotations

import os
import pty
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from ninefifteen.adapters.control import ControlLine
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.web_beside import WebBeside, stay
from ninefifteen.cli.web_child import Ready, WebChild
from tests.cli.control_days import Controlled, controlled

URL = "http://127.0.0.1:8080"
LINK = f"{URL}/enter?key=k"
PATIENCE_S = 20.0


class Web:
    """A dashboard whose fate is decided here."""

    def __init__(self, ready: Ready | None = None, *said: str) -> None:
        self.ready, self.said = ready, list(said)

    def wait(self, seconds: float) -> Ready | None:
        return self.ready

    def look(self, tell: Any) -> None:
        while self.said:
            tell("dashboard", self.said.pop(0))


class People:
    """Whoever looks: at a screen that draws, or at lines."""

    def __init__(self, *, draws: bool) -> None:
        self.draws, self.told = draws, [""][:0]
        self.shown: list[tuple[str, ...]] = []

    def tell(self, kind: str, text: str) -> None:
        self.told.append(f"{kind}: {text}")

    def invite(self, lines: tuple[str, ...]) -> bool:
        self.shown.append(lines)
        return self.draws


def beside(web: Web | None, people: People) -> WebBeside:
    return WebBeside(cast(WebChild | None, web), people.tell, people.invite)


def test_without_a_dashboard_nothing_is_shown_or_told(capsys: pytest.CaptureFixture[str]) -> None:
    people = People(draws=False)
    beside(None, people).look(0)
    assert (people.told, people.shown, capsys.readouterr().err) == ([], [], "")


def test_the_link_goes_to_the_screen_of_each_day_and_away_when_the_dashboard_dies() -> None:
    web, people = Web(Ready(URL, enter=LINK)), People(draws=True)
    one = beside(web, people)
    for _ in range(3):
        one.look(0)
    assert people.shown == [(LINK,)]
    one.begins(cast(Any, None))
    one.look(0)
    web.ready = None
    one.look(0)
    assert people.shown == [(LINK,), (LINK,), ()]
    one.ends()


def test_where_nothing_draws_the_link_is_said_once_however_many_days_come(
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = People(draws=False)
    one = beside(Web(Ready(URL, setup_code="ABCD-EFGH")), people)
    for _ in range(2):
        one.enters(people.tell, people.invite)
        one.look(0)
    said = capsys.readouterr().err
    assert said == f"dashboard: {URL}\ndashboard: set-up code of the first visit: ABCD-EFGH\n"
    assert people.told == [], "no log has the code"


def test_what_became_of_it_is_told() -> None:
    people = People(draws=True)
    beside(Web(None, "it has ended"), people).look(0)
    assert people.told == ["dashboard: it has ended"]


# ---- the day is over


@contextmanager
def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *, foreground: bool = True) -> Iterator[int]:
    """Standard input is a terminal; what is written to the descriptor is typed there."""
    keys, terminal = pty.openpty()
    with os.fdopen(terminal) as stdin, os.fdopen(keys, "wb"):
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() if foreground else -1)
        yield keys


@pytest.fixture
def over(tmp_path: Path) -> Iterator[Controlled]:
    """A demo day that is over, at a control line that is open still."""
    with controlled(tmp_path) as day:
        day.hold()
        day.desk.end()
        yield day


def stays(web: Web, over: Controlled) -> threading.Thread:
    """Leave the page open beside the test."""
    stop = StopAsked()
    thread = threading.Thread(target=stay, args=(cast(WebChild, web), stop, over.desk), daemon=True)
    thread.stop = stop  # type: ignore[attr-defined]
    thread.start()
    return thread


def test_the_page_keeps_the_state_of_the_last_day_until_a_key_is_pressed(
    over: Controlled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with at_a_terminal(monkeypatch) as keys:
        thread = stays(Web(Ready(URL, enter=LINK), "it has ended"), over)
        with ControlLine(over.home.path) as line:
            state = line.snapshot(PATIENCE_S)
        assert state["date"] == "2026-12-04"
        assert state["positions"][0]["quantity"] == 50
        assert state["halted"] is None
        os.write(keys, b"\n")
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    said = capsys.readouterr().err
    assert f"dashboard: {LINK}\n" in said
    assert "the dashboard stays open until you press Enter or Ctrl-C" in said
    assert "dashboard: it has ended" in said


def test_a_halt_is_shown_while_the_page_stays_and_ctrl_c_ends_it(
    over: Controlled, monkeypatch: pytest.MonkeyPatch
) -> None:
    over.home.halt_file.touch()
    with at_a_terminal(monkeypatch) as keys:
        thread = stays(Web(Ready(URL)), over)
        with ControlLine(over.home.path) as line:
            assert line.snapshot(PATIENCE_S)["halted"] == "file: the HALT file is there"
        thread.stop.ask(signal.SIGINT, None)  # type: ignore[attr-defined]
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        os.write(keys, b"\n")  # whoever still reads there gets to its end


def test_between_two_days_the_last_one_is_told_beside_what_comes_next(over: Controlled) -> None:
    with ControlLine(over.home.path) as line:
        until = time.monotonic() + PATIENCE_S
        while line.next(0.02) is None:
            over.look()
            assert time.monotonic() < until
        assert line.state is not None
    assert (line.state["date"], line.state["session"]["phase"]) == (None, "closed")
    assert line.state["last_day"]["date"] == "2026-12-04"


@pytest.mark.parametrize("why", ["no terminal", "in the background", "no dashboard"])
def test_where_nobody_could_read_it_nothing_is_waited_for(
    over: Controlled, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    web = Web(None if why == "no dashboard" else Ready(URL))
    if why == "no terminal":
        stay(cast(WebChild, web), StopAsked(), over.desk)
        return
    with at_a_terminal(monkeypatch, foreground=why != "in the background"):
        stay(cast(WebChild, web), StopAsked(), over.desk)
