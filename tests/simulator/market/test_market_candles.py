"""Candles of a market day hold what was seen in them, and no history is invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ninefifteen.domain.instants import MINUTE, SECOND, midnight
from ninefifteen.errors import BadInput
from tests.simulator.market.market_days import (
    DAY,
    FACTS,
    MARKET,
    NIFTY,
    TCS,
    clock,
    each,
    near_the_money,
)

# ------------------------------------------------------------------------------------------------ candles


@pytest.mark.parametrize(
    ("interval", "count"),
    [("minute", 385), ("3minute", 129), ("5minute", 77), ("10minute", 39), ("15minute", 26), ("30minute", 13),
     ("60minute", 7)],
)  # fmt: skip
def test_a_shares_day_is_full_of_candles(interval, count):
    found = MARKET.candles(TCS.token, interval, FACTS.open_at, clock(16, 0))
    assert len(found) == count == -(-(FACTS.close_at - FACTS.open_at) // MINUTE // minutes(interval))
    assert found[0].open == MARKET.snapshot(TCS.token, clock(9, 14)).last
    assert found[-1].close == MARKET.snapshot(TCS.token, clock(15, 50)).last
    assert sum(c.volume for c in found) == MARKET.snapshot(TCS.token, clock(15, 50)).volume


def minutes(interval: str) -> int:
    return int(interval.removesuffix("minute") or "1")


@each
def test_minutes_hold_what_was_seen_in_them(one):
    (candle,) = MARKET.candles(one.token, "minute", clock(10, 0), clock(10, 1)) or (None,)
    delivered = [clock(10, 0) + n * SECOND + 500_000_000 for n in range(60)]
    seen = [MARKET.snapshot(one.token, when) for when in delivered]
    before = MARKET.snapshot(one.token, delivered[0] - SECOND)
    if candle is None:
        assert seen[-1].volume == before.volume
        return
    lasts = [s.last for s in seen if s.last_trade_at >= clock(10, 0)]
    assert candle[:5] == (clock(10, 0), lasts[0], max(lasts), min(lasts), lasts[-1])
    assert candle.volume == seen[-1].volume - before.volume


def test_a_candle_is_there_once_it_is_over():
    ask: Callable[..., tuple[object, ...]] = MARKET.candles
    start = clock(9, 15)
    assert ask(TCS.token, "5minute", start, clock(9, 19, 59)) == ()
    assert len(ask(TCS.token, "5minute", start, clock(9, 20))) == 1
    assert len(ask(TCS.token, "5minute", start, start, now=clock(9, 20))) == 1
    assert ask(TCS.token, "5minute", start, clock(15, 30), now=clock(9, 19)) == ()


def test_the_days_candle_comes_at_the_close_and_yesterdays_is_always_there():
    option = near_the_money(MARKET, "TCS", "PE")
    for one in (option, TCS, NIFTY):
        before = MARKET.candles(one.token, "day", 0, clock(15, 0))
        assert [c.at for c in before] == [midnight(FACTS.previous_day)]
        assert before[0].close == MARKET.snapshot(one.token, clock(9, 0)).last
        after = MARKET.candles(one.token, "day", 0, clock(16, 0))
        assert [c.at for c in after] == [midnight(FACTS.previous_day), midnight(DAY)]
        final = MARKET.snapshot(one.token, clock(16, 0))
        assert after[1][1:] == (final.open, final.high, final.low, final.last, final.volume, final.oi)
        assert MARKET.candles(one.token, "day", 0, midnight(FACTS.previous_day) - 1) == ()


def test_there_is_no_invented_history():
    earlier = midnight(FACTS.previous_day - timedelta(days=300))
    assert MARKET.candles(TCS.token, "minute", earlier, midnight(DAY)) == ()


def test_an_unknown_interval_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match="no candles of 'hour': choose one of minute, 3minute"):
        MARKET.candles(TCS.token, "hour", 0, clock(16, 0))


def test_an_option_without_a_trade_in_a_minute_has_no_candle_of_it():
    thin = near_the_money(MARKET, "GRASIM", "PE", -9)
    found = MARKET.candles(thin.token, "minute", FACTS.open_at, clock(16, 0))
    assert 0 < len(found) < 385
    assert all(candle.volume > 0 for candle in found)


def test_an_option_that_never_trades_has_no_candle():
    options = [o for o in MARKET.listed if o.root == "GRASIM" and o.expiry]
    idle = [o for o in options[:80] if not MARKET.snapshot(o.token, clock(16, 0)).volume]
    for one in idle:
        assert MARKET.candles(one.token, "minute", FACTS.open_at, clock(16, 0)) == ()
        assert len(MARKET.candles(one.token, "day", 0, clock(16, 0))) == 1
