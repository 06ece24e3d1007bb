"""A client's end of the control line: the snapshot, a command, its answers. Blocking, for one command."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Self

import msgspec

from . import address

Document = dict[str, Any]
_CHUNK = 65536


class NoEngine(Exception):
    """Nobody listens, or whoever does gives no answer; the text says which."""


class ControlLine:
    """A connection to the engine of one home. A context manager; `state` is the newest state that came."""

    def __init__(self, home: Path) -> None:
        """Connect and say who we are. Raises NoEngine when nobody listens."""
        try:
            self._line, token = address.connect(home)
        except OSError as error:
            raise NoEngine(f"no engine is running here ({error.strerror or error})") from None
        self._half = b""
        self.state: Document | None = None
        if token:
            self._send({"token": token})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def snapshot(self, seconds: float) -> Document:
        """The state as the engine sees it now; raises NoEngine when none comes in that time."""
        until = _seconds() + seconds
        while self.state is None:
            if self.next(until - _seconds()) is None:
                raise NoEngine(f"an engine listens here and has not answered for {seconds:.0f} s")
        return self.state

    def send(self, command: Document) -> None:
        """Send one command; raises NoEngine when the engine is gone."""
        self._send(command)

    def next(self, seconds: float) -> Document | None:
        """The next line that comes, None when none does in that time; raises NoEngine at the end.

        States are kept in `state` on the way.
        """
        until = _seconds() + seconds
        while b"\n" not in self._half:
            left = until - _seconds()
            if left <= 0:
                return None
            self._line.settimeout(left)
            try:
                data = self._line.recv(_CHUNK)
            except TimeoutError:
                return None
            except OSError:
                data = b""
            if not data:
                raise NoEngine("the engine has ended the connection")
            self._half += data
        line, _, self._half = self._half.partition(b"\n")
        found: Document = msgspec.json.decode(line)
        if found.get("state") and isinstance(found["state"], dict):
            self.state = found["state"]
        return found

    def _send(self, document: Document) -> None:
        try:
            self._line.sendall(msgspec.json.encode(document) + b"\n")
        except OSError:
            raise NoEngine("the engine has ended the connection") from None


def machine_now() -> int:
    """The wall clock of this machine, ns: what commands are stamped with, and their age is told by."""
    return time.time_ns()  # noqa: TID251 - sender and engine share this clock; no decision is timed by it


def _seconds() -> float:
    return time.monotonic()  # noqa: TID251 - how long a person waits for an answer
