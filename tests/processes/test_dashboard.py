"""A run with its real dashboard, in processes: killed, kept out of its port, left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import command, demo_day
from tests.processes.paper_homes import exchange, rehearsal_home

PATIENCE_S = 60.0
PROC = Path("/proc")

pytestmark = pytest.mark.skipif(not PROC.is_dir(), reason="looks for processes in /proc")


def until(met: Callable[[], Any]) -> Any:
    """What this gives once it gives something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := met()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def dashboards(home: Path) -> set[int]:
    """The dashboards of this home that live."""
    found = set()
    for folder in PROC.iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0") if folder.name.isdigit() else []
        except OSError:
            continue
        if b"ninefifteen.web" in words and str(home).encode() in words:
            found.add(int(folder.name))
    return found


def answers(port: int) -> bool:
    """Whether a dashboard says that it is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@pytest.fixture
def port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        given: int = line.getsockname()[1]
        return given


def running(home: Path, port: int, speed: str = "3000") -> AbstractContextManager[subprocess.Popen[str]]:
    """The demo day in a process of its own."""
    return program(home, port, "--demo", "--once", "--json", "--speed", speed, "--seed", str(DEMO_SEED))


@contextmanager
def program(home: Path, port: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own."""
    line = [sys.executable, "-m", "ninefifteen", "run", *words, "--home", str(home)]
    with subprocess.Popen(
        [*line, "--set", f"dashboard.port={port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def test_killed_in_the_middle_of_the_day_it_comes_back_and_the_day_is_the_same(
    tmp_path: Path, port: int
) -> None:
    alone = demo_day(tmp_path / "alone", seed=DEMO_SEED)
    home = tmp_path / "home"
    with running(home, port) as run:
        (first,) = until(lambda: answers(port) and dashboards(home))
        assert os.getpriority(os.PRIO_PROCESS, first) > os.getpriority(os.PRIO_PROCESS, run.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: dashboards(home) - {first} and answers(port))
        out, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0
    assert json.loads(out) == alone
    assert err.count("the dashboard has ended (signal 9): it is started again; the day goes on") == 1
    assert len(re.findall(rf"dashboard: http://127\.0\.0\.1:{port}/enter\?key=\S+", err)) == 2
    assert dashboards(home) == set()


def test_kept_out_of_its_port_a_demo_says_which_it_took_and_the_day_goes_on(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path, port) as run:
            out, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0
    assert json.loads(out)["flat"]
    assert f"port {port} is taken: the page of this demo is at port" in err
    assert f"dashboard: http://127.0.0.1:{port}/" not in err


def test_a_run_that_is_killed_leaves_no_dashboard_behind(tmp_path: Path, port: int) -> None:
    with running(tmp_path, port, speed="60") as run:
        until(lambda: answers(port))
        run.kill()
        run.wait(PATIENCE_S)
        until(lambda: not dashboards(tmp_path))
    assert not answers(port)


def test_a_day_on_paper_has_its_dashboard_and_says_the_code_of_the_first_visit(
    tmp_path: Path, port: int
) -> None:
    with exchange(seed=16, start="09:10:00", speed="5") as market:
        home = rehearsal_home(tmp_path / "home", market)
        with program(home, port, "--paper") as run:
            until(lambda: answers(port))
            state = until(
                lambda: (found := command("status", "--json", "--home", home).document)["date"] and found
            )
            assert (state["watermark"], state["session"]["phase"]) == ("REHEARSAL", "pre_open")
            assert state["session"]["next_day"] is not None
            assert state["account"] is None, "no order goes to it"
            run.terminate()
            _, err = run.communicate(timeout=PATIENCE_S)
    assert f"dashboard: http://127.0.0.1:{port}\n" in err
    (code,) = re.findall(r"dashboard: set-up code of the first visit: (\S+)", err)
    assert all(code.encode() not in path.read_bytes() for path in (home / "logs").iterdir())
    assert dashboards(home) == set()
