"""The real programs in processes of their own: a demo's run, and the web process beside it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

from ninefifteen.wiring.demo import DEMO_SEED

PATIENCE_S = 60.0


class Program:
    """One process in a group of its own; leaving the context ends it, frozen or not."""

    def __init__(self, *words: str | Path, environment: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", *map(str, words)]
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"NINEFIFTEEN_NO_BROWSER": "1"} | (environment or {}),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()
        self.child.wait(PATIENCE_S)
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    @property
    def out(self) -> IO[str]:
        """What it prints for programs."""
        assert self.child.stdout is not None
        return self.child.stdout

    def freeze(self) -> None:
        """It is there and does nothing."""
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self.child.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self.child.kill()
        self.child.wait(PATIENCE_S)

    def ended(self) -> tuple[int, str, str]:
        """Exit code, stdout and stderr, once it has ended by itself."""
        out, err = self.child.communicate(timeout=PATIENCE_S)
        return self.child.returncode, out, err


def day(home: Path, speed: str, *words: str) -> Program:
    """The demo's day without a dashboard of its own."""
    fixed = ("--demo", "--once", "--json", "--no-dashboard", "--seed", str(DEMO_SEED))
    return Program("ninefifteen", "run", *fixed, "--speed", speed, "--home", home, *words)


class Served:
    """A web process that listens: its address, the link that logs in once, the set-up code."""

    def __init__(self, program: Program) -> None:
        ready: dict[str, Any] = json.loads(program.out.readline())
        self.program = program
        self.url = str(ready["url"])
        self.port = int(self.url.rpartition(":")[2])
        self.enter: str = ready["enter"] or ""
        self.code: str = ready["setup_code"] or ""


@contextmanager
def dashboard(home: Path, *words: str) -> Iterator[Served]:
    """The web process of a home by itself, at any free port."""
    with Program("ninefifteen.web", home, "--port", "0", *words) as program:
        yield Served(program)
