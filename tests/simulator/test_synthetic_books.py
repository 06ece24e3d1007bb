"""Quotes of synthetic contracts look like an exchange's: on the tick, in lots, inside the bands."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from ninefifteen.domain.black_scholes import call_price
from ninefifteen.domain.instants import SECOND
from ninefifteen.simulator.synthetic import default_options, fair
from ninefifteen.simulator.synthetic.books import Book, book_of, quotes
from ninefifteen.simulator.synthetic.chains import Contract, contract, strikes
from ninefifteen.simulator.synthetic.paths import StockPaths
from ninefifteen.simulator.synthetic.surface import middles, reference_price
from ninefifteen.simulator.synthetic.world import World
from tests.simulator.test_synthetic_day import FACTS

SYMBOLS = ("RELIANCE", "TATASTEEL", "TECHM", "MARUTI", "GRASIM")


def world_of(seed: int) -> World:
    return World(seed, FACTS, default_options())


def nearest(world: World, symbol: str, away: int = 0) -> Contract:
    stock = world.stocks[symbol]
    listed = strikes(world, stock)
    place = min(range(len(listed)), key=lambda i: abs(listed[i] - stock.open)) + away
    return contract(world, stock, world.facts.expiry, listed[place])


def book(seed: int, symbol: str, away: int = 0) -> tuple[Contract, Book]:
    world = world_of(seed)
    chosen = nearest(world, symbol, away)
    return chosen, book_of(world, StockPaths(world), chosen)


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("away", [-10, -3, 0, 3, 10])
def test_prices_are_on_the_tick_inside_the_bands_and_never_crossed(symbol, away):
    chosen, found = book(3, symbol, away)
    known = chosen.stock.member
    assert np.all(found.bid % known.option_tick == 0)
    assert np.all(found.ask % known.option_tick == 0)
    both = (found.bid > 0) & (found.ask > 0)
    assert np.all(found.bid[both] < found.ask[both])
    for side, quantity in ((found.bid, found.bid_quantity), (found.ask, found.ask_quantity)):
        there = side > 0
        assert np.all((side[there] >= chosen.band_low) & (side[there] <= chosen.band_high))
        assert np.array_equal(there, quantity > 0)
        assert np.all(quantity % known.lot_size == 0)


def test_tata_steel_trades_in_single_paise_and_maruti_in_five():
    assert np.any(book(3, "TATASTEEL")[1].ask % 5)
    assert not np.any(book(3, "MARUTI")[1].ask % 5)


def test_the_first_two_sided_quote_can_be_late_but_never_by_more_than_twenty_seconds():
    first = [
        int(np.argmax((found.bid > 0) & (found.ask > 0)))
        for seed in range(12)
        for found in [book(seed, "TECHM")[1]]
    ]
    assert max(first) > 3
    assert max(first) <= 21
    assert min(first) < 10


def test_before_it_there_is_one_side_or_none():
    missing = [
        (bool(found.bid[0]), bool(found.ask[0])) for seed in range(30) for found in [book(seed, "TECHM")[1]]
    ]
    assert {(False, False), (True, False), (False, True)} & set(missing)
    assert sum(both == (True, True) for both in missing) < 15


def test_while_nobody_shows_a_price_there_is_no_quote():
    """The first quote of such a contract is the first second with a side, not an empty one at the open."""
    for seed in range(40):
        world = world_of(seed)
        chosen = nearest(world, "TECHM")
        found = book_of(world, StockPaths(world), chosen)
        shown = np.flatnonzero((found.bid > 0) | (found.ask > 0))
        if shown[0] > 0:
            first = next(quotes(world, StockPaths(world), chosen, FACTS.open_at - SECOND))
            assert first.exchange_at == FACTS.open_at + int(shown[0]) * SECOND
            return
    pytest.fail("every one of forty seeds has a price at the very open")


def test_a_liquid_name_is_quoted_closer_than_a_thin_one_and_the_open_is_wide():
    def spread(symbol: str, first: int, last: int) -> float:
        readings = []
        for seed in range(8):
            found = book(seed, symbol)[1]
            bid, ask = found.bid[first:last], found.ask[first:last]
            both = (bid > 0) & (ask > 0)
            readings.append(float(np.median(200 * (ask - bid)[both] / (ask + bid)[both])))
        return float(np.median(readings))

    liquid, thin = spread("RELIANCE", 3600, 18000), spread("GRASIM", 3600, 18000)
    assert 0.4 < liquid < 1.5 < thin < 5.0
    assert 1.5 < spread("RELIANCE", 0, 60) / liquid < 4.0


def test_quotes_carry_levels_behind_the_best_away_from_it():
    world = world_of(3)
    chosen = nearest(world, "RELIANCE")
    found = list(quotes(world, StockPaths(world), chosen, FACTS.open_at + 600 * SECOND))
    lot = chosen.stock.member.lot_size
    for quote in found[:300]:
        assert [price for price, _ in quote.more_asks] == sorted(price for price, _ in quote.more_asks)
        assert quote.more_asks[0][0] > quote.ask
        assert quote.bid > quote.more_bids[0][0] > quote.more_bids[1][0] > 0
        assert all(size % lot == 0 and size > 0 for _, size in (*quote.more_bids, *quote.more_asks))


def test_quotes_stamp_the_second_and_arrive_a_little_later_within_it():
    world = world_of(3)
    chosen = nearest(world, "RELIANCE")
    found = list(quotes(world, StockPaths(world), chosen, FACTS.open_at - 60 * SECOND))
    assert all((quote.exchange_at - FACTS.open_at) % SECOND == 0 for quote in found)
    delays = {quote.at - quote.exchange_at for quote in found}
    assert len(delays) == 1
    assert 0 < delays.pop() < SECOND
    assert found[-1].exchange_at == FACTS.close_at - SECOND


def test_the_last_price_is_zero_until_somebody_trades_and_then_one_of_the_sides():
    _, found = book(3, "GRASIM")
    first = int(np.argmax(found.last > 0))
    assert first > 0
    assert not np.any(found.last[:first])
    changed = np.flatnonzero(np.diff(found.last)) + 1
    assert np.all((found.last[changed] == found.bid[changed]) | (found.last[changed] == found.ask[changed]))


def test_a_worthless_call_has_no_bid():
    _, found = book(3, "TATASTEEL", 10)
    assert np.mean(found.bid == 0) > 0.2 or found.bid.min() >= 1
    assert np.all(found.ask > 0)


def test_the_fair_price_at_the_open_is_the_model_price_and_loses_variance_through_the_day():
    options = fair()
    world = World(3, FACTS, options)
    paths, chosen = StockPaths(world), nearest(world, "TCS")
    given = (world, paths, chosen.stock, chosen.expiry, chosen.strike)
    worth = middles(*given)
    assert worth[0] == pytest.approx(reference_price(world, chosen.stock, chosen.expiry, chosen.strike)[0])
    years, vol = world.days_to(chosen.expiry) / 365, chosen.stock.vol
    spent = paths.spent[21_600]
    left = vol * ((years - spent / options.clock.year_days) / years) ** 0.5
    spot = paths.prices(chosen.stock)[21_600]
    expected = call_price(spot, chosen.strike / 100, years, left, options.surface.rate)
    assert worth[21_600] == pytest.approx(expected, abs=1e-6)


def test_implied_volatility_opens_high_and_falls_when_the_stock_rises():
    quiet = msgspec.structs.replace(
        default_options(),
        surface=msgspec.structs.replace(default_options().surface, noise_sd=0.0, open_bump_sd=0.0),
    )
    from ninefifteen.simulator.synthetic.surface import level

    world = World(3, FACTS, quiet)
    stock = world.stocks["TCS"]
    flat = level(world, stock, np.full(7201, -stock.gap))
    assert flat[0] == pytest.approx(1.0 + quiet.surface.open_bump)
    assert flat[2400] < 1.0 + quiet.surface.open_bump / 10
    up = level(world, stock, np.full(7201, 0.02 - stock.gap))
    assert np.all(up < flat)
