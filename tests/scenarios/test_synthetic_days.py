"""Invented days through the real engine: how many trade, and that nothing can be earned on a fair market."""

from __future__ import annotations

from collections import Counter

import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.research.backtest import run_to_the_end
from ninefifteen.simulator.synthetic import demo_date, fair
from ninefifteen.wiring.demo import synthetic_day_session
from tests.scenarios.fair_days import Result, fair_trades, mean_of

QUICK, NIGHTLY = 50, 1000
RULES = load_rules()


def day_of(seed: int) -> DayRecord:
    """The record of a seed's day with the settings as shipped; it must end flat."""
    settings = Settings()
    session = synthetic_day_session(settings, RULES, demo_date(seed, RULES.calendar), seed)
    record = run_to_the_end(session.runner)
    assert record.flat
    assert session.flat
    assert len(record.trades) <= 1
    return record


def traded_share(seeds: range) -> float:
    """The share of days with a trade; every other day has one of two reasons."""
    outcomes = Counter((record.status, record.reason) for record in map(day_of, seeds))
    assert set(outcomes) <= {("traded", None), ("no_trade", "no_candidate"), ("no_trade", "not_filled")}
    return outcomes[("traded", None)] / len(seeds)


def test_about_two_of_three_days_trade() -> None:
    """Of the first 200 seeds 133 trade; chance moves forty by seven in a hundred."""
    assert 0.5 < traded_share(range(40)) < 0.83


@pytest.mark.nightly
def test_of_two_hundred_days_58_to_75_percent_trade() -> None:
    assert 0.58 < traded_share(range(200)) < 0.75


# ---- the fair game


def assert_fills_give_nothing_away(trades: list[Result]) -> None:
    """No spread: every fill is at the fair price of its second, but for a tick now and then."""
    crossing = mean_of([one.crossing for one in trades])
    assert abs(crossing.value) < 0.1, str(crossing)


def assert_costs_what_it_crossed(trades: list[Result]) -> None:
    """With a spread the trade gives up half of it on either side, and the charges."""
    crossing = mean_of([one.crossing for one in trades])
    charges = mean_of([one.charges for one in trades])
    assert 1.2 < crossing.low < crossing.high < 2.6, str(crossing)
    assert 0.3 < charges.value < 0.9, str(charges)


def test_on_a_fair_market_without_costs_the_engine_earns_nothing_but_luck() -> None:
    """That fills are at the fair price is exact; what the market did meanwhile is luck, and is wide."""
    trades = fair_trades(QUICK, fair(), charges=False)
    result = mean_of([one.gross for one in trades])
    print(f"{len(trades)} fair trades: {result}")
    assert len(trades) > 0.95 * QUICK
    assert_fills_give_nothing_away(trades)
    assert abs(result.value) < 2 * (result.high - result.low) / 2, str(result)


@pytest.mark.nightly
def test_with_spread_and_charges_it_gives_up_what_it_crosses() -> None:
    trades = fair_trades(QUICK // 2, fair(spread=True), charges=True)
    assert len(trades) > 0.8 * QUICK // 2
    assert_costs_what_it_crossed(trades)


@pytest.mark.nightly
def test_a_thousand_fair_days_earn_nothing_on_average() -> None:
    trades = fair_trades(NIGHTLY, fair(), charges=False)
    result = mean_of([one.gross for one in trades])
    print(f"{len(trades)} fair trades: {result}")
    assert_fills_give_nothing_away(trades)
    assert result.low < 0 < result.high, str(result)


@pytest.mark.nightly
def test_a_thousand_days_with_spread_and_charges_lose_what_theory_says() -> None:
    trades = fair_trades(NIGHTLY, fair(spread=True), charges=True)
    net = mean_of([one.gross - one.charges for one in trades])
    middle = mean_of([one.middle for one in trades])
    print(f"{len(trades)} trades with spread and charges: {net}; the market itself: {middle}")
    assert_costs_what_it_crossed(trades)
    assert middle.low < 0 < middle.high, str(middle)
    assert net.high < 0, str(net)
