"""What yesterday left in the option chain: listed strikes, open interest, volume and prices."""

from __future__ import annotations

import math
from datetime import date

import msgspec
import numpy as np

from ninefifteen.domain.instrument import recorded_name
from ninefifteen.domain.market import CallRow, ChainFacts
from ninefifteen.domain.money import Paise

from .options import Chain
from .streams import Figures
from .surface import previous_price, reference_price
from .world import Stock, World

_CALLS_CENTRE = 2.0  # most calls are held a little out of the money


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One listed option with the day's operating range, paise."""

    name: str
    stock: Stock
    expiry: date
    strike: Paise
    band_low: Paise
    band_high: Paise


def strikes(world: World, stock: Stock) -> list[Paise]:
    """The listed strikes of a stock, paise, ascending: around yesterday's close."""
    step, options = stock.member.strike_step, world.options.chain
    each = max(options.strikes_each_side, round(options.strikes_share * stock.prev_close / step))
    middle = round(stock.prev_close / step)
    return [k * step for k in range(max(1, middle - each), middle + each + 1)]


def contract(world: World, stock: Stock, expiry: date, strike: Paise) -> Contract:
    """The call of that strike; its range is the model price +- delta x a share of the stock's price."""
    tick = stock.member.option_tick
    price, delta = reference_price(world, stock, expiry, strike)
    room = max(price, delta * world.options.chain.band_share * stock.open / 100.0)
    return Contract(
        name=recorded_name(stock.member.symbol, expiry, strike, "CE"),
        stock=stock,
        expiry=expiry,
        strike=strike,
        band_low=max(1, round((price - room) * 100.0 / tick)) * tick,
        band_high=max(4, round((price + room) * 100.0 / tick)) * tick,
    )


def chain_facts(world: World, stock: Stock, expiry: date) -> ChainFacts:
    """The chain of one stock; without calls where the world has no such expiry.

    The operating range given is that of the strike nearest the opening price.
    """
    known = stock.member
    listed = strikes(world, stock) if expiry in world.expiries else []
    if not listed:
        return ChainFacts(
            symbol=known.symbol,
            expiry=expiry,
            lot_size=known.lot_size,
            tick=known.option_tick,
            calls=(),
            call_oi=None,
            put_oi=None,
        )
    calls, call_lots, put_lots = _calls(world, stock, expiry, listed)
    nearest = contract(world, stock, expiry, min(listed, key=lambda k: (abs(k - stock.open), k)))
    return ChainFacts(
        symbol=known.symbol,
        expiry=expiry,
        lot_size=known.lot_size,
        tick=known.option_tick,
        calls=calls,
        call_oi=call_lots * known.lot_size,
        put_oi=put_lots * known.lot_size,
        freeze_quantity=known.freeze_quantity,
        iv_ratio=stock.iv_ratio,
        band_low=nearest.band_low,
        band_high=nearest.band_high,
    )


def _calls(
    world: World, stock: Stock, expiry: date, listed: list[Paise]
) -> tuple[tuple[CallRow, ...], int, int]:
    """The calls with yesterday's figures, and the lots held in all calls and in all puts."""
    options, lot = world.options.chain, stock.member.lot_size
    draws = world.draws("chain", stock.member.symbol, expiry)
    total = _total_lots(world, stock, expiry, draws)
    pcr = options.pcr_median * math.exp(options.pcr_sd * float(draws.standard_normal()))
    away = (np.array(listed) - stock.prev_close) / stock.member.strike_step
    shares = shares_held(options, away - _CALLS_CENTRE, draws)
    turned = turnovers(options, away, draws)
    held = [int(total / (1.0 + pcr) * share) for share in shares]
    rows = []
    for strike, lots, often in zip(listed, held, turned, strict=True):
        volume = int(lots * often)
        rows.append(
            CallRow(
                name=recorded_name(stock.member.symbol, expiry, strike, "CE"),
                strike=strike,
                oi=lots * lot,
                volume=volume * lot,
                price=_closing_price(world, stock, expiry, strike) if volume else 0,
            )
        )
    return tuple(rows), sum(held), int(sum(held) * pcr)


def _total_lots(world: World, stock: Stock, expiry: date, draws: np.random.Generator) -> float:
    """Open interest of calls and puts together: by liquidity, age of the series, and chance."""
    options = world.options.chain
    lots = options.lots.of(stock.member.liquidity) * math.exp(options.oi_sd * float(draws.standard_normal()))
    age = float(np.interp(world.days_to(expiry), options.age_days, options.age_factor))
    return lots * age * (options.dead_factor if float(draws.random()) < options.dead_chance else 1.0)


def shares_held(options: Chain, away: Figures, draws: np.random.Generator) -> list[float]:
    """Each strike's share of all calls or puts held; `away` counts steps from where most are held."""
    around = np.exp(-0.5 * (away / options.width_strikes) ** 2)
    weights = around * np.exp(options.strike_sd * draws.standard_normal(len(away)))
    return [float(weight) for weight in weights / np.cumsum(weights)[-1]]


def turnovers(options: Chain, away: Figures, draws: np.random.Generator) -> list[float]:
    """Each strike's volume over its open interest."""
    near = options.turnover * np.exp(-np.abs(away) / options.turnover_strikes)
    return [float(x) for x in near * np.exp(options.turnover_sd * draws.standard_normal(len(away)))]


def _closing_price(world: World, stock: Stock, expiry: date, strike: Paise) -> Paise:
    tick = stock.member.option_tick
    return max(1, round(previous_price(world, stock, expiry, strike) * 100.0 / tick)) * tick
