"""A `run --demo` in a process of its own, and the moments of its day as its journal shows them."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from ninefifteen.wiring.demo import DEMO_SEED
from tests.patience import PATIENCE_S

RUN = (
    sys.executable,
    "-m",
    "ninefifteen",
    "run",
    "--demo",
    "--no-dashboard",
    "--json",
    "--seed",
    str(DEMO_SEED),
)


class Process:
    """One running command; leaving the context ends it, whatever became of the test."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        command = [*RUN, *words, "--home", str(home)]
        # A group of its own, as a shell gives it: a signal to it does not reach the tests.
        self.child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()
        self.child.wait(PATIENCE_S)
        for stream in (self.child.stdout, self.child.stderr):
            if stream is not None:
                stream.close()

    def wait_for(self, text: bytes, *, count: int = 1) -> None:
        """Until the day's journal holds this so often."""
        deadline = time.monotonic() + PATIENCE_S
        while not any(path.read_bytes().count(text) >= count for path in self._journals()):
            assert self.child.poll() is None, self.ended()
            assert time.monotonic() < deadline, f"{text!r} was not written in {PATIENCE_S} s"
            time.sleep(0.005)

    def send(self, number: signal.Signals) -> None:
        """A signal to this process."""
        self.child.send_signal(number)

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self.child.kill()
        self.child.wait(PATIENCE_S)

    def ended(self) -> tuple[int, str, str]:
        """Exit code, stdout and stderr, once it has ended."""
        out, err = self.child.communicate(timeout=PATIENCE_S)
        return self.child.returncode, out, err

    def _journals(self) -> list[Path]:
        return list((self.home / "journal").glob("*.journal")) if (self.home / "journal").is_dir() else []


def finish(home: Path, *words: str) -> tuple[dict[str, Any], str]:
    """Let the day go on to its end as fast as it can: its document, and what was told people."""
    with Process(home, "--once", "--speed", "max", *words) as process:
        code, out, err = process.ended()
    assert code in (0, 4), err
    document: dict[str, Any] = json.loads(out)
    return document, err


def ledger(address: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a ledger with its rows; how far each journal was read is left out."""
    connection = sqlite3.connect(address)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)
            for table in tables
            if table != "projection"
        }
    finally:
        connection.close()


def rebuilt(home: Path, address: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger made anew from the journals of a home, elsewhere."""
    command = [sys.executable, "-m", "ninefifteen.adapters.ledger", str(home), "--rebuild"]
    subprocess.run([*command, "--database-url", f"sqlite:///{address}"], check=True, timeout=PATIENCE_S)
    return ledger(address) | {"identity": kept_identity(home)}


def kept_identity(home: Path) -> list[tuple[Any, ...]]:
    """Whose the home's own ledger is: a rebuild by hand is told no account."""
    return ledger(home / "ninefifteen.db").get("identity", [])
