"""Where every stock goes while the market is open: one market, sectors, and each on its own."""

from __future__ import annotations

import math

import numpy as np

from .clock import spent
from .streams import Figures
from .world import Stock, World


class StockPaths:
    """Prices of the members at every second of the session, made when asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._clock = spent(world.options.clock, world.seconds)
        self._step_sd = np.sqrt(np.diff(self._clock) / world.options.clock.year_days)
        self._factors: dict[str, Figures] = {}

    @property
    def spent(self) -> Figures:
        """The share of a day's variance spent by each second."""
        return self._clock

    def moves(self, stock: Stock) -> Figures:
        """The logarithm of price over opening price, at second 0 (where it is 0) to the last second."""
        world, options = self._world, self._world.options.paths
        draws = world.draws("path", stock.member.symbol)
        luck = math.exp(options.realised_sd * float(draws.standard_normal()))
        vol = stock.vol * options.realised_ratio * luck
        market, sector, own = self._weights(stock, vol)
        steps = own * draws.standard_normal(world.seconds)
        steps += market * self._factor("market") + sector * self._factor(stock.member.sector)
        steps *= vol * self._step_sd
        if options.jumps_per_day:
            self._jump(steps, stock, draws)
        moves = np.concatenate((np.zeros(1), np.cumsum(steps)))
        moves -= vol * vol / (2.0 * world.options.clock.year_days) * self._clock
        return moves + self._drift(stock)

    def prices(self, stock: Stock) -> Figures:
        """The price in rupees at second 0, the opening price, to the last second."""
        return np.asarray(stock.open / 100.0 * np.exp(self.moves(stock)), dtype=np.float64)

    def _factor(self, name: str) -> Figures:
        known = self._factors.get(name)
        if known is None:
            draws = self._world.draws("factor", name)
            known = self._factors[name] = draws.standard_normal(self._world.seconds)
        return known

    def _weights(self, stock: Stock, vol: float) -> tuple[float, float, float]:
        """How much of the stock's standard deviation is the market's, the sector's and its own."""
        options = self._world.options.paths
        market, sector = stock.member.beta * options.market_vol / vol, options.sector_vol / vol
        shared = market * market + sector * sector
        if shared > options.factor_share:
            smaller = math.sqrt(options.factor_share / shared)
            market, sector, shared = market * smaller, sector * smaller, options.factor_share
        return market, sector, math.sqrt(1.0 - shared)

    def _jump(self, steps: Figures, stock: Stock, draws: np.random.Generator) -> None:
        options, gaps = self._world.options.paths, self._world.options.gaps
        size = options.jump_pct / 100.0 * stock.vol * 100.0 / gaps.own_volatility
        for _ in range(int(draws.poisson(options.jumps_per_day))):
            steps[int(draws.integers(len(steps)))] += size * float(draws.standard_normal())

    def _drift(self, stock: Stock) -> Figures:
        """What is not chance: a part of the gap given back after the open, and a drift where asked for."""
        options = self._world.options.paths
        seconds = np.arange(self._world.seconds + 1, dtype=np.float64)
        back = options.reversal_share * stock.gap * (1.0 - np.exp(-seconds / options.reversal_s))
        return np.asarray(options.drift_pct / 100.0 * self._clock - back, dtype=np.float64)
