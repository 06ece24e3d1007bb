"""The ledger writer as a child process: it follows the journal and is never in the order path."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ninefifteen.cli.common import say
from ninefifteen.home import Home

_PATIENCE_S = 60


@contextmanager
def ledger_writer(home: Home) -> Iterator[None]:
    """Run the writer beside; at the end let it catch up and say so if it could not."""
    command = [sys.executable, "-m", "ninefifteen.adapters.ledger", str(home.path), "--follow"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield
    finally:
        if child.stdin is not None:
            child.stdin.close()
        try:
            code = child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            code = -1
        if code != 0:
            say("the ledger is not up to date: the journal has everything, the next start catches up")
