"""Shares and indices second by second. Shares trade every second; an index is their weighted average."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ninefifteen.domain.money import Paise
from ninefifteen.simulator.synthetic.paths import StockPaths
from ninefifteen.simulator.synthetic.streams import Figures
from ninefifteen.simulator.synthetic.world import Stock, World

from .tape import Columns, Whole

_HALF = 0.5
_MOST = 60_000  # units at one price in one second: a tape's two bytes hold no more
_TURNOVER = {"liquid": 9e9, "middle": 4e9, "thin": 2e9}  # rupees a day, by the liquidity of the options
_TURNOVER_SD = 0.3
_AUCTION_SHARE = 0.005  # of a usual day's volume trades in the pre-open auction
_WEIGHTS = {"liquid": 3.0, "middle": 2.0, "thin": 1.0}
_INDEX_TICK = 5  # index values are shown in steps of 0.05
_INDEX_SD = 0.04

INDICES: tuple[tuple[str, int, str, float], ...] = (
    ("NIFTY 50", 1001, "", 25_000.0),
    ("NIFTY BANK", 1016, "BANK", 56_000.0),
    ("NIFTY IT", 1015, "IT", 36_000.0),
)
"""Name, exchange token, sector ("" for all members), and a usual value in points."""


class KnownPaths(StockPaths):
    """The synthetic day's paths, kept once made, with the prices that shares show."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._seconds = world.seconds
        self._moves: dict[str, Figures] = {}
        self._shown: dict[str, NDArray[np.int32]] = {}

    def moves(self, stock: Stock) -> Figures:
        """As in `StockPaths`."""
        known = self._moves.get(stock.member.symbol)
        if known is None:
            known = self._moves[stock.member.symbol] = super().moves(stock)
        return known

    def shown(self, stock: Stock) -> NDArray[np.int32]:
        """The last price in paise at every second: the very prices of the synthetic day's stock ticks."""
        known = self._shown.get(stock.member.symbol)
        if known is None:
            tick = stock.member.stock_tick
            paise = np.round(self.prices(stock)[: self._seconds] * 100.0 / tick).astype(np.int32) * tick
            known = self._shown[stock.member.symbol] = paise
        return known


def share_volumes(world: World, stock: Stock) -> tuple[int, int]:
    """What the share traded yesterday, and what it trades in today's auction; units."""
    draws = world.draws("share volume", stock.member.symbol)
    usual = _usual_volume(stock)
    yesterday, auction = (float(np.exp(_TURNOVER_SD * float(draws.standard_normal()))) for _ in range(2))
    return int(usual * yesterday), int(usual * _AUCTION_SHARE * auction)


def _usual_volume(stock: Stock) -> float:
    return _TURNOVER[stock.member.liquidity] * 100.0 / stock.prev_close


def share_columns(world: World, paths: KnownPaths, stock: Stock, end: int) -> Columns:
    """The share's day up to second `end`: a trade a second, one tick between bid and ask."""
    draws = world.draws("share", stock.member.symbol)
    tick, n = stock.member.stock_tick, world.seconds
    price = paths.shown(stock)[:end].astype(np.int64)
    bought = (draws.random(n) < _HALF)[:end]  # the trade was at the ask
    mean = max(1.0, _usual_volume(stock) / n)
    sizes = [np.minimum(draws.geometric(1.0 / mean, n), _MOST)[:end] for _ in range(4)]
    bid = np.where(bought, price - tick, price)
    return Columns(
        bid=bid,
        bid_quantity=sizes[0],
        ask=bid + tick,
        ask_quantity=sizes[1],
        deeper=sizes[2],
        step=np.full(end, tick, dtype=np.int64),
        price=price,
        quantity=sizes[3],
        shown=np.ones(end, dtype=np.bool_),
        first_volume=share_volumes(world, stock)[1],
        oi=_nothing_held(end),
    )


class Index:
    """One index: the members' average, weighted, against their previous closes.

    `close` is yesterday's value in paise of a point, `open` that of the auction's prices.
    """

    def __init__(self, world: World, name: str, stocks: tuple[Stock, ...], usual: float) -> None:
        self._stocks = stocks
        draws = world.draws("index", name)
        points = usual * float(np.exp(_INDEX_SD * float(draws.standard_normal())))
        self.close: Paise = round(points * 100.0 / _INDEX_TICK) * _INDEX_TICK
        total = sum(_WEIGHTS[stock.member.liquidity] for stock in stocks)
        self._weights = [_WEIGHTS[stock.member.liquidity] / total / stock.prev_close for stock in stocks]
        opened = sum(w * stock.open for w, stock in zip(self._weights, stocks, strict=True))
        self.open: Paise = round(self.close * opened / _INDEX_TICK) * _INDEX_TICK

    def columns(self, paths: KnownPaths, end: int) -> Columns:
        """The index's day up to second `end`: a value a second and nothing else."""
        share = np.zeros(end, dtype=np.float64)
        for weight, stock in zip(self._weights, self._stocks, strict=True):
            share += weight * paths.shown(stock)[:end]
        value = np.round(self.close * share / _INDEX_TICK).astype(np.int64) * _INDEX_TICK
        none = np.zeros(end, dtype=np.int64)
        return Columns(
            bid=none,
            bid_quantity=none,
            ask=none,
            ask_quantity=none,
            deeper=none,
            step=none,
            price=value,
            quantity=none,
            shown=np.ones(end, dtype=np.bool_),
            first_volume=0,
            oi=_nothing_held(end),
        )


def _nothing_held(end: int) -> Whole:
    return np.zeros(-(-end // 60) + 1, dtype=np.int64)
