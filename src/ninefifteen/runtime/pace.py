"""How fast a simulated day passes: real time, a multiple of it, or as fast as it can.

The pace only decides when an event is taken, never which or in what order: the same day at any
speed gives the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.ports.clock import Clock

_SLICE_S = 0.05
"""Longest sleep between two looks at keyboard, halt file and screen."""


class Leg(msgspec.Struct, frozen=True):
    """From this simulated instant on, so many simulated seconds a second; 0 is as fast as it can."""

    since: Instant
    speed: float


class Pace:
    """Maps simulated instants to waiting on a clock. The legs are in time order; one at least."""

    def __init__(self, legs: Sequence[Leg], clock: Clock) -> None:
        self._legs = sorted(legs, key=lambda leg: leg.since)
        self._clock = clock
        self._anchor: tuple[float, Instant] | None = None
        self._leg = self._legs[0]

    @property
    def speed(self) -> float:
        """Simulated seconds a second now; 0 is as fast as it can."""
        return self._leg.speed

    @property
    def words(self) -> str:
        """The speed as people read it: "real time", "x120" or "as fast as it can"."""
        if not self._leg.speed:
            return "as fast as it can"
        return "real time" if self._leg.speed == 1 else f"x{self._leg.speed:g}"

    def start(self, at: Instant) -> None:
        """The simulated clock shows `at` now."""
        self._leg = next((leg for leg in reversed(self._legs) if leg.since <= at), self._legs[0])
        self._anchor = (self._clock.seconds(), at)

    def shift(self, start: Instant) -> None:
        """Move all legs so that the first one begins at `start`: the same pace on another day."""
        by = start - self._legs[0].since
        self._legs = [Leg(leg.since + by, leg.speed) for leg in self._legs]
        self._leg, self._anchor = self._legs[0], None

    def now(self) -> Instant:
        """The simulated instant this moment stands for."""
        if self._anchor is None:
            raise RuntimeError("the pace was not started")
        began, at = self._anchor
        return at + int((self._clock.seconds() - began) * self._leg.speed * SECOND)

    def wait(self, due: Instant, idle: Callable[[Instant], None]) -> None:
        """Return when the simulated clock has reached `due`; `idle` is called while waiting."""
        while True:
            self._enter_leg(due)
            if not self._leg.speed:
                return
            now = self.now()
            if now >= due:
                return
            idle(now)
            until = min(due, self._next_leg_at() or due)
            self._clock.sleep(min(max((until - now) / SECOND / self._leg.speed, 0.0), _SLICE_S))

    def _enter_leg(self, due: Instant) -> None:
        """Change to the next leg when the clock, or an event taken without waiting, has come to it."""
        upcoming = self._next_leg_at()
        while upcoming is not None and (due if not self._leg.speed else min(self.now(), due)) >= upcoming:
            self._leg = self._legs[self._legs.index(self._leg) + 1]
            self._anchor = (self._clock.seconds(), upcoming)
            upcoming = self._next_leg_at()

    def _next_leg_at(self) -> Instant | None:
        place = self._legs.index(self._leg) + 1
        return self._legs[place].since if place < len(self._legs) else None
