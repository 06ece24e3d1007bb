"""Wall clocks: the machine's own, and one that follows the clock of a simulated exchange.

Both are the wall clock read once and carried on by a clock that only goes forward, so that a step of
the wall clock neither fires nor suppresses anything (I20). Where the system has one, that is the clock
which also counts the time a laptop sleeps.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractContextManager, nullcontext

from ninefifteen.domain.instants import SECOND, Instant

_SLICE_S = 0.25
"""Longest sleep between two looks: a suspended machine or a leap is noticed within that."""
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC) if hasattr(time, "CLOCK_MONOTONIC") else None


def steady() -> Instant:
    """Nanoseconds since some fixed moment of this machine; never goes back."""
    if _STEADY is None:
        return time.monotonic_ns()  # noqa: TID251 - this is the injected clock
    return time.clock_gettime_ns(_STEADY)


class SystemWall:
    """The machine's wall clock as it was read at the start, carried on steadily."""

    def __init__(self) -> None:
        self._ahead = self._difference()

    def now(self) -> Instant:
        """The instant it is now."""
        return steady() + self._ahead

    async def sleep_until(self, until: Instant) -> None:
        """Return when `now()` is at or after `until`, never before."""
        while (left := until - self.now()) > 0:  # noqa: ASYNC110 - time passes, nothing signals it
            await asyncio.sleep(min(left / SECOND, _SLICE_S))

    def working(self) -> AbstractContextManager[None]:
        """Nothing: this clock waits for nobody."""
        return nullcontext()

    def stepped(self) -> Instant:
        """By how many nanoseconds the machine's clock has been moved since it was read."""
        return self._difference() - self._ahead

    def settle(self) -> None:
        """Take the machine's clock as it is now: done between days, never within one."""
        self._ahead = self._difference()

    @staticmethod
    def _difference() -> Instant:
        return time.time_ns() - steady()  # noqa: TID251 - the one place that reads the wall clock


class FollowedWall:
    """A clock that shows `at` now and runs `speed` times as fast as this machine's, until told otherwise."""

    def __init__(self, at: Instant, speed: float) -> None:
        self._at, self._since, self._speed = at, steady(), speed
        self._shown: Instant = 0

    @property
    def speed(self) -> float:
        """Seconds of the exchange in one second of this machine."""
        return self._speed

    def now(self) -> Instant:
        """The instant it is now; it never goes back, whatever is told."""
        moved = steady() - self._since
        there = self._at + (moved if self._speed == 1 else int(moved * self._speed))
        self._shown = max(self._shown, there)
        return self._shown

    async def sleep_until(self, until: Instant) -> None:
        """Return when `now()` is at or after `until`, never before."""
        while (left := until - self.now()) > 0:  # noqa: ASYNC110 - time passes, nothing signals it
            await asyncio.sleep(min(left / SECOND / self._speed, _SLICE_S))

    def working(self) -> AbstractContextManager[None]:
        """Nothing: this clock waits for nobody."""
        return nullcontext()

    def show(self, at: Instant, speed: float | None = None) -> None:
        """The exchange's clock shows `at` now (it has leapt over a night, or it was read anew)."""
        self._at, self._since = at, steady()
        if speed is not None:
            self._speed = speed
