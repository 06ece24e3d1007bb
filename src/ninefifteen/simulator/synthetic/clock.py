"""How fast variance is spent at each second of the session: fast after the open, slow at noon."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .options import Clock
from .streams import Figures


@lru_cache(maxsize=4)
def spent(clock: Clock, seconds: int) -> Figures:
    """The share of a day's variance spent by each second after the open, 0 to `seconds` inclusive.

    A second's share follows the clock's rates, scaled so that `inside_share` is spent at `inside_s`.
    """
    length = max(seconds, clock.inside_s)
    middles = np.arange(length, dtype=np.float64) + 0.5
    rates = np.interp(middles, np.asarray(clock.minutes) * 60.0, np.asarray(clock.rates))
    total = np.concatenate((np.zeros(1), np.cumsum(rates)))
    shares = np.asarray(total[: seconds + 1] * (clock.inside_share / total[clock.inside_s]))
    shares.setflags(write=False)  # shared by every day with this clock
    return shares
