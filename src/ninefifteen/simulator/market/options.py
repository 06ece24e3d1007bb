"""Calls and puts of the day: the calls are those of the synthetic day, the puts follow by parity."""

from __future__ import annotations

import math
from datetime import date

import msgspec
import numpy as np

from ninefifteen.domain.instrument import recorded_name
from ninefifteen.domain.market import ChainFacts
from ninefifteen.domain.money import Paise
from ninefifteen.simulator.synthetic.books import book_around, book_of
from ninefifteen.simulator.synthetic.chains import Contract, chain_facts, shares_held, strikes, turnovers
from ninefifteen.simulator.synthetic.paths import StockPaths
from ninefifteen.simulator.synthetic.streams import Figures
from ninefifteen.simulator.synthetic.surface import middles, previous_price, reference_price
from ninefifteen.simulator.synthetic.world import Stock, World

from .tape import Columns, Whole, by_minute

_YEAR = 365.0
_PUTS_CENTRE = -2.0  # most puts are held a little out of the money
_OPENED_SHARE = 0.15  # of what a minute trades, at most so much opens or closes positions on balance


class Left(msgspec.Struct, frozen=True):
    """What yesterday left of one option: last price (0: no trade), units traded and units held."""

    close: Paise
    volume: int
    oi: int


def left_behind(world: World, stock: Stock, expiry: date) -> dict[str, Left]:
    """Yesterday's figures of every call and put of a chain, by name.

    The calls' are those of the chain as the synthetic day gives it; the puts' open interest adds up to
    that chain's `put_oi`.
    """
    facts = chain_facts(world, stock, expiry)
    found = {row.name: Left(row.price, row.volume or 0, row.oi or 0) for row in facts.calls}
    found.update(_puts_left(world, stock, facts))
    return found


def _puts_left(world: World, stock: Stock, facts: ChainFacts) -> dict[str, Left]:
    options, lot, expiry = world.options.chain, facts.lot_size, facts.expiry
    draws = world.draws("puts", facts.symbol, expiry)
    listed = strikes(world, stock)
    away = (np.array(listed) - stock.prev_close) / stock.member.strike_step
    shares = shares_held(options, away - _PUTS_CENTRE, draws)
    turned = turnovers(options, away, draws)
    total = (facts.put_oi or 0) // lot
    held = [int(total * share) for share in shares]
    held[shares.index(max(shares))] += total - sum(held)  # what rounding left over
    found = {}
    for strike, lots, often in zip(listed, held, turned, strict=True):
        volume = int(lots * often)
        close = _put_close(world, stock, expiry, strike) if volume else 0
        found[recorded_name(facts.symbol, expiry, strike, "PE")] = Left(close, volume * lot, lots * lot)
    return found


def _put_close(world: World, stock: Stock, expiry: date, strike: Paise) -> Paise:
    call = previous_price(world, stock, expiry, strike)
    worth = call - stock.prev_close / 100.0 + _discounted(world, strike, world.days_to_before(expiry))
    tick = stock.member.option_tick
    return max(1, round(max(worth, 0.0) * 100.0 / tick)) * tick


def _discounted(world: World, strike: Paise, days: int) -> float:
    return strike / 100.0 * math.exp(-world.options.surface.rate * days / _YEAR)


def put_of(world: World, call: Contract) -> Contract:
    """The put with the call's strike; its operating range is made like a call's."""
    stock, tick = call.stock, call.stock.member.option_tick
    price, delta = reference_price(world, stock, call.expiry, call.strike)
    strike_now = _discounted(world, call.strike, world.days_to(call.expiry))
    price = max(0.0, price - stock.open / 100.0 + strike_now)
    room = max(price, (1.0 - delta) * world.options.chain.band_share * stock.open / 100.0)
    return Contract(
        name=recorded_name(stock.member.symbol, call.expiry, call.strike, "PE"),
        stock=stock,
        expiry=call.expiry,
        strike=call.strike,
        band_low=max(1, round((price - room) * 100.0 / tick)) * tick,
        band_high=max(4, round((price + room) * 100.0 / tick)) * tick,
    )


def put_worth(world: World, paths: StockPaths, put: Contract) -> Figures:
    """The put's fair price in rupees at every second: the call's, less the share, plus the strike."""
    call = middles(world, paths, put.stock, put.expiry, put.strike)[: world.seconds]
    spot = paths.prices(put.stock)[: world.seconds]
    worth = call - spot + _discounted(world, put.strike, world.days_to(put.expiry))
    return np.asarray(np.round(np.maximum(worth, 0.0), 7), dtype=np.float64)


def option_columns(world: World, paths: StockPaths, contract: Contract, left: Left, *, put: bool) -> Columns:
    """The whole day of an option: its book, its trades, and what they do to the open interest."""
    if put:
        book = book_around(world, paths, contract, put_worth(world, paths, contract))
    else:
        book = book_of(world, paths, contract)
    draws = world.draws("prints", contract.name)
    lot = contract.stock.member.lot_size
    depth = world.options.book.of(contract.stock.member.liquidity)
    usual = left.volume / lot / (depth.trades * world.seconds)
    lots = draws.geometric(1.0 / min(max(usual, 1.0), depth.lots), world.seconds)
    quantity = np.where(book.traded, lots * lot, 0)
    return Columns(
        bid=book.bid,
        bid_quantity=book.bid_quantity,
        ask=book.ask,
        ask_quantity=book.ask_quantity,
        deeper=book.deeper,
        step=book.step,
        price=np.where(book.traded, book.last, 0),
        quantity=quantity,
        shown=(book.bid > 0) | (book.ask > 0),
        first_volume=0,
        oi=_open_interest(draws, quantity // lot, left.oi // lot) * lot,
    )


def _open_interest(draws: np.random.Generator, traded: Whole, held: int) -> Whole:
    """Lots held at the beginning of each minute and at the end: never moves by more than was traded."""
    lots = by_minute(traded)
    moved = np.round(draws.uniform(-_OPENED_SHARE, _OPENED_SHARE, len(lots)) * lots).astype(np.int64)
    return np.maximum(0, held + np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(moved))))
