"""Two processes: our exchange as a server, and `run --paper` in a rehearsal home that trades against it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ninefifteen.home import Home
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.processes.running import Process

PROGRAM = (sys.executable, "-m", "ninefifteen")
OPENED, PICKED = b'"type":"day_opened"', b'"type":"chains"'
GEARED = Path(__file__).with_name("geared_exchange.py")
PAPER = ("run", "--paper", "--no-dashboard", "--json")
DAY_S = 300.0
"""Patience with one whole day in lockstep, which takes a fifteenth of it on a machine of two free cores."""
LOOPBACK_ONLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Exchange(NamedTuple):
    """A serving exchange: its process and what its ready line told."""

    child: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def rest(self) -> str:
        """Its address."""
        return str(self.ready["rest"])

    @property
    def date(self) -> str:
        """The first day it plays."""
        return str(self.ready["date"])

    @property
    def seed(self) -> int:
        """Which synthetic days it plays."""
        return int(self.ready["seed"])

    def asked(self, what: str) -> dict[str, Any]:
        """One of its private addresses: `clock` or `counts`."""
        with LOOPBACK_ONLY.open(f"{self.rest}/ninefifteen/{what}", timeout=PATIENCE_S) as reply:
            document: dict[str, Any] = json.loads(reply.read())
            return document

    def clock(self) -> str:
        """Its time of day, HH:MM:SS."""
        return str(self.asked("clock")["iso"])[11:19]

    def shift(self) -> None:
        """The next gear of a geared one's clock."""
        self.child.send_signal(signal.SIGUSR1)

    def speed_up(self, process: Process) -> None:
        """Let a geared one's clock run at its speed once the program has opened its day and made its pick."""
        for text in (OPENED, PICKED):
            process.wait_for(text)
            self.shift()

    def log_in(self) -> None:
        """Somebody logs in on another app: the token in use before is dead."""
        address = f"{self.rest}/connect/login?v=3&api_key={self.ready['api_key']}"
        with contextlib.suppress(OSError):  # it sends the browser on to a page that may not be there
            LOOPBACK_ONLY.open(address, timeout=PATIENCE_S).close()


@contextmanager
def exchange(
    *,
    seed: int,
    start: str = "08:45:00",
    speed: str = "max",
    day: str | None = None,
    words: tuple[str, ...] = (),
    geared: bool = False,
) -> Iterator[Exchange]:
    """Our exchange serving in a process of its own; a `geared` one has its speed from `speed_up` on."""
    redirect = f"http://127.0.0.1:{free_port()}/"
    program = (sys.executable, str(GEARED)) if geared else (*PROGRAM, "exchange", "--protocol", "kite")
    command = [*program, "--seed", str(seed), "--start", start]
    command += ["--speed", speed, "--redirect", redirect, *words]
    if day is not None:
        command += ["--date", day]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        assert child.stdout is not None
        yield Exchange(child, json.loads(child.stdout.readline()))
    finally:
        end(child)


def end(child: subprocess.Popen[str]) -> None:
    """End a process and wait until it is gone."""
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(PATIENCE_S)
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def rehearsal_home(path: Path, market: Exchange, secrets: Mapping[str, str | None] | None = None) -> Path:
    """A rehearsal home of that exchange; `secrets` changes lines of its `.env`, None leaves one out."""
    home = Home.open(path, rehearsal=True)
    ready = market.ready
    home.config_file.write_text(
        f"broker_endpoint: {{rest: '{ready['rest']}', ws: '{ready['ws']}'}}\n"
        f"login: {{redirect_url: '{ready['redirect_url']}'}}\n"
    )
    lines = {
        "BROKER_API_KEY": ready["api_key"],
        "BROKER_API_SECRET": ready["api_secret"],
        "BROKER_ACCESS_TOKEN": ready["access_token"],
        "BROKER_USER_ID": ready["user_id"],
        **(secrets or {}),
    }
    home.env_file.write_text("".join(f"{name}={text}\n" for name, text in lines.items() if text is not None))
    home.env_file.chmod(0o600)
    return path


class Paper(Process):
    """One running `run --paper`."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        command = [*PROGRAM, *PAPER, *words, "--home", str(home)]
        self.child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def wait_until(self, market: Exchange, moment: str) -> None:
        """Until the exchange's clock shows this time of day."""
        deadline = time.monotonic() + DAY_S
        while market.clock() < moment:
            assert self.child.poll() is None, self.ended()
            assert time.monotonic() < deadline, f"the exchange did not come to {moment} in {DAY_S} s"
            time.sleep(0.02)

    def ended(self) -> tuple[int, str, str]:
        """As of every process; a whole day takes longer than most of them."""
        out, err = self.child.communicate(timeout=DAY_S)
        return self.child.returncode, out, err

    def wait_for_days(self, count: int) -> None:
        """Until so many days are done."""
        deadline = time.monotonic() + count * DAY_S
        while len(list((self.home / "days").glob("*.json"))) < count:
            assert self.child.poll() is None, self.ended()
            assert time.monotonic() < deadline, f"{count} days were not done in {count * DAY_S} s"
            time.sleep(0.02)


def finished(home: Path) -> tuple[dict[str, Any], str]:
    """Let the day go to its end: its document, and what was told people."""
    with Paper(home, "--once") as process:
        code, out, err = process.ended()
    assert code in (0, 4), err
    document: dict[str, Any] = json.loads(out)
    return document, err
