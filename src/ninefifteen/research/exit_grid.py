"""Many targets and stops over the same entries in one pass over the bars.

A long position with a fixed target, a fixed stop and a time exit has this form: the first bar that
touches a level does not depend on the other level, so 20 targets and 20 stops are 40 look-ups a trade
and 400 comparisons. Anything that remembers more than its entry (a trailing stop, a limit that is
used up) has not, and must be replayed through the engine. The rules are the engine's for bars
(`design/strategy.md` X4): a gap at the open, then stop before target, then the close of the last bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
import numpy as np
from numpy.typing import NDArray

from ninefifteen.domain.levels import percent

Whole = NDArray[np.int64]


class ExitGrid(msgspec.Struct, frozen=True):
    """Exit prices and the bars they were reached in, both [trade][target][stop]."""

    prices: Whole
    bars: Whole


def exit_grid(
    bars: Whole, target_pcts: Sequence[Decimal], stop_pcts: Sequence[Decimal], tick: int
) -> ExitGrid:
    """Where each trade leaves for every pair of target and stop, percentages of its entry.

    `bars` is [trade][open, high, low, close][bar], whole prices on the scale of `tick`; levels are
    rounded up to the tick. The first open is the entry, so it is no gap; the close of the last bar is
    the time exit.
    Raises ValueError for an array of another shape.
    """
    if bars.ndim != 3 or bars.shape[1] != 4 or not bars.shape[2]:  # noqa: PLR2004 - trades, ohlc, bars
        raise ValueError(f"bars must be [trade][open, high, low, close][bar], not {bars.shape}")
    opens, highs, lows, closes = np.moveaxis(bars, 1, 0)
    entries = opens[:, 0]
    targets = _levels(entries, target_pcts, 1, tick)
    stops = _levels(entries, stop_pcts, -1, tick)
    up = _first(opens, np.maximum.accumulate(highs, axis=1), targets)
    # Falling prices are rising ones turned over.
    down = _first(-opens, np.maximum.accumulate(-lows, axis=1), -stops)
    target_bar, stop_bar = up.bar[:, :, None], down.bar[:, None, :]
    # In one bar the stop is assumed first, unless the bar opened at the target already.
    stopped = (stop_bar < target_bar) | ((stop_bar == target_bar) & ~up.gap[:, :, None])
    prices = np.where(stopped, -down.price[:, None, :], up.price[:, :, None])
    left = np.minimum(target_bar, stop_bar)
    count = bars.shape[2]
    prices = np.where(left < count, prices, closes[:, -1][:, None, None])
    return ExitGrid(prices, np.minimum(left, count - 1))


class _Reached(msgspec.Struct, frozen=True):
    """[trade][level]: the first bar that reaches a level (the count of bars: none), price, gap or not."""

    bar: Whole
    price: Whole
    gap: NDArray[np.bool_]


def _levels(entries: Whole, pcts: Sequence[Decimal], sign: int, tick: int) -> Whole:
    """[trade][level]: the entry changed by each percentage, rounded up to the tick (X1)."""
    shares = [1 + sign * percent(pct) for pct in pcts]
    columns = [-(-entries * share.numerator // (share.denominator * tick)) * tick for share in shares]
    return np.stack(columns, axis=1)


def _first(opens: Whole, reached: Whole, levels: Whole) -> _Reached:
    count = reached.shape[1]
    bar = np.stack([np.searchsorted(row, level) for row, level in zip(reached, levels, strict=True)])
    opened = np.take_along_axis(opens, np.minimum(bar, count - 1), axis=1)
    gap = (bar > 0) & (bar < count) & (opened >= levels)
    return _Reached(bar, np.where(gap, opened, levels), gap)
