"""Where a contract's price goes on a simulated day: knots of (time, share of the model price), by seed.

A day is made of what a position can meet: target, stop, a gap through the stop, a touch and back, both
levels in one second, nothing until the square-off, or no acceptable price at the open.
"""

from __future__ import annotations

from bisect import bisect_right
from random import Random

from ninefifteen.domain.instants import MINUTE, SECOND, Instant

Knot = tuple[Instant, float]
"""Nanoseconds after the open, and the price as a share of the first one."""

_STORIES = (
    ("target", 26),
    ("stop", 18),
    ("gap", 12),
    ("dip", 10),
    ("whip", 10),
    ("quiet", 10),
    ("crawl", 6),
    ("dear", 4),
    ("late", 4),
)
_JUMP = 1_000_000


class Path:
    """One day's price, as shares of the model price; `story` names its kind. Between knots it is a line.

    `hot` are the instants at which it comes to a point.
    """

    __slots__ = ("_at", "_share", "first_quote", "half_spread", "hot", "story")

    def __init__(self, rng: Random, exit_at: Instant) -> None:
        kinds, weights = zip(*_STORIES, strict=True)
        self.story: str = rng.choices(kinds, weights)[0]
        start = 1.14 if self.story == "dear" else rng.uniform(0.94, 1.05)
        late = self.story == "late"
        self.first_quote = round(rng.uniform(4, 14) * SECOND) if late else rng.randrange(800) * SECOND // 1000
        reach = round(rng.lognormvariate(4.0, 1.6) * SECOND) + 2 * SECOND
        knots = _knots(self.story, rng, start, min(reach, exit_at * 9 // 10), exit_at)
        self._at = [at for at, _ in knots]
        self._share = [share for _, share in knots]
        self.hot = [at for at in self._at if at]
        self.half_spread = rng.choice((0.002, 0.004, 0.006))

    def share(self, at: Instant) -> float:
        """The price at `at` (ns after the open) as a share of the model price."""
        right = bisect_right(self._at, at)
        if right == 0:
            return self._share[0]
        if right == len(self._at):
            return self._share[-1]
        begun, ends = self._at[right - 1], self._at[right]
        low, high = self._share[right - 1], self._share[right]
        return low + (high - low) * ((at - begun) / (ends - begun))


def _knots(story: str, rng: Random, start: float, reach: Instant, exit_at: Instant) -> list[Knot]:
    """The knots of a story; `reach` is when it comes to its point."""
    begin: Knot = (0, start)
    if story == "target":
        return [begin, (reach, start * 1.12), (exit_at, start * rng.uniform(0.9, 1.2))]
    if story == "stop":
        return [begin, (reach, start * rng.uniform(0.55, 0.68)), (exit_at, start * rng.uniform(0.4, 1.1))]
    if story == "gap":
        low = start * rng.uniform(0.3, 0.66)
        return [begin, (reach, start), (reach + _JUMP, low), (exit_at, low * rng.uniform(0.7, 1.4))]
    if story == "dip":
        back = reach + round(rng.uniform(0.3, 4) * SECOND)
        return [begin, (reach, start * 0.66), (back, start), (back + 5 * MINUTE, start * 1.12)]
    if story == "whip":
        knots = [begin, (reach, start)]
        for turn, share in enumerate(rng.choices((0.6, 1.12, 0.85, 1.0), k=6), 1):
            knots.append((reach + turn * SECOND // 2 + _JUMP, start * share))
        return knots
    drift = rng.uniform(0.97, 1.04) if story == "quiet" else rng.uniform(0.9, 1.07)
    return [begin, (exit_at // 2, start * rng.uniform(0.97, 1.04)), (exit_at + 10 * MINUTE, start * drift)]
