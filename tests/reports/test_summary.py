"""The figures of a run of days, by the formulas that scripts rely on, worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.charges import Charges
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord, Trade
from ninefifteen.reports.summary import Summary, max_drawdown, sharpe, summarise, wilson
from tests.adapters.journal_days import UNITS, record, trade
from tests.simulator.synthetic_facts import facts_of

change = msgspec.structs.replace
DAY = date(2026, 11, 16)
RUPEE = 100
FREE = Charges(brokerage=0, stt=0, exchange=0, sebi=0, stamp=0, gst=0, total=0)


def earning(rupees: int, *, delay: int = 0, spent: int = 0, ambiguous: bool = False) -> Trade:
    """A trade of one unit bought for Rs 1,000 that earns so many rupees before charges of `spent` rupees."""
    paid = 1000 * RUPEE
    return change(
        trade(), quantity=1, entry=paid, buy_value=paid, exit=paid + rupees * RUPEE,
        sell_value=paid + rupees * RUPEE, entry_delay=delay, ambiguous=ambiguous, target=paid + 80 * RUPEE,
        charges=change(FREE, total=spent * RUPEE * UNITS),
    )  # fmt: skip


def day_with(number: int, *trades: Trade, status: str | None = None) -> tuple[DayFacts, DayRecord]:
    """A day of a run."""
    known = status or ("traded" if trades else "no_trade")
    reason = None if trades else "no_candidate"
    return facts_of(DAY), change(
        record(), date=DAY + timedelta(days=number), status=known, reason=reason, trades=trades
    )


def summary_of(*results: int | None, streak_limit: int = 4) -> Summary:
    """Days that earn these rupees; None is a day without a trade."""
    days = [day_with(n, *([] if one is None else [earning(one)])) for n, one in enumerate(results)]
    return summarise(days, capital=Decimal(1000), slippage=Decimal(0), streak_limit=streak_limit)


def test_sums_rates_and_expectancy() -> None:
    found = summary_of(80, -20, None, -10, 50)
    assert (found.trades, found.wins, found.net, found.charges) == (4, 2, "100.0000", "0.0000")
    assert (found.expectancy, found.win_rate) == ("25.0000", 0.5)
    assert found.profit_factor == pytest.approx(130 / 30)
    assert (found.traded_days, found.no_trade_days, found.no_data_days) == (4, 1, 0)
    assert found.longest_loss_streak == 2, "a day without a trade does not end a streak"


def test_charges_are_taken_from_the_net_and_a_win_is_what_is_left() -> None:
    days = [day_with(0, earning(10, spent=10)), day_with(1, earning(10, spent=9))]
    found = summarise(days, capital=Decimal(1000), slippage=Decimal(0), streak_limit=4)
    assert (found.wins, found.net, found.charges) == (1, "1.0000", "19.0000")


def test_without_a_trade_what_does_not_exist_is_none() -> None:
    found = summary_of(None, None)
    assert (found.win_rate, found.win_rate_low, found.win_rate_high, found.expectancy) == (None,) * 4
    assert (found.profit_factor, found.sharpe, found.max_drawdown) == (None, None, 0.0)
    assert found.net == "0.0000"


def test_without_a_loss_there_is_no_profit_factor() -> None:
    assert summary_of(5, 0, 5).profit_factor is None


def test_the_drawdown_is_the_deepest_fall_from_the_peak_of_capital_and_net() -> None:
    """1000, 1100, 990, 1200, 1080: first 10 % (110 of 1100), then 10 % (120 of 1200)."""
    assert summary_of(100, -110, 210, -120).max_drawdown == pytest.approx(0.1)
    assert summary_of(-100).max_drawdown == pytest.approx(0.1)
    assert summary_of(10, 20).max_drawdown == 0


def test_the_sharpe_ratio_counts_days_without_a_trade_and_leaves_out_days_without_data() -> None:
    daily = [30.0, 0.0, -10.0]
    middle = sum(daily) / 3
    deviation = sqrt(sum((one - middle) ** 2 for one in daily) / 2)
    found = summary_of(30, None, -10).sharpe
    assert found == pytest.approx(middle / deviation * sqrt(252))
    days = [day_with(0, earning(30)), day_with(1), day_with(2, earning(-10)), day_with(3, status="no_data")]
    assert summarise(days, capital=Decimal(1000), slippage=Decimal(0), streak_limit=4).sharpe == found


def test_the_sharpe_ratio_needs_two_days_that_differ() -> None:
    assert summary_of(30).sharpe is None
    assert sharpe([]) is None
    assert sharpe([1.0, 1.0]) is None


def test_the_interval_of_the_win_rate_is_wilson_s() -> None:
    """27 of 50: the example worked out by hand in many a textbook."""
    low, high = wilson(27, 50)
    assert low == pytest.approx(0.4040, abs=5e-4)
    assert high == pytest.approx(0.6703, abs=5e-4)
    assert wilson(0, 0) == (None, None)


@given(trades=st.integers(1, 500), share=st.floats(0, 1))
def test_the_interval_holds_the_rate_and_stays_a_share(trades: int, share: float) -> None:
    wins = round(share * trades)
    low, high = wilson(wins, trades)
    assert low is not None
    assert high is not None
    assert -1e-12 <= low <= wins / trades + 1e-12
    assert wins / trades - 1e-12 <= high <= 1 + 1e-12


@given(nets=st.lists(st.integers(-(10**15), 10**15), max_size=30))
def test_a_drawdown_is_never_negative_and_none_without_a_loss(nets: list[int]) -> None:
    found = max_drawdown(Decimal(100000), nets)
    assert found >= 0
    if all(net >= 0 for net in nets):
        assert found == 0


@pytest.mark.parametrize(
    ("results", "streak", "paused"),
    [((-1, -1, -1, 5, -1), 3, 0), ((-1, -1, -1, -1, -1, -1), 6, 2), ((-1,) * 4 + (5, -1), 4, 1)],
)
def test_losses_in_a_row_and_the_days_they_would_have_paused(
    results: tuple[int, ...], streak: int, paused: int
) -> None:
    found = summary_of(*results)
    assert (found.longest_loss_streak, found.days_paused_by_streak) == (streak, paused)


def test_trades_entered_within_a_minute_are_counted_for_themselves() -> None:
    days = [
        day_with(0, earning(10, delay=60 * SECOND)),
        day_with(1, earning(-3, delay=0)),
        day_with(2, earning(50, delay=61 * SECOND)),
    ]
    found = summarise(days, capital=Decimal(1000), slippage=Decimal(0), streak_limit=4)
    assert (found.prompt_trades, found.prompt_wins, found.prompt_net) == (2, 1, "7.0000")


def test_bars_that_hold_both_levels_are_also_reckoned_as_targets() -> None:
    """A stop of Rs -300 whose target of Rs +80 was touched too, with the charges of that exit."""
    days = [day_with(0, earning(-300, ambiguous=True)), day_with(1, earning(10))]
    found = summarise(days, capital=Decimal(1000), slippage=Decimal(0), streak_limit=4)
    assert (found.ambiguous_days, found.net) == (1, "-290.0000")
    assert 0 < float(found.net_ambiguous_as_target) < 90
    worse = summarise(days, capital=Decimal(1000), slippage=Decimal(1), streak_limit=4)
    assert float(worse.net_ambiguous_as_target) < float(found.net_ambiguous_as_target)
