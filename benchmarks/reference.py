"""The gap strategy in plain Python, without any engine: what every run of W1 has to equal, trade by trade.

Rule, on each day that has one before it: the share with the highest 09:15 open over previous close
is bought at that open, as many as Rs 50,000 pay for. Target +2 %, stop -1 %. Of each bar to 15:14
(not the first): an open at or beyond a level leaves there. Of each bar: a low at the stop leaves at
the stop, else a high at the target leaves at the target. What is left leaves at the close of 15:14.
Each of the two orders costs Rs 20 and 0.05 % of its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from .market import BarStore

UNITS = 10_000
"""Prices here and in the engine's run are ten-thousandths of a rupee: a percent of a tick is whole."""
UNITS_PER_PAISA = UNITS // 100
BUDGET = 50_000 * UNITS
LAST_BAR = 359
"""The bar of 15:14, counted from 09:15 = 0."""
TARGET_PCT, STOP_PCT = 2, 1
FLAT_COST = 20 * UNITS
COST_SHARE = Fraction(5, 10_000)


class PlainTrade(msgspec.Struct, frozen=True):
    """One trade: day and share by number, prices and result after cost in units, the bar it left in."""

    day: int
    share: int
    quantity: int
    entry: int
    exit: int
    bar: int
    net: Fraction


def plain_run(store: BarStore, days: int) -> list[PlainTrade]:
    """The strategy's trades over the first `days` days."""
    trades: list[PlainTrade] = []
    for day in range(1, days):
        opens, closes = store.opens[day].tolist()
        share = max(range(len(opens)), key=lambda n: opens[n] / closes[n])
        columns = [
            [price * UNITS_PER_PAISA for price in column] for column in store.share(day, share).tolist()
        ]
        entry = columns[0][0]
        left, bar = plain_exit(columns, entry * (100 + TARGET_PCT) // 100, entry * (100 - STOP_PCT) // 100)
        quantity = BUDGET // entry
        cost = 2 * FLAT_COST + COST_SHARE * quantity * (left + entry)
        trades.append(PlainTrade(day, share, quantity, entry, left, bar, (left - entry) * quantity - cost))
    return trades


def plain_exit(columns: Sequence[Sequence[int]], target: int, stop: int) -> tuple[int, int]:
    """Where and in which bar a long position entered at the first open leaves."""
    opens, highs, lows, closes = columns
    for bar in range(LAST_BAR + 1):
        if bar and (opens[bar] <= stop or opens[bar] >= target):
            return opens[bar], bar
        if lows[bar] <= stop:
            return stop, bar
        if highs[bar] >= target:
            return target, bar
    return closes[LAST_BAR], LAST_BAR
