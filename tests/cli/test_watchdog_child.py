"""The watchdog as a child of a run at the broker: started, started again where it dies, ended in order."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from ninefifteen.cli.watchdog_child import WatchdogChild
from ninefifteen.domain.instants import SECOND
from ninefifteen.home import Home
from tests.patience import PATIENCE_S

WATCHES = "import time\nprint('watching', flush=True)\ntime.sleep(60)"
DEAF = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{WATCHES}"


class Child:
    """A watchdog whose program is a line of Python, on a clock that is turned by hand."""

    def __init__(self, folder: Path, code: str) -> None:
        self.told: list[str] = []
        self.at = 100 * SECOND
        home = Home.open(folder, rehearsal=True)
        self.child = WatchdogChild(home, lambda _, text: self.told.append(text), lambda: self.at)
        assert self.child._command[1:] == ["-m", "ninefifteen", "watchdog", "--home", str(home.path)]
        self.runs(code)
        self.log = home.logs_dir / "watchdog.log"

    def runs(self, code: str) -> None:
        """What the next one does."""
        self.child._command = [sys.executable, "-c", code]

    def look(self, seconds: int = 0) -> None:
        """So much later somebody looks."""
        self.at += seconds * SECOND
        self.child.look(0)

    @property
    def pid(self) -> int | None:
        """The process that watches now."""
        process = self.child._child
        return None if process is None else process.pid

    def wait(self) -> None:
        """Until it has ended."""
        process = self.child._child
        assert process is not None
        process.wait(PATIENCE_S)

    def wait_for(self, text: str) -> None:
        """Until it has said so."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.log.exists() or text not in self.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Child]:
    child = Child(tmp_path / "home", WATCHES)
    yield child
    child.child.close()


def test_the_first_look_starts_it_and_later_ones_leave_it_alone(watched: Child) -> None:
    watched.child.begins(cast(Any, None))
    assert watched.pid is None
    watched.look()
    first = watched.pid
    assert first is not None
    watched.look(60)
    watched.child.ends()
    assert watched.pid == first
    assert watched.told == []
    watched.wait_for("watching")


def test_one_that_dies_is_told_and_started_again_two_seconds_later(watched: Child) -> None:
    watched.runs("raise SystemExit(3)")
    watched.look()
    watched.wait()
    watched.runs(WATCHES)
    watched.look()
    assert watched.told == ["the watchdog has ended (exit code 3): it is started again"]
    assert watched.pid is None
    watched.look(1)
    assert watched.pid is None
    watched.look(1)
    assert watched.pid is not None


def test_where_another_one_watches_it_is_told_once_and_tried_again_later(watched: Child) -> None:
    watched.runs("raise SystemExit(5)")
    for _ in range(2):
        watched.look(31)
        watched.wait()
        watched.look()
        assert watched.pid is None
        watched.look(20)
        assert watched.pid is None
    assert watched.told == ["the watchdog of an earlier start is still here and watches"]


def test_one_that_cannot_be_started_is_told_and_tried_again_later(watched: Child) -> None:
    watched.log.mkdir()
    watched.look()
    watched.look(20)
    assert watched.told == ["the watchdog cannot be started: Is a directory"]
    watched.log.rmdir()
    watched.look(20)
    assert watched.pid is not None


def test_at_the_end_of_the_run_it_is_ended(watched: Child) -> None:
    watched.look()
    process = watched.child._child
    assert process is not None
    watched.wait_for("watching")
    watched.child.close()
    assert process.returncode == -15
    watched.child.close()
    assert watched.pid is None


def test_one_that_does_not_listen_is_killed(watched: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ninefifteen.cli.watchdog_child._ON_ENDING_S", 0.05)
    watched.runs(DEAF)
    watched.look()
    process = watched.child._child
    assert process is not None
    watched.wait_for("watching")
    watched.child.close()
    assert process.returncode == -9
