"""A crash at every journal point of a day, before it, in the middle of it and after it; and in recovery.

A day is lived once without a crash to count its points, then once for each point and kind of crash; for
some points a second crash follows while the first is still being recovered from
(`reference/reliability.md` section 3c.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

import msgspec

from ninefifteen.domain.instants import SECOND

from .faults import CrashKind, CrashPoint, FaultPlan
from .outcome import Violation
from .shrink import Live

KINDS: tuple[CrashKind, ...] = get_args(CrashKind)
DOWN = tuple(s * SECOND for s in (5, 1, 30, 2, 120))
"""How long the process is away, taken in turn: a watchdog's restart up to a person's."""
_BEHIND = 3
"""A second crash comes one to three points behind the first: in recovery or in what follows from it."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep has seen. `points` are those of the days without a crash, `runs` all days lived.

    `broken` holds the plan of each violation, in the order of `violations`: what `shrink` takes.
    """

    days: int = 0
    points: int = 0
    runs: int = 0
    crashes: int = 0
    violations: tuple[Violation, ...] = ()
    broken: tuple[FaultPlan, ...] = ()

    def plus(self, other: Sweep) -> Sweep:
        """Both together."""
        return Sweep(
            days=self.days + other.days,
            points=self.points + other.points,
            runs=self.runs + other.runs,
            crashes=self.crashes + other.crashes,
            violations=self.violations + other.violations,
            broken=self.broken + other.broken,
        )


def crashes_of(points: int, pairs_every: int = 0) -> Iterator[tuple[CrashPoint, ...]]:
    """Every crash of a day with so many points; behind every `pairs_every`-th point pairs as well."""
    for index in range(1, points + 1):
        for kind_number, kind in enumerate(KINDS):
            first = CrashPoint(index, kind, DOWN[(index + kind_number) % len(DOWN)])
            yield (first,)
            if pairs_every and index % pairs_every == 0:
                for behind in range(1, _BEHIND + 1):
                    for again in KINDS:
                        yield first, CrashPoint(index + behind, again, DOWN[(index + behind) % len(DOWN)])


def sweep(
    seeds: Iterable[int],
    live: Live,
    draw: Callable[[int], FaultPlan],
    *,
    pairs_every: int = 0,
    stop_at: int = 1,
    told: Callable[[Sweep], None] = lambda _: None,
) -> Sweep:
    """Crash each of these days at every point, its other faults as `draw` gives them.

    Stops after `stop_at` violations; `told` hears how far it is after each day.
    """
    result = Sweep()
    for seed in seeds:
        plan = msgspec.structs.replace(draw(seed), crashes=())
        outcome = live(seed, plan)
        result = _with(result, plan, outcome.violations, outcome.crashes)
        result = msgspec.structs.replace(
            result, days=result.days + 1, points=result.points + outcome.journal_points
        )
        for crashes in crashes_of(outcome.journal_points, pairs_every):
            if len(result.violations) >= stop_at:
                return result
            crashing = msgspec.structs.replace(plan, crashes=crashes)
            outcome = live(seed, crashing)
            result = _with(result, crashing, outcome.violations, outcome.crashes)
        told(result)
    return result


def _with(result: Sweep, plan: FaultPlan, violations: tuple[Violation, ...], crashes: int) -> Sweep:
    return msgspec.structs.replace(
        result,
        runs=result.runs + 1,
        crashes=result.crashes + crashes,
        violations=result.violations + violations,
        broken=result.broken + (plan,) * len(violations),
    )
