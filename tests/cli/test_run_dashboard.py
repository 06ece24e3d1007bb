"""A run with its dashboard beside it: shown to people, no part of the day, whatever becomes of it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ninefifteen.adapters.journal import read_journal
from ninefifteen.cli.web_child import WebChild
from ninefifteen.config import LoadedConfig
from ninefifteen.home import Home
from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import Said, command, demo_day

LINK = "http://127.0.0.1:8080/enter?key=k"
SAYS = f'import os, sys\nprint(\'{{"url":"http://127.0.0.1:8080","enter":"{LINK}"}}\', flush=True)\n'
CHILDREN = {
    "lives": SAYS + "sys.stdin.read()",
    "is killed again and again": SAYS + "os.kill(os.getpid(), 9)",
    "freezes": SAYS + "os.kill(os.getpid(), 19)",
    "talks without end": SAYS + "while True: print('x' * 100_000)",
    "cannot start": "import sys; sys.exit('error: port 8080 is taken')",
    "refuses": "import sys; print('error: no address', file=sys.stderr); sys.exit(2)",
}


def run(home: Path, monkeypatch: pytest.MonkeyPatch, code: str, *words: str) -> Said:
    """The demo day at speed with a dashboard that is this program."""

    @contextmanager
    def child(home: Home, loaded: LoadedConfig, *, demo: bool, shows: bool) -> Iterator[WebChild]:
        assert demo
        assert not shows, "nobody sits before a test"
        program = [sys.executable, "-u", "-c", code]
        log = home.logs_dir / "dashboard.log"
        with WebChild(program, os.environ, log, pauses_s=(0.01,)) as running:
            running.wait(20)
            yield running

    monkeypatch.setattr("ninefifteen.cli.run.web_child", child)
    monkeypatch.setattr("ninefifteen.cli.web_child._ON_ENDING_S", 0.2)
    return command("run", "--demo", "--once", "--speed", "20000", "--home", home, *words)


@pytest.mark.parametrize("what", CHILDREN)
def test_the_day_is_the_same_whatever_the_dashboard_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    alone = demo_day(tmp_path / "alone", seed=DEMO_SEED)
    said = run(tmp_path / "beside", monkeypatch, CHILDREN[what], "--json")
    assert said.code == 0
    assert said.document == alone
    steps = [
        list(read_journal(next((tmp_path / home / "journal").iterdir())).steps)
        for home in ("alone", "beside")
    ]
    assert steps[0] == steps[1]


def test_the_link_is_said_to_people_once_and_stands_in_no_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(tmp_path, monkeypatch, CHILDREN["lives"])
    assert said.err.count(LINK) == 1
    assert f"dashboard: {LINK}\n" in said.err
    assert said.out == ""
    assert "stays open" not in said.err, "nobody sits at a terminal"
    assert all(b"enter?key" not in path.read_bytes() for path in (tmp_path / "logs").iterdir())


def test_that_it_could_not_start_is_one_line_and_a_line_of_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(tmp_path, monkeypatch, CHILDREN["cannot start"])
    line = "the dashboard has ended (port 8080 is taken): it is started again; the day goes on"
    assert said.err.count(line) == 1
    assert line in (tmp_path / "logs" / "audit.log").read_text()


def test_without_a_dashboard_none_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ninefifteen.cli.run.web_child", lambda *_, **__: pytest.fail("it was started"))
    demo_day(tmp_path, seed=DEMO_SEED)
    assert not (tmp_path / "logs" / "dashboard.log").exists()


def test_on_a_terminal_the_link_comes_before_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    real = WebChild.wait

    def wait(self: WebChild, seconds: float) -> Any:
        waited.append(seconds)
        return real(self, seconds)

    monkeypatch.setattr(WebChild, "wait", wait)
    terminal = io.StringIO()
    shown = Console(file=terminal, force_terminal=True, width=100, height=40, _environ={})
    monkeypatch.setattr("ninefifteen.cli.run_demo.console", lambda: shown)
    said = run(tmp_path, monkeypatch, CHILDREN["lives"])
    assert said.code == 0
    assert waited == [20, 6.0]
    assert f"dashboard: {LINK}\n" in said.err
