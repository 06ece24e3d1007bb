"""Many simulated days on several processes: each gets a stretch of seeds and gives back its tally."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context

from ninefifteen.simulator.disaster.tally import Tally

from .disaster import live_through

STRETCH = 40
"""Days one process lives between two reports."""


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
