"""What a simulated day leaves: what it broke, what it saw, and a digest that a second run must give again."""

from __future__ import annotations

import msgspec

from ninefifteen.domain.instants import Instant

from .faults import FaultPlan


class Violation(msgspec.Struct, frozen=True):
    """A broken invariant: `invariant` is its name in `docs/safety.md` ("I2"), `at` the instant."""

    seed: int
    invariant: str
    detail: str
    at: Instant = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One day lived through.

    `entries` counts buys the broker took, `journal_points` the points at which a crash can be asked for,
    `excused` shorts that a sale by hand made while nothing could be done about it. `states` are the
    order states and phases and their transitions ("sending>acked"), `facts` what the world has seen
    ("reply lost"); both sorted. `trace` is the same for the same seed and plan on every machine. `story`
    is filled only when asked for.
    """

    seed: int
    faults: FaultPlan
    violations: tuple[Violation, ...]
    entries: int
    crashes: int
    alarms: int
    steps: int
    journal_points: int
    excused: int
    states: tuple[str, ...]
    facts: tuple[str, ...]
    result: str
    trace: str
    story: tuple[str, ...] = ()

    @property
    def faulty(self) -> bool:
        """Whether anything was made to go wrong."""
        return self.faults.faulty
