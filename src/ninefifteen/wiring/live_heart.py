"""The heartbeat of an engine that trades: `heartbeat.json` in the home, new once a second of this machine.

Whoever watches judges by whether it changes. It is written in place and always as many bytes, so that it
goes on beating on a full disk; and in a thread, so that a disk that hangs holds nobody up.
"""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec

from ninefifteen.adapters.clocks.wall import SystemWall, steady
from ninefifteen.domain.instants import SECOND, Instant

from .heartbeat import Heartbeat

EVERY = SECOND
"""Nanoseconds of this machine between two beats."""
_BYTES = 256
_BINARY = getattr(os, "O_BINARY", 0)


class Heart:
    """Beats in the file at `path` as long as somebody calls `beat` often enough."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._wall = SystemWall()
        self._last: Instant = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")
        self._writing: Future[None] | None = None

    def beat(self, epoch: int, contracts: list[str], *, holding: bool) -> None:
        """Write the next beat if a second has passed and the last one is written; it never waits."""
        now = steady()
        if now - self._last < EVERY or (self._writing is not None and not self._writing.done()):
            return
        self._last = now
        beat = Heartbeat(
            at=self._wall.now(),
            pid=os.getpid(),
            epoch=epoch,
            holding=holding,
            contract=", ".join(contracts)[: _BYTES // 2],
        )
        self._writing = self._pool.submit(self._write, msgspec.json.encode(beat))

    def stop(self) -> None:
        """Take the file away: this engine has ended in order. Another engine's file is left alone."""
        self._pool.shutdown(wait=True)
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            if msgspec.json.decode(self.path.read_bytes(), type=Heartbeat).pid == os.getpid():
                self.path.unlink()

    def _write(self, beat: bytes) -> None:
        with contextlib.suppress(OSError):  # it is missed by those who watch: that is what it is for
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | _BINARY, 0o644)
            try:
                os.write(descriptor, beat.ljust(_BYTES - 1) + b"\n")
            finally:
                os.close(descriptor)
