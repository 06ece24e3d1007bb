"""A dashboard that hangs is ended and started again; one that answers, or only starts, is left alone."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ninefifteen.cli.web_alive import Silence, answers
from ninefifteen.cli.web_child import Ready, WebChild
from tests.cli.test_web_child import Told, pid_of, until

LISTENS = """
import json, socket, sys
line = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"url": f"http://127.0.0.1:{line.getsockname()[1]}"}), flush=True)
"""
HANGS = LISTENS + "import time\ntime.sleep(600)\n"
SAYS_NO_WORD = "import time\ntime.sleep(600)\n"
ANSWERS = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        open(sys.argv[1], "a").write(self.path + " " + self.headers["host"] + "\\n")
        self.send_error(503)
    def log_message(self, *_): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
sys.stdin.read()
"""


@contextmanager
def asked(folder: Path, code: str, silence: Silence) -> Iterator[tuple[WebChild, Told]]:
    command = [sys.executable, "-u", "-c", code, str(folder / "asked")]
    log = folder / "dashboard.log"
    with WebChild(command, os.environ, log, pauses_s=(0.05,), ask_s=0.02, silence=lambda: silence) as child:
        yield child, Told(child)


@pytest.mark.parametrize(
    ("code", "words"), [(HANGS, "it has not answered for 0 s"), (SAYS_NO_WORD, "it has not come for 0 s")]
)
def test_one_that_hangs_is_ended_told_and_started_again(tmp_path: Path, code: str, words: str) -> None:
    silence = Silence(patience_s=0.2, ask_s=0.05, start_s=0.2 if code == SAYS_NO_WORD else 60)
    with asked(tmp_path, code, silence) as (child, told):
        first = pid_of(child)
        until(told)
        assert told() == [
            f"dashboard: the dashboard has ended ({words}): it is started again; the day goes on"
        ]
        until(lambda: child._child is not None and pid_of(child) != first)
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


def test_one_that_answers_is_left_alone_whatever_it_says(tmp_path: Path) -> None:
    seen = tmp_path / "asked"
    with asked(tmp_path, ANSWERS, Silence(patience_s=0)) as (child, told):
        ready = child.wait(20)
        assert ready is not None
        first = pid_of(child)
        until(lambda: seen.exists() and len(seen.read_text().splitlines()) > 3)
        assert (pid_of(child), told()) == (first, [])
        host = ready.url.removeprefix("http://")
        assert set(seen.read_text().splitlines()) == {f"/healthz {host}"}
        assert child.ready == Ready(ready.url)


def test_one_answer_ends_the_silence_and_unasked_time_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    now, alive = [0], [True]
    monkeypatch.setattr("ninefifteen.cli.web_alive.steady", lambda: now[0] * 10**9)
    monkeypatch.setattr("ninefifteen.cli.web_alive.answers", lambda *_: alive[0])
    silence = Silence()
    said = []
    for at, answered in ((5, True), (4000, False), (4015, False), (4019, True), (4024, False), (4044, False)):
        now[0], alive[0] = at, answered
        said.append(silence.hung("http://127.0.0.1:8080"))
    assert said == [None, None, None, None, None, "it has not answered for 20 s"]


def test_what_only_starts_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]
    monkeypatch.setattr("ninefifteen.cli.web_alive.steady", lambda: now[0] * 10**9)
    silence = Silence()
    now[0] = 119
    assert silence.hung(None) is None
    now[0] = 120
    assert silence.hung(None) == "it has not come for 120 s"


@pytest.mark.parametrize("url", ["", "http://", "http://127.0.0.1:no", "http://127.0.0.1:1"])
def test_where_nothing_is_nothing_answers(url: str) -> None:
    assert not answers(url, 1.0)


@contextmanager
def first_words() -> Iterator[tuple[int, list[bytes]]]:
    """A port at which the first one to come is heard and turned away; what was said."""
    said = [b""][:0]
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError), listener.accept()[0] as line:
                said.append(line.recv(4096))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], said
        thread.join(20)


def test_one_that_turns_people_away_lives() -> None:
    with first_words() as (port, said):
        assert answers(f"http://127.0.0.1:{port}", 5.0)
    assert said[0].startswith(b"GET /healthz HTTP/1.1\r\n")


def test_over_tls_it_is_asked_over_tls() -> None:
    with first_words() as (port, said):
        assert answers(f"https://127.0.0.1:{port}", 5.0)
    assert said[0].startswith(b"\x16\x03"), "a handshake"
