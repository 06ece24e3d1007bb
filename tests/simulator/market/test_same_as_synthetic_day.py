"""What a server shows of a market day is what the synthetic day brings, to the paisa and the millisecond."""

from __future__ import annotations

from datetime import date

import pytest

from ninefifteen.domain.events import Chains, Quote, StockTicks
from ninefifteen.domain.market import ChainFacts
from ninefifteen.simulator.market import MarketDay
from ninefifteen.simulator.synthetic import SyntheticDay, fair
from tests.simulator.market.market_days import (
    DAY,
    EXPIRY,
    FACTS,
    changes,
    clock,
    day,
    near_the_money,
    options_of,
)
from tests.simulator.synthetic_facts import facts_of

SCAN = clock(9, 14)


def brought(source: SyntheticDay, until: int | None = None) -> list[object]:
    found: list[object] = []
    while (due := source.next_at()) is not None and (until is None or due < until):
        found.append(source.pop())
    return found


def shown(market: MarketDay, until: int | None = None) -> list[Quote | None]:
    return [market.quote(change.token, change.at) for change in changes(market, until)]


def chain(source: SyntheticDay, symbol: str, expiry: date = EXPIRY) -> ChainFacts:
    source.ask_chains(SCAN, (symbol,), expiry)
    answer = source.pop()
    assert isinstance(answer, Chains)
    return answer.chains[0]


@pytest.mark.parametrize("seed", [7, 8, 41])
@pytest.mark.parametrize(("root", "away"), [("RELIANCE", 0), ("TATASTEEL", 4), ("TECHM", -3), ("GRASIM", 12)])
def test_a_calls_changes_are_the_synthetic_days_quotes(seed, root, away):
    market, source = day(seed), SyntheticDay(seed, FACTS)
    call = near_the_money(market, root, away=away)
    market.watch((call.token,), SCAN)
    source.subscribe(SCAN, (call.label,))
    assert shown(market) == brought(source)


def test_several_calls_come_in_the_same_order_and_a_late_watcher_misses_what_was_before():
    market, source = day(), SyntheticDay(7, FACTS)
    calls = [one for root in ("TCS", "BSE", "ITC", "ONGC") for one in options_of(market, root, "CE")[5:20]]
    late = clock(11, 30) + 77_000_000
    market.watch([one.token for one in calls], late)
    source.subscribe(late, tuple(one.label for one in calls))
    until = clock(11, 31)
    assert shown(market, until) == brought(source, until)


def test_without_spreads_the_quotes_are_the_same_too():
    market, source = MarketDay(3, FACTS, fair()), SyntheticDay(3, FACTS, fair())
    call = near_the_money(market, "TCS")
    market.watch((call.token,), SCAN)
    source.subscribe(SCAN, (call.label,))
    until = clock(9, 30)
    assert shown(market, until) == brought(source, until)
    assert market.snapshot(call.token, until).bids[1:] == ((0, 0, 0),) * 4


def test_a_quote_is_known_between_two_changes_and_the_snapshot_shows_the_same_book():
    market, source = day(), SyntheticDay(7, FACTS)
    call = near_the_money(market, "TECHM", away=2)
    source.subscribe(SCAN, (call.label,))
    quotes = [event for event in brought(source, clock(9, 40)) if isinstance(event, Quote)]
    assert market.quote(call.token, quotes[0].at - 1) is None
    for quote, after in zip(quotes[::50], quotes[1::50], strict=False):
        between = (quote.at + after.at) // 2
        assert market.quote(call.token, quote.at) == market.quote(call.token, between) == quote
        snapshot = market.snapshot(call.token, between)
        assert snapshot.at == quote.exchange_at
        assert [level[:2] for level in snapshot.bids if level[0]] == both(
            quote.bid, quote.bid_quantity, quote.more_bids
        )
        assert [level[:2] for level in snapshot.asks if level[0]] == both(
            quote.ask, quote.ask_quantity, quote.more_asks
        )
        assert snapshot.last == (quote.last or snapshot.close)


def both(price: int, quantity: int, more: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    return [(price, quantity), *more] if price else []


def test_after_the_close_the_last_quote_stands():
    market, source = day(), SyntheticDay(7, FACTS)
    call = near_the_money(market, "TCS")
    source.subscribe(clock(15, 30), (call.label,))
    assert market.quote(call.token, clock(15, 45)) == brought(source)[-1]


def test_shares_show_the_synthetic_days_stock_ticks():
    close = clock(15, 15)
    market = MarketDay(7, FACTS, stocks_close_at=close)
    source = SyntheticDay(7, FACTS, stocks_close_at=close)
    source.subscribe_stocks(SCAN)
    tokens = [market.by_key[f"NSE:{symbol}"].token for symbol in FACTS.universe]
    for tick in brought(source):
        assert isinstance(tick, StockTicks)
        seen = [market.snapshot(token, tick.at) for token in tokens]
        assert tuple(one.last for one in seen) == tick.prices
        assert {one.at for one in seen} == {tick.exchange_at}


def test_opening_prices_and_previous_closes_are_those_of_the_pre_open():
    market, source = day(), SyntheticDay(7, FACTS)
    source.ask_pre_open(SCAN)
    rows = source.pop().rows  # type: ignore[union-attr]
    for row in rows:
        seen = market.snapshot(market.by_key[f"NSE:{row.symbol}"].token, SCAN)
        assert (seen.last, seen.open, seen.close) == (row.price, row.price, row.prev_close)


@pytest.mark.parametrize("root", ["RELIANCE", "GRASIM", "ITC"])
@pytest.mark.parametrize("seed", [7, 12])
def test_yesterdays_candles_hold_the_chains_figures(seed, root):
    market, source = day(seed), SyntheticDay(seed, FACTS)
    facts = chain(source, root)
    calls = options_of(market, root, "CE")
    assert [one.label for one in calls] == [row.name for row in facts.calls]
    for one, row in zip(calls, facts.calls, strict=True):
        (candle,) = market.candles(one.token, "day", 0, clock(9, 10))
        assert (candle.close, candle.volume, candle.oi) == (row.price, row.volume, row.oi)
        seen = market.snapshot(one.token, clock(8, 45))
        assert (seen.last, seen.volume, seen.oi) == (row.price, row.volume, row.oi)
    puts = [market.snapshot(one.token, SCAN) for one in options_of(market, root, "PE")]
    assert sum(one.oi for one in puts) == facts.put_oi


def test_the_next_expirys_chain_is_there_too():
    market, source = day(), SyntheticDay(7, FACTS)
    later = max(one.expiry for one in market.listed if one.expiry)
    facts = chain(source, "TCS", later)
    assert [one.label for one in options_of(market, "TCS", "CE", later)] == [row.name for row in facts.calls]
    puts = [market.snapshot(one.token, SCAN).oi for one in options_of(market, "TCS", "PE", later)]
    assert sum(puts) == facts.put_oi


def test_another_date_gives_another_market():
    assert facts_of(date(2026, 11, 23)).date != DAY
    other = MarketDay(7, facts_of(date(2026, 11, 23)))
    assert other.snapshot(other.by_key["NSE:TCS"].token, 0) != day().snapshot(
        day().by_key["NSE:TCS"].token, 0
    )
