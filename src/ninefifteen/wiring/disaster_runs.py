"""Many simulated days on several processes: each gets a stretch of seeds and gives back its sum."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context

from ninefifteen.simulator.disaster.plan import draw
from ninefifteen.simulator.disaster.shrink import Case, NothingBroken, shrink
from ninefifteen.simulator.disaster.sweep import Sweep, sweep
from ninefifteen.simulator.disaster.tally import Tally

from .disaster import live_through

STRETCH = 40
"""Days one process lives between two reports."""
PAIRS_EVERY = 10
"""In a sweep, behind every tenth point of a day a second crash follows while the first is recovered from."""


def live_days(first: int, days: int, jobs: int, told: Callable[[Tally], None]) -> Tally:
    """Live the days of seeds `first` to `first + days - 1`; `told` hears the sum so far now and then.

    The sum is the same however many processes share the work.
    """
    stretches = [(begin, min(begin + STRETCH, first + days)) for begin in range(first, first + days, STRETCH)]
    total = Tally()
    if jobs == 1 or len(stretches) == 1:
        for stretch in stretches:
            total.merge(_live(stretch))
            told(total)
    else:
        # A fresh interpreter each: nothing of this process, its threads least of all, is in the workers.
        with get_context("spawn").Pool(min(jobs, len(stretches))) as pool:
            for tally in pool.imap_unordered(_live, stretches):
                total.merge(tally)
                told(total)
    total.violations.sort(key=lambda violation: violation.seed)
    return total


def sweep_days(first: int, days: int, jobs: int, told: Callable[[Sweep], None]) -> Sweep:
    """Crash each of these days at every journal point in every way; each stops at its first violation.

    A day's other faults are those its seed draws. `told` hears the sum so far after each day.
    """
    seeds = range(first, first + days)
    total = Sweep()
    if jobs == 1 or days == 1:
        for seed in seeds:
            total = total.plus(_swept(seed))
            told(total)
        return total
    with get_context("spawn").Pool(min(jobs, days)) as pool:
        for result in pool.imap(_swept, seeds):
            total = total.plus(result)
            told(total)
    return total


def _swept(seed: int) -> Sweep:
    with _uncollected():
        return sweep((seed,), live_through, draw, pairs_every=PAIRS_EVERY)


def shrunk(seed: int) -> Case:
    """The smallest faults with which this seed's day still breaks the invariant it breaks first.

    Raises NothingBroken when it breaks none.
    """
    plan = draw(seed)
    broken = live_through(seed, plan).violations
    if not broken:
        raise NothingBroken(f"seed {seed} breaks no invariant")
    return shrink(seed, plan, broken[0].invariant, live_through)


def _live(stretch: tuple[int, int]) -> Tally:
    tally = Tally()
    with _uncollected():
        for seed in range(*stretch):
            tally.add(live_through(seed))
    return tally


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection within a stretch: its days are short and what they leave is collected after."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        if was:
            gc.enable()
