"""A fairly priced day without spread and charges earns nothing; with them it loses what they cost.

Middle prices of the fair market are an exact martingale at every second, so by optional stopping no
rule for leaving has a mean other than zero: an exit at an observed price has no bias from seeing the
market once a second. What remains is rounding to the tick, a few hundredths of a percent (leaving
above a target picks prices that were rounded up, leaving below a stop prices that were rounded down).
A rule that fills at the target level instead, as a resting order does, would lose the overshoot.
"""

from __future__ import annotations

import msgspec
import pytest

from ninefifteen.simulator.synthetic import SyntheticOptions, fair
from tests.simulator.fair_game import Outcome, mean_of, trades

QUICK = 60
ROUNDING = 0.15  # percent of the premium that rounding to the tick may move a mean


def drifting(percent: float) -> SyntheticOptions:
    """The fair market with every stock rising by so much a day: a planted error."""
    options = fair()
    return msgspec.structs.replace(options, paths=msgspec.structs.replace(options.paths, drift_pct=percent))


def assert_earns_nothing(outcomes: list[Outcome]) -> None:
    mean = mean_of([one.gross for one in outcomes])
    assert mean.low < ROUNDING
    assert mean.high > -ROUNDING


def assert_loses_its_costs(outcomes: list[Outcome]) -> None:
    """The net result is, within its confidence interval, minus half-spreads and charges."""
    net = mean_of([one.gross - one.charges for one in outcomes])
    theory = -mean_of([one.spreads + one.charges for one in outcomes]).value
    assert net.low < theory + ROUNDING
    assert net.high > theory - ROUNDING
    assert -6.0 < theory < -1.0


def test_buying_on_a_fair_market_earns_nothing_on_average():
    assert_earns_nothing(trades(QUICK, fair()))


def test_with_spread_and_charges_the_loss_is_what_they_cost():
    assert_loses_its_costs(trades(QUICK, fair(spread=True)))


def test_without_spread_the_result_is_the_move_of_the_fair_price():
    for one in trades(QUICK, fair()):
        assert one.spreads == 0.0
        assert one.gross == pytest.approx(one.middle, abs=1.0)


def test_a_planted_drift_is_noticed():
    """The self-test can fail: two percent a day for every stock is an edge, and 60 seeds show it."""
    with pytest.raises(AssertionError):
        assert_earns_nothing(trades(QUICK, drifting(2.0)))


def test_most_fair_trades_end_at_the_target_as_the_arithmetic_says():
    """30 / 38 would without an end of the day; with one, 55 to 80 %."""
    reasons = [one.reason for one in trades(QUICK, fair())]
    assert 0.55 < reasons.count("target") / QUICK < 0.85
    assert set(reasons) == {"target", "stop", "time"}


@pytest.mark.nightly
def test_a_thousand_fair_days_earn_nothing_on_average():
    outcomes = trades(1000, fair())
    mean = mean_of([one.gross for one in outcomes])
    assert_earns_nothing(outcomes)
    assert mean.high - mean.low < 2.2
    assert mean.low < 0.0 < mean.high


@pytest.mark.nightly
def test_a_thousand_days_with_spread_and_charges_lose_what_theory_says():
    outcomes = trades(1000, fair(spread=True))
    assert_loses_its_costs(outcomes)
    assert mean_of([one.gross - one.charges for one in outcomes]).high < 0.0
