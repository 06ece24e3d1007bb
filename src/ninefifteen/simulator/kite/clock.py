"""The clock of the exchange server: it runs at a chosen speed, or stands still until it is moved.

Seconds of this machine come in through `seconds`; nothing else of the server looks at a machine's clock.
"""

from __future__ import annotations

from collections.abc import Callable

from ninefifteen.domain.instants import SECOND, Instant

_TOLERANCE_S = 0.025  # what a request spends on its way through this machine
_MOST_TOLERANCE = 9 * SECOND // 10


class ExchangeClock:
    """Exchange time from `start` on.

    `speed` is seconds of the exchange in one second of `seconds`. With None the clock is in lockstep:
    it stands still until `move_to`, so that a client which has nothing left to do may turn it on.
    """

    def __init__(self, start: Instant, speed: float | None, seconds: Callable[[], float]) -> None:
        self.speed = speed
        self._seconds = seconds
        self._from, self._since = start, seconds()

    def begin(self) -> None:
        """Run from here on: what it took to make everything ready is not counted."""
        self._since = self._seconds()

    @property
    def lockstep(self) -> bool:
        """Whether it only moves when it is told to."""
        return self.speed is None

    def now(self) -> Instant:
        """The instant it is now at the exchange."""
        if self.speed is None:
            return self._from
        return self._from + int((self._seconds() - self._since) * self.speed * SECOND)

    def move_to(self, instant: Instant) -> None:
        """Go forward to `instant` at once, as over a night; a running clock runs on from there.

        Raises ValueError for an instant that is past: time never goes back.
        """
        if instant < self.now():
            raise ValueError(f"the clock of the exchange is at {self.now()} and cannot go back to {instant}")
        self._from, self._since = instant, self._seconds()

    def seconds_until(self, instant: Instant) -> float | None:
        """Seconds of this machine until `instant`, 0 when it is past; None where the clock stands still."""
        if self.speed is None:
            return None
        return max(0.0, (instant - self.now()) / (SECOND * self.speed))

    @property
    def tolerance(self) -> Instant:
        """How much later than a client's own reckoning a request may be seen, in nanoseconds here.

        At a high speed the few milliseconds inside this machine are a good part of a second.
        """
        if self.speed is None:
            return 0
        return min(_MOST_TOLERANCE, int(_TOLERANCE_S * self.speed * SECOND))
