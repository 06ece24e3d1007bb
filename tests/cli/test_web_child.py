"""The dashboard as a child of a run: started, started again where it dies, ended with it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ninefifteen.cli.web_child import (
    Ready,
    WebChild,
    _open_browser,
    elsewhere,
    has_desktop,
    invitation,
    web_child,
    web_environment,
)
from ninefifteen.config import load_config
from ninefifteen.home import Home

URL = "http://127.0.0.1:8080"
SAYS = f'import sys\nprint(\'{{"url":"{URL}"}}\', flush=True)\n'
SERVES = SAYS + "sys.stdin.read()\n"
DEAF = SAYS + "import time\ntime.sleep(600)\n"
CHATTERS = SAYS + "while True:\n    print('x' * 100_000)\n"
REFUSES = "import sys\nsys.exit('port 8080 is taken: give it another one')\n"
PATIENCE_S = 20.0


def until(met: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Told:
    """What a run would have told people."""

    def __init__(self, child: WebChild) -> None:
        self.child, self.lines = child, [""][:0]

    def __call__(self) -> list[str]:
        self.child.look(lambda kind, text: self.lines.append(f"{kind}: {text}"))
        return self.lines


@contextmanager
def running(
    folder: Path, code: str, on_first: Callable[[Ready], None] | None = None
) -> Iterator[tuple[WebChild, Told]]:
    command = [sys.executable, "-u", "-c", code]
    log = folder / "dashboard.log"
    with WebChild(command, os.environ, log, on_first=on_first, pauses_s=(0.05, 0.3)) as child:
        yield child, Told(child)


def pid_of(child: WebChild) -> int:
    until(lambda: child._child)
    assert child._child is not None
    return child._child.pid


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_says_where_it_is_found_and_nothing_is_told(tmp_path: Path) -> None:
    with running(tmp_path, SERVES) as (child, told):
        assert child.ready is None
        assert child.wait(PATIENCE_S) == Ready(URL)
        assert told() == []
        pid = pid_of(child)
    assert ended(pid)
    assert told() == [], "an end that was asked for is no news"


def test_it_gives_way_to_the_run(tmp_path: Path) -> None:
    with running(tmp_path, SERVES) as (child, _):
        child.wait(PATIENCE_S)
        assert os.getpriority(os.PRIO_PROCESS, pid_of(child)) >= 10


def test_one_that_is_killed_is_told_once_and_started_again(tmp_path: Path) -> None:
    shown: list[Ready] = []
    with running(tmp_path, SERVES, shown.append) as (child, told):
        child.wait(PATIENCE_S)
        first = pid_of(child)
        os.kill(first, signal.SIGKILL)
        until(told)
        until(lambda: child.ready is not None and pid_of(child) != first)
        assert told() == [
            "dashboard: the dashboard has ended (signal 9): it is started again; the day goes on"
        ]
        os.kill(pid_of(child), signal.SIGKILL)
        until(lambda: len(told()) == 2)
    assert shown == [Ready(URL)], "a browser is opened once"


def test_one_that_cannot_start_says_why_once_however_often_it_is_tried(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    code = f"open({str(tries)!r}, 'a').write('x')\n" + REFUSES
    with running(tmp_path, code) as (child, told):
        assert child.wait(PATIENCE_S) is None
        until(lambda: tries.exists() and len(tries.read_text()) > 2)
        (line,) = told()
        assert "the dashboard has ended (port 8080 is taken: give it another one): it is started" in line


def test_one_that_refuses_is_told_once_and_tried_again_when_things_may_have_changed(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    words = "error: dashboard.host 0.0.0.0 needs TLS"
    code = f"open({str(tries)!r}, 'a').write('x')\nimport sys\nprint({words!r}, file=sys.stderr)\nsys.exit(2)"
    command, log = [sys.executable, "-c", code], tmp_path / "dashboard.log"
    with WebChild(command, os.environ, log, later_s=0.05) as child:
        told = Told(child)
        assert child.wait(PATIENCE_S) is None
        until(lambda: tries.exists() and len(tries.read_text()) > 1)
        (line,) = told()
    assert line.startswith("dashboard: no dashboard: dashboard.host 0.0.0.0 needs TLS; the day goes on")


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with WebChild([str(tmp_path / "none")], {}, tmp_path / "log", pauses_s=(9,)) as child:
        told = Told(child)
        until(told)
        assert "it cannot be started: No such file or directory" in told()[0]


def test_what_it_says_without_end_is_read_and_forgotten(tmp_path: Path) -> None:
    with running(tmp_path, CHATTERS) as (child, told):
        assert child.wait(PATIENCE_S) == Ready(URL)
        time.sleep(0.1)
        assert child.ready == Ready(URL)
        assert told() == []


@pytest.mark.parametrize("way", ["deaf", "frozen"])
def test_one_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr("ninefifteen.cli.web_child._ON_ENDING_S", 0.1)
    with running(tmp_path, DEAF if way == "deaf" else SERVES) as (child, _):
        child.wait(PATIENCE_S)
        pid = pid_of(child)
        if way == "frozen":
            os.kill(pid, signal.SIGSTOP)
    assert ended(pid)


def test_a_run_that_ends_while_it_starts_takes_it_along(tmp_path: Path) -> None:
    with running(tmp_path, SERVES) as (child, _):
        pass
    assert child._child is None
    assert not child._thread.is_alive()


def test_its_log_is_begun_anew_when_it_has_grown_too_long(tmp_path: Path) -> None:
    log = tmp_path / "dashboard.log"
    log.write_bytes(b"x" * 2_000_000)
    with running(tmp_path, REFUSES) as (_, told):
        until(told)
    assert log.stat().st_size < 10_000


# ---- what leads to it


@pytest.mark.parametrize(
    ("url", "port", "told"),
    [
        ("http://127.0.0.1:8081", 8080, "port 8080 is taken: the page of this demo is at port 8081"),
        ("http://127.0.0.1:8080", 8080, ""),
        ("http://127.0.0.1:4711", 0, ""),
        ("http://127.0.0.1", 80, ""),
    ],
)
def test_a_demo_whose_port_was_taken_says_where_its_page_is(url: str, port: int, told: str) -> None:
    assert elsewhere(Ready(url), port) == told


def test_that_is_told_with_what_else_became_of_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home = Home.open(tmp_path)
        with web_child(home, load_config(home, [f"dashboard.port={port}"]), demo=True, shows=False) as child:
            told = Told(child)
            until(lambda: child.ready and told())
    assert told.lines[0].startswith(f"dashboard: port {port} is taken: the page of this demo is at port ")


def test_the_link_and_the_code_are_what_a_person_needs() -> None:
    assert invitation(None) == ()
    assert invitation(Ready(URL)) == (URL,)
    assert invitation(Ready(URL, enter=f"{URL}/enter?key=k")) == (f"{URL}/enter?key=k",)
    assert invitation(Ready(URL, setup_code="ABCD-EFGH")) == (
        URL,
        "set-up code of the first visit: ABCD-EFGH",
    )


@pytest.mark.parametrize(
    ("environment", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"DISPLAY": ":0", "NINEFIFTEEN_NO_BROWSER": "1"}, "linux", False),
        ({"SSH_CONNECTION": "a"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_before_windows(
    environment: dict[str, str], platform: str, there: bool
) -> None:
    assert has_desktop(environment, platform) is there


def test_no_secret_of_the_broker_reaches_it(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    home.env_file.write_text("BROKER_API_SECRET=one\nBROKER_USER_ID=AB1234\nDATABASE_URL=sqlite:///x.db\n")
    given = {"PATH": "/bin", "BROKER_ACCESS_TOKEN": "two", "EMERGENCY_STOP_NUMBERS": "+919812345678"}
    assert web_environment(home, given) == {
        "PATH": "/bin",
        "BROKER_USER_ID": "AB1234",
        "DATABASE_URL": "sqlite:///x.db",
        "EMERGENCY_STOP_NUMBERS": "+919812345678",
    }


def test_of_a_home_it_is_started_with_its_folder_and_in_a_demo_with_the_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("ninefifteen.cli.web_child._open_browser", lambda address, _: opened.append(address))
    monkeypatch.setattr(WebChild, "_supervise", lambda self: self._came(Ready(URL, enter=f"{URL}/enter")))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("NINEFIFTEEN_NO_BROWSER", raising=False)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    home = Home.open(tmp_path)
    program = [sys.executable, "-m", "ninefifteen.web", str(home.path)]
    for demo, shows, changes, words in (
        (True, True, (), ["--demo"]),
        (False, False, (), []),
        (True, False, ("dashboard.port=18080",), ["--port", "18080", "--demo"]),
        (False, False, ("dashboard.host=127.0.0.2",), ["--host", "127.0.0.2"]),
        (
            False,
            False,
            ("dashboard.behind_proxy=true", "dashboard.public_url=https://desk.example.org"),
            [
                *("--set", "dashboard.behind_proxy=true"),
                *("--set", 'dashboard.public_url="https://desk.example.org"'),
            ],
        ),
    ):
        with web_child(home, load_config(home, changes), demo=demo, shows=shows) as child:
            assert child._command == program + words
    assert opened == [f"{URL}/enter"]


def test_a_browser_is_given_the_address_and_no_secret(tmp_path: Path) -> None:
    told, browser = tmp_path / "told", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1 $BROKER_API_SECRET" > {told}.new && mv {told}.new {told}\n')
    browser.chmod(0o755)
    _open_browser(f"{URL}/enter?key=k", {"PATH": os.environ["PATH"], "BROWSER": f"{browser} %s"})
    until(told.exists)
    assert told.read_text() == f"{URL}/enter?key=k \n"


def test_a_browser_that_cannot_be_started_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    _open_browser(URL, {})
    for thread in threading.enumerate():
        if thread.name == "browser":
            thread.join(PATIENCE_S)
