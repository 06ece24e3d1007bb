"""Somebody who types into a real terminal, and what they type into the wizard."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

KEY, SECRET = "k3yOfMyApp", "s3cretOfMyApp"
DONE_READING = [""] * 9
"""Enter for what to expect, its six sections, and two groups of rules."""


class Typist:
    """A terminal of its own with the command in it."""

    def __init__(self, home: Path) -> None:
        words = ["-m", "ninefifteen", "setup", "--home", str(home)]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:  # pragma: no cover - another process
            os.execve(sys.executable, [sys.executable, *words], environment)
        self.shown = ""

    def read_until(self, words: str, patience_s: float = 30.0) -> None:
        """Read until these words have come since the last answer."""
        until = time.monotonic() + patience_s
        start = len(self.shown)
        while words not in self.shown[start:]:
            ready, _, _ = select.select([self.terminal], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{words!r} did not come; shown: {self.shown[start:]}"
            try:
                self.shown += os.read(self.terminal, 65536).decode()
            except OSError:  # how Linux tells that the other side is gone
                raise AssertionError(f"ended before {words!r}: {self.shown[start:]}") from None

    def answer(self, text: str) -> None:
        os.write(self.terminal, (text + "\n").encode())

    def end(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(status)
