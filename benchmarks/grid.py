"""P2: the gap strategy for 20 targets and 20 stops, in one pass over the bars it trades."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ninefifteen.research.exit_grid import ExitGrid, exit_grid

from .market import BarStore
from .reference import BUDGET, COST_SHARE, FLAT_COST, LAST_BAR, UNITS_PER_PAISA

PERCENTAGES = tuple(Decimal(n) / 4 for n in range(1, 21))
"""0.25 % to 5 %, for the target and for the stop."""

Whole = NDArray[np.int64]


def traded_bars(store: BarStore, days: int) -> Whole:
    """The bars to 15:14 of each day's pick: [trade][open, high, low, close][bar], units."""
    opens, closes = store.opens[1:days].transpose(1, 0, 2)
    picks = (opens / closes).argmax(axis=1)
    bars = np.stack([store.share(day, int(pick)) for day, pick in enumerate(picks, 1)])
    return bars[:, :, : LAST_BAR + 1].astype(np.int64) * UNITS_PER_PAISA


def grid_run(bars: Whole) -> tuple[ExitGrid, Whole]:
    """The exits, and [target][stop] the sum of all results after cost, in two-thousandths of a unit."""
    grid = exit_grid(bars, PERCENTAGES, PERCENTAGES, tick=1)
    entries = bars[:, 0, 0][:, None, None]
    quantities = BUDGET // entries
    share = Fraction(COST_SHARE)
    gross = (grid.prices - entries) * quantities - 2 * FLAT_COST
    cost = (grid.prices + entries) * quantities * share.numerator
    return grid, (gross * share.denominator - cost).sum(axis=0)
