"""What a call is worth at every second: Black and Scholes on a volatility surface that moves.

Two clocks run. Interest is counted in calendar days and stands still inside the day; variance is
counted on the day's own clock, so that what is left to expiry falls fast after the open. Where
realised and implied volatility are equal, the price is then an exact martingale.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from ninefifteen.domain.black_scholes import call_delta, call_price
from ninefifteen.domain.money import Paise

from .options import Surface
from .paths import StockPaths
from .streams import Figures, wandering
from .world import Stock, World

_YEAR = 365.0
_LEAST_YEARS = 1e-5
_HALF = 0.5


def previous_price(world: World, stock: Stock, expiry: date, strike: Paise) -> float:
    """The call's price in rupees at the previous day's close."""
    years = world.days_to_before(expiry) / _YEAR
    vol = vol_at_strike(world, stock, expiry, strike)
    return call_price(stock.prev_close / 100.0, strike / 100.0, years, vol, world.options.surface.rate)


def reference_price(world: World, stock: Stock, expiry: date, strike: Paise) -> tuple[float, float]:
    """The call's model price in rupees at the opening price of the stock, and its delta."""
    given = (
        stock.open / 100.0,
        strike / 100.0,
        world.days_to(expiry) / _YEAR,
        vol_at_strike(world, stock, expiry, strike),
        world.options.surface.rate,
    )
    return call_price(*given), call_delta(*given)


def vol_at_strike(world: World, stock: Stock, expiry: date, strike: Paise) -> float:
    """The strike's implied volatility at the previous close (fraction a year)."""
    surface, vol = world.options.surface, world.vol(stock, expiry)
    width = vol * math.sqrt(world.days_to_before(expiry) / _YEAR)
    away = min(max(math.log(strike / stock.prev_close) / width, -3.0), 3.0)
    return vol * (1.0 + surface.skew * away + surface.smile * away * away)


def middles(world: World, paths: StockPaths, stock: Stock, expiry: date, strike: Paise) -> Figures:
    """The call's fair price in rupees at every second from the open (0) to the close."""
    surface = world.options.surface
    years = world.days_to(expiry) / _YEAR
    moves = paths.moves(stock)
    vols = vol_at_strike(world, stock, expiry, strike) * level(world, stock, moves)
    left = np.maximum(years - paths.spent / world.options.clock.year_days, _LEAST_YEARS)
    discounted = strike / 100.0 * math.exp(-surface.rate * years)
    width = vols * np.sqrt(left)
    d1 = (moves + math.log(stock.open / 100.0 / discounted)) / width + width * _HALF
    spot = stock.open / 100.0 * np.exp(moves)
    worth = spot * _normal(d1) - discounted * _normal(d1 - width)
    # The last digits may differ between machines; what is rounded to ticks later must not.
    return np.asarray(np.round(worth, 7), dtype=np.float64)


def level(world: World, stock: Stock, moves: Figures) -> Figures:
    """Implied volatility relative to the previous close, at every second."""
    surface = world.options.surface
    draws = world.draws("surface", stock.member.symbol)
    bump = surface.open_bump * math.exp(surface.open_bump_sd * float(draws.standard_normal()))
    seconds = np.arange(len(moves), dtype=np.float64)
    raised = 1.0 + bump * np.exp(-seconds / surface.bump_s)
    log_level = -surface.spot_slope * (moves + stock.gap) + _noise(surface, draws, seconds)
    return np.asarray(raised * np.exp(log_level), dtype=np.float64)


def _noise(surface: Surface, draws: np.random.Generator, seconds: Figures) -> Figures:
    """The level's slow wandering, drawn by the minute."""
    minutes = len(seconds) // 60 + 2
    knots = wandering(draws, minutes, surface.noise_minutes) * surface.noise_sd
    return np.asarray(np.interp(seconds, np.arange(minutes) * 60.0, knots), dtype=np.float64)


def _normal(x: Figures) -> Figures:
    """The standard normal distribution, element by element, as `domain.black_scholes` has it."""
    scaled = x * math.sqrt(_HALF)
    below = np.fromiter(map(math.erf, scaled.tolist()), np.float64, len(x))
    return np.asarray(_HALF * (1.0 + below), dtype=np.float64)
