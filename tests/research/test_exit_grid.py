"""The one-pass grid of exits: the rules for bars, pair by pair."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from ninefifteen.research.exit_grid import exit_grid

FIVE, TEN = Decimal(5), Decimal(10)


def leave(
    bars: list[tuple[int, int, int, int]], target: Decimal = TEN, stop: Decimal = FIVE
) -> tuple[int, int]:
    """Exit price and bar of one trade, entered at the first open, on a tick of 1."""
    columns = np.array([bars]).transpose(0, 2, 1)
    grid = exit_grid(columns, [target], [stop], 1)
    return int(grid.prices[0, 0, 0]), int(grid.bars[0, 0, 0])


QUIET = (1000, 1001, 999, 1000)


@pytest.mark.parametrize(
    ("what", "bars", "expected"),
    [
        ("nothing happens: the last close", [QUIET, QUIET, (1000, 1000, 990, 995)], (995, 2)),
        ("the target in the entry bar", [(1000, 1100, 999, 1000), QUIET], (1100, 0)),
        ("the stop in the entry bar", [(1000, 1001, 950, 1000), QUIET], (950, 0)),
        ("both in the entry bar: the stop", [(1000, 1100, 950, 1000), QUIET], (950, 0)),
        ("both in a later bar: the stop", [QUIET, (1000, 1200, 900, 1000)], (950, 1)),
        ("a gap below the stop", [QUIET, (940, 941, 930, 940)], (940, 1)),
        ("a gap above the target", [QUIET, (1120, 1130, 1110, 1120)], (1120, 1)),
        ("a gap above the target, then the stop in that bar", [QUIET, (1120, 1130, 900, 950)], (1120, 1)),
        ("the target before the stop", [QUIET, (1000, 1100, 999, 1050), (940, 940, 900, 900)], (1100, 1)),
        ("the stop before the target", [QUIET, (1000, 1000, 950, 990), (1120, 1120, 1110, 1110)], (950, 1)),
        ("both at once in the last bar", [QUIET, QUIET, (1000, 1100, 950, 1000)], (950, 2)),
    ],
)
def test_a_trade_leaves_where_the_rules_for_bars_say(
    what: str, bars: list[tuple[int, int, int, int]], expected: tuple[int, int]
) -> None:
    assert leave(bars) == expected, what


def test_levels_are_rounded_up_to_the_tick() -> None:
    bars = np.array([[[1003, 1003], [1200, 1200], [1000, 900], [1003, 1003]]])
    grid = exit_grid(bars, [Decimal("0.25")], [Decimal(1)], 5)
    # 1003 + 0.25 % is 1005.5: the tick above is 1010. The stop, 992.97, is 995 and comes too late.
    assert grid.prices.tolist() == [[[1010]]]
    assert exit_grid(bars, [Decimal(90)], [Decimal(1)], 5).prices.tolist() == [[[995]]]


def test_the_grid_is_trade_by_target_by_stop() -> None:
    bars = np.array([[[1000] * 4, [1020, 1060, 1060, 1120], [990, 960, 940, 1000], [1000] * 4]] * 3)
    grid = exit_grid(bars, [Decimal(2), FIVE, TEN], [Decimal(1), FIVE], 1)
    assert grid.prices.shape == grid.bars.shape == (3, 3, 2)
    assert grid.prices[0].tolist() == [[990, 1020], [990, 1050], [990, 950]]
    assert grid.bars[0].tolist() == [[0, 0], [0, 1], [0, 2]]


@pytest.mark.parametrize("shape", [(4, 10), (2, 3, 10), (2, 4, 0)])
def test_bars_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="bars must be"):
        exit_grid(np.zeros(shape, dtype=np.int64), [TEN], [TEN], 1)
