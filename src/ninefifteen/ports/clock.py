"""The promise of a clock: how long something took, and waiting. The core never asks for one."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """A clock that only goes forward; wall-clock steps do not touch it."""

    def seconds(self) -> float:
        """Seconds since some fixed moment."""

    def sleep(self, seconds: float) -> None:
        """Wait about that long."""
