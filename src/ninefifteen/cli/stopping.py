"""Ctrl-C and the system's request to end: remembered when they come, obeyed between two events.

An exception out of a signal could fall between a write and its book-keeping. So a day is only ever left
where its journal is whole; nothing in between takes longer than a moment.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopAsked:
    """Whether somebody has asked this process to stop; asking twice changes nothing."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self, _signal: int, _frame: FrameType | None) -> None:
        """Remember it: the handler of both signals."""
        self._asked = True

    @property
    def asked(self) -> bool:
        """Whether it was asked."""
        return self._asked

    def check(self) -> None:
        """Raises KeyboardInterrupt when it was asked; call it where nothing is half done."""
        if self._asked:
            raise KeyboardInterrupt


@contextmanager
def stop_signals() -> Iterator[StopAsked]:
    """Inside, SIGINT and SIGTERM only ask; afterwards they mean again what they meant before."""
    stop = StopAsked()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
