"""The self-test's trade, on the market alone: buy at the first quote, leave at target, stop or time.

It reads the very books that the quotes of a synthetic day are made from, so that an engine which earns
on them has found an error and not a market. One seed is one day, one stock and one trade.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import msgspec
import numpy as np

from ninefifteen.domain.charges import charges
from ninefifteen.domain.money import up_to_tick
from ninefifteen.simulator.synthetic import SyntheticOptions, demo_date
from ninefifteen.simulator.synthetic.books import Book, book_of
from ninefifteen.simulator.synthetic.chains import Contract, contract, strikes
from ninefifteen.simulator.synthetic.paths import StockPaths
from ninefifteen.simulator.synthetic.surface import middles
from ninefifteen.simulator.synthetic.world import World
from tests.simulator.synthetic_facts import facts_of, rules

TARGET, STOP = 108, 70  # percent of the entry price


class Outcome(msgspec.Struct, frozen=True):
    """One trade in percent of what was paid: result, half-spreads paid, charges, change of the middle."""

    reason: str
    gross: float
    spreads: float
    charges: float
    middle: float


class Mean(msgspec.Struct, frozen=True):
    """A mean with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def trade(seed: int, options: SyntheticOptions) -> Outcome:
    """The at-the-money call of one stock, chosen by the seed, on the seed's day."""
    day = facts_of(demo_date(seed, rules().calendar))
    symbol = day.universe[seed % len(day.universe)]
    world = World(seed, msgspec.structs.replace(day, universe=(symbol,)), options)
    stock, paths = world.stocks[symbol], StockPaths(world)
    _, strike = min((abs(strike - stock.open), strike) for strike in strikes(world, stock))
    chosen = contract(world, stock, day.expiry, strike)
    worth = 100.0 * middles(world, paths, stock, day.expiry, strike)
    entry, leave, reason = seconds_of(world, chosen, book := book_of(world, paths, chosen))
    paid, got = int(book.ask[entry]), int(book.bid[leave])
    lot = stock.member.lot_size
    cost = charges(day.rates, paid * lot, got * lot, 2).total_paise / lot
    half = (book.ask - book.bid) / 2.0
    return Outcome(
        reason,
        100.0 * (got - paid) / paid,
        100.0 * float(half[entry] + half[leave]) / paid,
        100.0 * cost / paid,
        100.0 * float(worth[leave] - worth[entry]) / paid,
    )


def seconds_of(world: World, chosen: Contract, book: Book) -> tuple[int, int, str]:
    """The second of the entry, the second of the exit and its reason, all on observed quotes."""
    entry = int(np.argmax((book.bid > 0) & (book.ask > 0)))
    paid, tick = int(book.ask[entry]), chosen.stock.member.option_tick
    target, stop = up_to_tick(-(-paid * TARGET // 100), tick), up_to_tick(-(-paid * STOP // 100), tick)
    end = world.second(world.facts.exit_at)
    bid = book.bid[entry + 1 : end]
    hit = (bid >= target) | ((bid > 0) & (bid <= stop))
    if hit.any():
        leave = entry + 1 + int(np.argmax(hit))
        return entry, leave, "target" if book.bid[leave] >= target else "stop"
    leave = end + int(np.argmax(book.bid[end:] > 0))
    return entry, leave, "time"


@cache
def trades(seeds: int, options: SyntheticOptions) -> list[Outcome]:
    """The trades of the first `seeds` seeds."""
    return [trade(seed, options) for seed in range(seeds)]


def mean_of(values: list[float]) -> Mean:
    """The mean of independent values with its confidence interval."""
    figures = np.array(values)
    middle = float(np.mean(figures))
    half = NormalDist().inv_cdf(0.975) * float(np.std(figures, ddof=1)) / len(values) ** 0.5
    return Mean(middle, middle - half, middle + half)
