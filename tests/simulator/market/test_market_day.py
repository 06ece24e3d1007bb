"""A market day can be listed and looked at; every figure fits every other."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput
from ninefifteen.simulator.market import Listed, MarketDay, Snapshot
from tests.simulator.market.market_days import (
    DAY,
    EXPIRY,
    FACTS,
    MARKET,
    NIFTY,
    OLD_CLOSE,
    SAMPLED,
    TCS,
    clock,
    day,
    each,
    near_the_money,
    options_of,
)

# ------------------------------------------------------------------------------------------------ listing


def test_tokens_hold_the_exchange_token_and_the_segment_and_no_two_are_equal():
    segments = {"NSE": 1, "NFO-OPT": 2, "INDICES": 9}
    for one in MARKET.listed:
        assert one.token == one.exchange_token << 8 | segments[one.segment]
    assert len(MARKET.by_token) == len(MARKET.by_key) == len(MARKET.listed)
    assert max(MARKET.by_token) < 2**32
    assert (NIFTY.token, NIFTY.tick, NIFTY.lot_size) == (256265, 0, 0)


def test_symbols_are_written_as_the_broker_writes_them():
    assert "NFO:RELIANCE26OCT1300CE" in MARKET.by_key
    half = next(one for one in options_of(MARKET, "ITC", "PE") if one.strike % 100)
    assert half.symbol == f"ITC26OCT{half.strike // 100}.5PE"
    assert half.label == f"ITC {EXPIRY} {half.strike // 100}.5 PE"
    assert half.key == f"NFO:{half.symbol}"


def test_everything_of_the_day_is_listed():
    kinds = [one.kind for one in MARKET.listed]
    assert kinds.count("EQ") == len(FACTS.universe) == 50
    assert kinds.count("CE") == kinds.count("PE") > 3000
    assert [one.symbol for one in MARKET.listed if one.kind == "INDEX"] == [
        "NIFTY 50",
        "NIFTY BANK",
        "NIFTY IT",
    ]
    assert len({one.expiry for one in MARKET.listed if one.kind == "CE"}) == 2


def test_option_tokens_mean_nothing_on_another_day_and_share_tokens_stay():
    other = day(8)
    assert other.by_key["NSE:TCS"].token == TCS.token
    assert any(
        other.by_token[one.token].symbol != one.symbol for one in MARKET.listed if one.token in other.by_token
    )


def test_a_small_universe_has_the_indices_it_can_have():
    alone = MarketDay(7, msgspec.structs.replace(FACTS, universe=("ITC",)))
    assert [one.symbol for one in alone.listed if one.exchange == "NSE"] == ["NIFTY 50", "ITC"]


def test_an_invented_day_must_say_that_it_is_one():
    with pytest.raises(BadInput, match="not marked synthetic"):
        MarketDay(7, msgspec.structs.replace(FACTS, synthetic=False))


def test_two_expiries_in_one_month_would_share_their_symbols():
    with pytest.raises(BadInput, match="two expiries in one month: 2026-10-05, 2026-10-27"):
        MarketDay(7, FACTS, expiries=(date(2026, 10, 5), EXPIRY))


def test_an_unknown_token_is_no_instrument():
    for ask in (MARKET.snapshot, MARKET.quote):
        with pytest.raises(KeyError):
            ask(1, clock(10, 0))


# ---------------------------------------------------------------------------------------- before the open


@each
@pytest.mark.parametrize("when", [clock(0, 0), clock(8, 59), clock(9, 5)])
def test_early_in_the_morning_everything_shows_yesterday(one, when):
    seen = MARKET.snapshot(one.token, when)
    assert seen.at == OLD_CLOSE
    assert seen.last == seen.close
    assert not seen.last or OLD_CLOSE - 10 * SECOND <= seen.last_trade_at < OLD_CLOSE
    assert not any(level[0] for level in (*seen.bids, *seen.asks))
    assert MARKET.quote(one.token, when) is None


def test_an_option_that_did_not_trade_yesterday_has_no_price_and_no_last_trade():
    untraded = [o for o in MARKET.listed if o.expiry and not MARKET.snapshot(o.token, clock(9, 0)).volume]
    assert untraded
    for one in untraded:
        seen = MARKET.snapshot(one.token, clock(9, 0))
        assert (seen.last, seen.close, seen.last_trade_at) == (0, 0, 0)


def test_the_auction_shows_one_trade_at_the_opening_price():
    before = MARKET.snapshot(TCS.token, FACTS.preopen_final_at)
    after = MARKET.snapshot(TCS.token, FACTS.preopen_final_at + SECOND)
    assert before.at == OLD_CLOSE
    assert after.at == after.last_trade_at == FACTS.preopen_final_at
    assert after.last == after.open == after.high == after.low == after.average
    assert after.volume == after.last_quantity > 0
    assert MARKET.snapshot(TCS.token, clock(9, 14, 59)) == after
    assert MARKET.snapshot(TCS.token, clock(9, 15, 1)).volume > after.volume


def test_options_show_yesterday_until_their_first_quote():
    option = near_the_money(MARKET, "RELIANCE", "PE")
    market = day()
    market.watch((option.token,), clock(9, 0))
    first = market.next_at()
    assert first is not None
    assert FACTS.open_at < first < FACTS.open_at + 30 * SECOND
    assert market.snapshot(option.token, first - 1).at == OLD_CLOSE
    seen = market.snapshot(option.token, first)
    assert seen.at >= FACTS.open_at
    assert seen.bought or seen.sold


def test_an_option_quoted_and_not_yet_traded_shows_yesterdays_price_and_nothing_of_today():
    thin = [one for one in options_of(MARKET, "GRASIM", "PE") if MARKET.quote(one.token, clock(9, 15, 30))]
    waiting = [s for s in (MARKET.snapshot(one.token, clock(9, 15, 30)) for one in thin) if not s.volume]
    assert waiting
    for seen in waiting:
        assert seen.last == seen.close
        assert (seen.open, seen.high, seen.low, seen.average, seen.last_quantity) == (0, 0, 0, 0, 0)
        assert seen.last_trade_at < FACTS.open_at


# --------------------------------------------------------------------------------------------- in the day


@settings(max_examples=250, deadline=None)
@given(one=st.sampled_from(SAMPLED), second=st.integers(-3600, 25_000), ms=st.integers(0, 999))
def test_every_snapshot_agrees_with_itself(one: Listed, second: int, ms: int):
    when = FACTS.open_at + second * SECOND + ms * 1_000_000
    seen = MARKET.snapshot(one.token, when)
    assert seen.at < when
    assert seen.at % SECOND == 0
    assert seen.last_trade_at <= seen.at
    assert (seen.lower_circuit, seen.upper_circuit) == (one.band_low, one.band_high)
    assert seen.oi_low <= seen.oi <= seen.oi_high
    if seen.high:
        assert seen.low <= min(seen.open, seen.last) <= max(seen.open, seen.last) <= seen.high
        assert not seen.volume or seen.low <= seen.average <= seen.high
    if one.kind == "INDEX":
        assert (seen.volume, seen.bought, seen.sold) == (0, 0, 0)
        return
    assert one.band_low <= seen.last <= one.band_high or not seen.volume or seen.last == seen.close
    assert all(value % one.lot_size == 0 for value in (seen.volume, seen.last_quantity, seen.oi))
    a_book(seen, one)


def a_book(seen: Snapshot, one: Listed) -> None:
    bids, asks = ([level for level in side if level[0]] for side in (seen.bids, seen.asks))
    assert len(seen.bids) == len(seen.asks) == 5
    assert sum(level[1] for level in bids) == seen.bought
    assert sum(level[1] for level in asks) == seen.sold
    prices = [level[0] for level in bids[::-1] + asks]
    assert prices == sorted(set(prices))
    for price, quantity, orders in bids + asks:
        assert price % one.tick == quantity % one.lot_size == 0
        assert quantity >= orders >= 1
    assert all(level == (0, 0, 0) for level in (*seen.bids[len(bids) :], *seen.asks[len(asks) :]))


@each
def test_as_time_goes_by_totals_grow_and_open_interest_creeps(one):
    seen = [MARKET.snapshot(one.token, FACTS.open_at + n * 97 * SECOND) for n in range(1, 250)]
    for before, after in pairwise(seen):
        assert before.at <= after.at
        assert before.last_trade_at <= after.last_trade_at
        assert before.volume <= after.volume
        assert before.high <= after.high
        assert not before.low or before.low >= after.low
        assert not before.open or before.open == after.open
    for earlier, before, after in zip(seen, seen[1:], seen[2:], strict=False):
        assert abs(after.oi - before.oi) <= after.volume - earlier.volume
    if one.kind != "INDEX":
        assert seen[-1].volume > 0
    if one.expiry:
        early = MARKET.snapshot(one.token, clock(9, 15, 50))
        assert early.oi == MARKET.snapshot(one.token, clock(9, 0)).oi


@pytest.mark.parametrize("one", [o for o in SAMPLED if o.kind != "INDEX"], ids=lambda one: one.symbol)
def test_the_last_price_is_a_price_of_the_book_it_was_made_in(one):
    """A trade happens at the bid or at the ask of its second."""
    checked = 0
    for n in range(5, 23_000, 61):
        seen = MARKET.snapshot(one.token, FACTS.open_at + n * SECOND + 900_000_000)
        if seen.last_trade_at == seen.at and seen.volume:
            assert seen.last in (seen.bids[0][0], seen.asks[0][0])
            checked += 1
    assert checked > 3


def test_calls_and_puts_of_one_strike_hold_parity():
    """Call less put is the share less the discounted strike, within their spreads."""
    for root in ("RELIANCE", "KOTAKBANK", "TECHM"):
        call, put = near_the_money(MARKET, root), near_the_money(MARKET, root, "PE")
        years = max(1, (EXPIRY - DAY).days) / 365
        for n in range(600, 22_000, 1700):
            when = FACTS.open_at + n * SECOND + 900_000_000
            c, p = MARKET.snapshot(call.token, when), MARKET.snapshot(put.token, when)
            if not all(side[0][0] for side in (c.bids, c.asks, p.bids, p.asks)):
                continue
            middle = (c.bids[0][0] + c.asks[0][0] - p.bids[0][0] - p.asks[0][0]) / 2
            room = (c.asks[0][0] - c.bids[0][0] + p.asks[0][0] - p.bids[0][0]) / 2 + 2 * call.tick
            share = MARKET.snapshot(MARKET.by_key[f"NSE:{root}"].token, when).last
            assert abs(middle - (share - call.strike * 2.718281828 ** (-0.065 * years))) <= room


def test_an_index_is_between_its_members_moves():
    for when in (clock(9, 14), clock(9, 16), clock(12, 0), clock(15, 40)):
        seen = MARKET.snapshot(NIFTY.token, when)
        shares = [MARKET.snapshot(one.token, when) for one in MARKET.listed if one.kind == "EQ"]
        moves = [one.last / one.close for one in shares]
        assert min(moves) < seen.last / seen.close < max(moves)


@each
def test_after_the_close_the_book_is_empty_and_nothing_changes_any_more(one):
    late, later = (MARKET.snapshot(one.token, when) for when in (clock(15, 50), clock(20, 0)))
    assert late == later
    assert not late.bought
    assert not late.sold
    assert late.volume == sum(
        c.volume for c in MARKET.candles(one.token, "minute", FACTS.open_at, clock(16, 0))
    )
