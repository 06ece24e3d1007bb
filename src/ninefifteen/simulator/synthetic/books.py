"""The order book of one contract, second by second: spread, quantities, and sides that are missing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.money import Paise

from .chains import Contract
from .options import Depth
from .paths import StockPaths
from .streams import Figures, wandering
from .surface import middles
from .world import World

Whole = NDArray[np.int64]
_CHUNK = 512  # quotes turned into objects at a time
_LEAST_WORTH = 0.01  # a spread is never narrower than that of a call worth this share of the stock
_WITHOUT_SPREAD_LOTS = 500
_BOTH = 0.5


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """Prices in paise and quantities in units at every second; 0 where a side is missing.

    `last` is the price of the latest trade of the day, 0 before the first; `traded` tells the seconds
    in which one happened.
    """

    bid: Whole
    bid_quantity: Whole
    ask: Whole
    ask_quantity: Whole
    last: Whole
    traded: NDArray[np.bool_]
    step: Whole
    deeper: Whole


def book_of(world: World, paths: StockPaths, contract: Contract) -> Book:
    """The whole day's book of a contract; it depends on nothing but the world and the contract."""
    worth = middles(world, paths, contract.stock, contract.expiry, contract.strike)[: world.seconds]
    return book_around(world, paths, contract, worth)


def book_around(world: World, paths: StockPaths, contract: Contract, worth: Figures) -> Book:
    """The book of an option that is worth `worth` rupees at every second; its name decides its chance."""
    stock = contract.stock
    if not world.options.book.quotes:
        return _without_spread(worth, contract)
    draws = world.draws("book", contract.name)
    spot = paths.prices(stock)[: world.seconds]
    spread = _relative_spread(world, contract, draws) * np.maximum(worth, _LEAST_WORTH * spot)
    bid, ask = _two_sides(worth, spread, contract)
    has_bid, has_ask = _sides(world.options.book.of(stock.member.liquidity), world.seconds, draws)
    has_bid &= bid > 0
    bid, ask = np.where(has_bid, bid, 0), np.where(has_ask, ask, 0)
    tick = stock.member.option_tick
    step = np.maximum(1, np.round(spread * 100.0 / (3 * tick)).astype(np.int64)) * tick
    return _with_quantities(world, contract, (bid, ask, step), draws)


def _relative_spread(world: World, contract: Contract, draws: np.random.Generator) -> Figures:
    """The full spread as a share of the middle at every second."""
    options = world.options.book
    depth = options.of(contract.stock.member.liquidity)
    age = float(np.interp(world.days_to(contract.expiry), options.age_days, options.age_width))
    own = float(np.exp(options.own_sd * float(draws.standard_normal())))
    seconds = np.arange(world.seconds, dtype=np.float64)
    width = np.interp(seconds, options.seconds, options.width)
    noise = np.exp(options.noise_sd * wandering(draws, world.seconds, options.noise_s))
    return np.asarray(depth.spread_pct / 100.0 * age * own * width * noise, dtype=np.float64)


def _two_sides(worth: Figures, spread: Figures, contract: Contract) -> tuple[Whole, Whole]:
    """Bid and ask in paise on the tick, inside the operating range, the bid below the ask."""
    tick = contract.stock.member.option_tick
    low, high = contract.band_low // tick, contract.band_high // tick
    bid = np.round((worth - spread / 2.0) * 100.0 / tick).astype(np.int64)
    ask = np.round((worth + spread / 2.0) * 100.0 / tick).astype(np.int64)
    bid = np.minimum(bid, high - 1)
    bid = np.where(bid < low, 0, bid)
    ask = np.minimum(np.maximum(ask, np.maximum(bid + 1, low)), high)
    return bid * tick, ask * tick


