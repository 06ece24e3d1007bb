"""The synthetic market's distributions are in the neighbourhood of the recorded ones, and its dates fixed."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from functools import cache

import msgspec
import numpy as np
import pytest

from ninefifteen.domain.calendar import NoCalendarData
from ninefifteen.domain.instants import at
from ninefifteen.domain.market import ChainFacts
from ninefifteen.simulator.synthetic import default_options, demo_date
from ninefifteen.simulator.synthetic.chains import chain_facts
from ninefifteen.simulator.synthetic.clock import spent
from ninefifteen.simulator.synthetic.members import members
from ninefifteen.simulator.synthetic.paths import StockPaths
from ninefifteen.simulator.synthetic.streams import fat, number, stream, wandering
from ninefifteen.simulator.synthetic.world import World
from tests.simulator.synthetic_facts import ROLL_DAYS, facts_of, rules

SEEDS = 60


@cache
def worlds() -> tuple[World, ...]:
    calendar = rules().calendar
    return tuple(World(s, facts_of(demo_date(s, calendar)), default_options()) for s in range(SEEDS))


@cache
def every_chain() -> tuple[ChainFacts, ...]:
    return tuple(
        chain_facts(world, stock, world.facts.expiry)
        for world in worlds()[:20]
        for stock in world.stocks.values()
    )


def test_every_member_of_every_demo_day_has_figures():
    calendar = rules().calendar
    for day in calendar.trading_days(date(2026, 9, 7), date(2026, 12, 31)):
        assert set(rules().membership.on(day)) <= set(members())


def test_member_figures_fit_together():
    for one in members().values():
        assert one.lot_size > 0
        assert one.strike_step % one.option_tick == 0
        assert 0.005 < one.strike_step / one.base_price < 0.04
        assert 400_000 < one.lot_size * one.base_price / 100 < 1_200_000
        assert 0.15 <= one.volatility <= 0.36
        assert (one.option_tick == 1) == (one.base_price < 25_000)


def test_gaps_spread_like_recorded_ones():
    """Recorded 2025: market gap sd 0.4 %, across stocks 0.25 to 1.1 %, median five of 50 above 0.5 %."""
    gaps = np.array([[100 * stock.gap for stock in world.stocks.values()] for world in worlds()])
    market = gaps.mean(axis=1)
    assert 0.2 < market.std() < 0.9
    assert 0.4 < np.median(gaps.std(axis=1)) < 1.2
    assert 3 <= np.median((gaps > 0.5).sum(axis=1)) <= 16
    assert np.abs(gaps).max() < 12.1
    assert np.abs(gaps).max() > 4.0


def test_some_chains_fail_the_ratio_and_some_are_thin():
    """The filters of the scan have something to do: each fails now and then, none always."""
    ratios = [(chain.put_oi or 0) / chain.call_oi for chain in every_chain() if chain.call_oi]
    inside = sum(0.7 <= ratio <= 1.5 for ratio in ratios) / len(ratios)
    assert 0.35 < inside < 0.85
    held = [((chain.call_oi or 0) + (chain.put_oi or 0)) // chain.lot_size for chain in every_chain()]
    assert 5_000 < np.median(held) < 60_000
    assert min(held) < 500
    assert 0.01 < np.mean([(chain.iv_ratio or 0) > 1.3 for chain in every_chain()]) < 0.15


def test_some_calls_near_the_money_are_illiquid():
    thin = []
    for chain in every_chain():
        middle = chain.calls[len(chain.calls) // 2]
        thin.append((middle.oi or 0) < 100 * chain.lot_size or (middle.volume or 0) < 200 * chain.lot_size)
    assert 0.02 < np.mean(thin) < 0.5


def test_a_lot_at_the_money_costs_what_a_lot_costs():
    money = [chain.calls[len(chain.calls) // 2].price * chain.lot_size / 100 for chain in every_chain()]
    assert 10_000 < np.median([m for m in money if m]) < 25_000


def test_the_operating_range_holds_the_price_with_room():
    for chain in every_chain():
        middle = chain.calls[len(chain.calls) // 2]
        assert 0 < chain.band_low < chain.band_high
        if middle.price:
            assert chain.band_low < middle.price < chain.band_high
        assert chain.band_low % chain.tick == chain.band_high % chain.tick == 0


def test_sixty_percent_of_a_days_variance_falls_inside_the_session_and_the_open_is_hot():
    shares = spent(default_options().clock, 23_100)
    assert shares[0] == 0.0
    assert shares[21_600] == pytest.approx(0.6)
    assert np.all(np.diff(shares) > 0)
    assert 0.06 < shares[300] / shares[21_600] < 0.16
    assert 0.22 < shares[1800] / shares[21_600] < 0.40
    assert shares[300] > 20 * (shares[11_100] - shares[10_800]) / 5


def test_stocks_move_together_and_by_as_much_as_their_volatility_says():
    ratios, together = [], []
    for world in worlds()[:25]:
        paths = StockPaths(world)
        bank, other, metal = (world.stocks[s] for s in ("HDFCBANK", "ICICIBANK", "TATASTEEL"))
        minutes = [np.diff(paths.moves(stock)[::60]) for stock in (bank, other, metal)]
        expected = bank.vol * (paths.spent[-1] / 252) ** 0.5
        ratios.append(float(np.sqrt(np.cumsum(minutes[0] ** 2)[-1])) / expected)
        together.append(
            (np.corrcoef(minutes[0], minutes[1])[0, 1], np.corrcoef(minutes[0], minutes[2])[0, 1])
        )
    assert 0.75 < np.median(ratios) < 1.15
    same_sector, other_sector = np.mean(together, axis=0)
    assert 0.4 < same_sector < 0.9
    assert 0.2 < other_sector < same_sector


def test_a_little_of_a_gap_is_given_back():
    """The overshoot of the auction reverts by the share that the options name."""
    options = default_options()
    still = msgspec.structs.replace(options, paths=msgspec.structs.replace(options.paths, reversal_share=0.0))
    facts = facts_of(date(2026, 10, 6))
    with_it, without = World(5, facts, options), World(5, facts, still)
    stock = with_it.stocks["TCS"]
    given = StockPaths(with_it).moves(stock)[-1] - StockPaths(without).moves(stock)[-1]
    assert given == pytest.approx(-options.paths.reversal_share * stock.gap, rel=1e-3)


def test_a_seed_means_one_date_whenever_it_is_asked():
    calendar = rules().calendar
    assert demo_date(7, calendar) == demo_date(7, calendar)
    days = [demo_date(seed, calendar) for seed in range(300)]
    assert len(set(days)) > 55
    for day in days:
        session = calendar.session(day)
        assert session is not None
        assert not session.special
        assert date(2026, 9, 7) <= day <= date(2026, 12, 31)
        assert calendar.days_left(day, calendar.traded_expiry(day, ROLL_DAYS)) > ROLL_DAYS


def test_days_whose_traded_expiry_nobody_knows_yet_stand_for_no_seed():
    """From 22 Dec 2026 the January series would be traded, and 2027 has no calendar yet."""
    calendar = rules().calendar
    assert max(demo_date(seed, calendar) for seed in range(500)) < date(2026, 12, 22)


def test_without_any_day_to_choose_the_calendar_is_missing():
    with pytest.raises(NoCalendarData, match="no ordinary trading day"):
        demo_date(7, rules().calendar, roll_days=10_000)


def test_a_later_december_expiry_is_found_for_the_world_by_its_weekday():
    facts = facts_of(date(2026, 12, 7))
    assert facts.expiry == date(2026, 12, 29)
    assert World(7, facts, default_options()).expiries == (date(2026, 12, 29), date(2027, 1, 26))
    assert World(7, facts_of(date(2026, 9, 8)), default_options()).expiries[1] == date(2026, 10, 27)


def test_the_near_expiry_is_dearer_than_the_next_by_the_ratio():
    world = worlds()[0]
    near, later = world.expiries
    for stock in world.stocks.values():
        assert world.vol(stock, near) / world.vol(stock, later) == pytest.approx(stock.iv_ratio)
    rolled = World(
        1, facts_of(date(2026, 11, 19)), default_options(), (date(2026, 11, 23), date(2026, 12, 29))
    )
    stock = rolled.stocks["TCS"]
    assert rolled.vol(stock, rolled.expiries[0]) == pytest.approx(stock.vol * stock.iv_ratio)


def test_streams_depend_on_every_part_of_their_name():
    assert number(7, "a", "b") == number(7, "a", "b")
    assert len({number(7, "a", "b"), number(8, "a", "b"), number(7, "b", "a"), number(7, "ab")}) == 4
    assert stream(7, "x").random() == stream(7, "x").random()


def test_wandering_and_fat_tails_have_the_spread_they_promise():
    series = wandering(stream(1, "w"), 50_000, 6)
    assert series.std() == pytest.approx(1.0, abs=0.06)
    assert np.corrcoef(series[:-3], series[3:])[0, 1] > 0.5
    assert abs(np.corrcoef(series[:-60], series[60:])[0, 1]) < 0.1
    draws = stream(1, "t")
    tails = np.array([fat(draws, 5) for _ in range(20_000)])
    assert tails.std() == pytest.approx(1.0, abs=0.05)
    assert np.mean(np.abs(tails) > 4) > 0.001


def test_liquid_names_are_held_more_than_thin_ones():
    held: Counter[str] = Counter()
    for chain in every_chain():
        held[members()[chain.symbol].liquidity] += (chain.call_oi or 0) // chain.lot_size
    count = Counter(members()[chain.symbol].liquidity for chain in every_chain())
    mean = {group: held[group] / count[group] for group in count}
    assert mean["liquid"] > mean["middle"] > mean["thin"]


def test_the_auction_is_over_before_the_scan():
    facts = facts_of(date(2026, 10, 6))
    assert facts.preopen_final_at == at(date(2026, 10, 6), time(9, 12))
