"""The pre-open auction: prices that wander and then settle."""

from __future__ import annotations

import math

import numpy as np

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.market import PreOpenRow
from ninefifteen.domain.money import Paise

from .world import Stock, World

_STEP_S = 10  # an indicative price lasts this long


def pre_open_rows(world: World, at: Instant) -> tuple[PreOpenRow, ...]:
    """What the auction shows at `at`, in the universe's order; nothing before orders are taken."""
    auction = world.options.auction
    elapsed = (at - world.facts.preopen_final_at) // SECOND + auction.starts_before_final_s
    if elapsed < 0:
        return ()
    rows = [
        PreOpenRow(symbol, _price(world, stock, elapsed), stock.prev_close)
        for symbol, stock in world.stocks.items()
    ]
    return tuple(rows)


def _price(world: World, stock: Stock, elapsed: int) -> Paise:
    """The equilibrium price `elapsed` seconds after the start, paise on the stock's tick."""
    auction = world.options.auction
    draws = world.draws("auction", stock.member.symbol)
    end = auction.starts_before_final_s - int(float(draws.random()) * auction.settles_within_s)
    if elapsed >= end:
        return stock.open
    steps = end // _STEP_S + 1
    walk = np.cumsum(draws.standard_normal(steps)) / math.sqrt(steps)
    done = (elapsed // _STEP_S) / steps
    # A bridge: it starts at the previous close and must arrive at the final price.
    wander = float(walk[elapsed // _STEP_S]) - done * float(walk[-1])
    moved = stock.gap * math.sqrt(done) + auction.wander_pct / 100.0 * wander
    tick = stock.member.stock_tick
    return round(stock.prev_close * math.exp(moved) / tick) * tick