def _sides(
    depth: Depth, seconds: int, draws: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which sides are there at each second: late at the open, and now and then missing later."""
    late = float(draws.random()) < depth.missing_chance
    first = int(draws.integers(1, depth.missing_s + 1)) if late else 0
    which = draws.random(seconds)
    gone = draws.random(seconds) < depth.one_sided_chance
    gone[:first] = True
    has_bid, has_ask = ~(gone & (which < _BOTH)), ~(gone & (which >= _BOTH))
    empty = int(first * float(draws.random()))  # nobody at all in the first of these seconds
    has_bid[:empty] = False
    has_ask[:empty] = False
    return has_bid, has_ask


def _with_quantities(
    world: World, contract: Contract, prices: tuple[Whole, Whole, Whole], draws: np.random.Generator
) -> Book:
    bid, ask, step = prices
    known = contract.stock.member
    depth, n = world.options.book.of(known.liquidity), world.seconds
    lots = [1 + draws.geometric(1.0 / depth.lots, n) // 2 for _ in range(2)]
    deeper = (1 + draws.geometric(1.0 / (2.0 * depth.lots), n)) * known.lot_size
    traded = (draws.random(n) < depth.trades) & (bid > 0) & (ask > 0)
    price = np.where(draws.random(n) < _BOTH, bid, ask)
    # The last trade's second, carried forward; -1 before the first one of the day.
    latest = np.maximum.accumulate(np.where(traded, np.arange(n), -1))
    return Book(
        bid=bid,
        bid_quantity=np.where(bid > 0, lots[0] * known.lot_size, 0),
        ask=ask,
        ask_quantity=np.where(ask > 0, lots[1] * known.lot_size, 0),
        last=np.where(latest >= 0, price[latest], 0),
        traded=traded,
        step=step,
        deeper=deeper,
    )


def _without_spread(worth: Figures, contract: Contract) -> Book:
    """Both sides at the fair price on the nearest tick, with more than enough behind them."""
    known = contract.stock.member
    price = np.maximum(1, np.round(worth * 100.0 / known.option_tick).astype(np.int64)) * known.option_tick
    plenty = np.full(len(price), _WITHOUT_SPREAD_LOTS * known.lot_size)
    none = np.zeros(len(price), dtype=np.int64)
    return Book(
        bid=price,
        bid_quantity=plenty,
        ask=price,
        ask_quantity=plenty,
        last=price,
        traded=np.ones(len(price), dtype=np.bool_),
        step=none,
        deeper=none,
    )


def delay_of(world: World, name: str) -> Instant:
    """How long after the exchange's stamp the contract's quotes arrive, the whole day."""
    delivery = world.options.delivery
    low, high = delivery.quote_low_ms, delivery.quote_high_ms
    return int(world.draws("delay", name).integers(low, high + 1)) * MILLISECOND


def quotes(world: World, paths: StockPaths, contract: Contract, after: Instant) -> Iterator[Quote]:
    """The contract's quotes that arrive after `after`, one a second while there is a side to show."""
    delay = delay_of(world, contract.name)
    book = book_of(world, paths, contract)
    columns = (
        book.bid, book.bid_quantity, book.ask, book.ask_quantity, book.last, book.step, book.deeper
    )  # fmt: skip
    first = max(0, world.second(after - delay) + 1)
    for start in range(first, world.seconds, _CHUNK):
        rows = zip(*(column[start : start + _CHUNK].tolist() for column in columns), strict=True)
        stamp = world.facts.open_at + start * SECOND
        for bid, bids, ask, asks, last, step, deeper in rows:
            if bid or ask:
                yield Quote(
                    stamp + delay, contract.name, stamp, bid, bids, ask, asks, last,
                    levels(bid, -step, deeper), levels(ask, step, deeper),
                )  # fmt: skip
            stamp += SECOND


def levels(best: Paise, step: Paise, quantity: int) -> tuple[tuple[Paise, int], ...]:
    """The two levels behind the best price; none where there is no best price."""
    second, third = best + step, best + 2 * step
    if third <= 0 or not best or not step:
        return ()
    return (second, quantity), (third, quantity)
