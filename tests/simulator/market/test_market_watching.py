"""Changes of a market day come in time order, the same for everybody, within limits of memory."""

from __future__ import annotations

import time as time_module

import pytest

from ninefifteen.domain.instants import SECOND
from ninefifteen.simulator.market import MarketDay, Snapshot
from tests.simulator.market.market_days import (
    FACTS,
    MARKET,
    SAMPLED,
    TCS,
    changes,
    clock,
    day,
    near_the_money,
    options_of,
)

# ---------------------------------------------------------------------------------------------- watching


def story(market: MarketDay, until: int) -> list[tuple[int, int, Snapshot]]:
    return [(c.at, c.token, market.snapshot(c.token, c.at)) for c in changes(market, until)]


def test_what_is_seen_does_not_depend_on_who_watches_when_or_in_which_order():
    tokens = [one.token for one in SAMPLED]
    together, backwards, narrow = day(), day(), day(memory=1)
    for market, asked in ((together, tokens), (backwards, tokens[::-1]), (narrow, tokens)):
        market.watch(asked, clock(9, 0))
    while backwards.prepare(clock(9, 0)):
        pass
    until = clock(9, 31)
    whole = story(together, until)
    assert story(backwards, until) == whole
    assert story(narrow, until) == whole
    late = day()
    for n, token in enumerate(tokens):
        late.watch((token,), clock(9, 15) + n * 3 * SECOND)
    since = clock(9, 20)
    assert [row for row in story(late, until) if row[0] > since] == [row for row in whole if row[0] > since]


def test_every_share_changes_once_a_second_and_once_for_the_auction():
    market = day()
    market.watch((TCS.token,), clock(9, 0))
    times = [change.at for change in changes(market)]
    assert times[0] == FACTS.preopen_final_at + 30_000_000
    assert times[1:] == [FACTS.open_at + n * SECOND + 30_000_000 for n in range(len(times) - 1)]
    assert len(times) == 1 + (FACTS.close_at - FACTS.open_at) // SECOND
    with pytest.raises(IndexError, match="nothing that is watched"):
        market.pop()


def test_watching_twice_brings_every_change_once_and_unwatching_none():
    market = day()
    option = near_the_money(MARKET, "RELIANCE")
    market.watch((option.token, TCS.token, option.token), clock(9, 20))
    market.watch((option.token,), clock(9, 20))
    found = [change.token for change in changes(market, clock(9, 20, 2))]
    assert sorted(found) == sorted([option.token, TCS.token] * 2)
    market.unwatch((TCS.token, 1))
    assert {change.token for change in changes(market, clock(9, 20, 4))} == {option.token}
    market.watch((TCS.token,), clock(9, 20, 4))
    assert [change.token for change in changes(market, clock(9, 20, 5))].count(TCS.token) == 1
    market.unwatch((TCS.token, option.token))
    assert market.next_at() is None


def test_changes_come_in_time_order_while_the_watched_set_changes():
    market = day()
    puts = [one.token for one in options_of(MARKET, "GRASIM", "PE")]
    market.watch(puts[:10], clock(9, 14))
    seen = [change.at for change in changes(market, clock(9, 15, 30))]
    market.watch(puts, clock(9, 15, 30))
    market.unwatch(puts[3:6])
    seen += [change.at for change in changes(market, clock(9, 16))]
    assert seen == sorted(seen)


def test_watching_after_the_close_brings_nothing():
    market = day()
    market.watch([one.token for one in SAMPLED], clock(15, 45))
    assert market.next_at() is None
    assert not market.prepare(clock(15, 45))


# -------------------------------------------------------------------------------------------- memory, work


def test_preparing_makes_every_watched_tape_once_and_then_has_nothing_to_do():
    market = day()
    market.watch([one.token for one in SAMPLED], clock(9, 0))
    rounds = sum(1 for _ in iter(lambda: market.prepare(clock(9, 0)), False))
    assert rounds == len(SAMPLED)
    assert market.memory > 0
    assert not market.prepare(clock(9, 30))


def test_with_little_memory_stretches_are_short_and_made_anew_in_time():
    market = day(memory=3_000_000)
    tokens = [one.token for one in options_of(MARKET, "RELIANCE", "CE")]
    market.watch(tokens, clock(9, 0))
    for one in MARKET.listed[60:160]:
        market.snapshot(one.token, clock(9, 30))
    while market.prepare(clock(9, 15)):
        pass
    assert 0 < market.memory < 6_000_000
    assert market.prepare(clock(9, 30))


def test_watching_many_shortens_what_was_kept_for_few():
    market = day(memory=8_000_000)
    few = [one.token for one in MARKET.listed if one.kind == "PE"][:100]
    market.watch(few, clock(9, 0))
    while market.prepare(clock(9, 14)):
        pass
    before = market.memory
    until = clock(9, 15, 10)
    told = story(market, until)
    many = [one.token for one in MARKET.listed if one.kind == "CE"][:600]
    market.watch(many, until)
    assert market.memory < before / 2
    market.unwatch(many)
    rest = story(market, clock(9, 15, 11))
    alone = day()
    alone.watch(few, clock(9, 0))
    assert told + rest == story(alone, clock(9, 15, 11))


def test_thousands_can_be_watched_before_the_open_without_any_work(capsys):
    """How fast it is depends on the machine: it is printed; that no tape is made early is asserted."""
    market = day()
    began = time_module.perf_counter()
    market.watch(list(market.by_token)[:3000], clock(9, 0))
    for token in list(market.by_token)[:3000]:
        market.snapshot(token, clock(9, 5))
    auction = sum(1 for _ in changes(market, FACTS.open_at))
    with capsys.disabled():
        print(f" 3,000 watched and looked at in {time_module.perf_counter() - began:.2f} s", end=" ")
    assert auction == len([one for one in market.listed if one.exchange == "NSE"])
    assert market.memory == 0


def test_preparing_before_the_open_leaves_quick_snapshots(capsys):
    market = day()
    market.watch(list(market.by_token)[:150], clock(9, 0))
    while market.prepare(clock(9, 0)):
        pass
    prepared = market.memory
    list(changes(market, clock(9, 15)))
    began = time_module.perf_counter()
    told = story(market, clock(9, 15, 20))
    each_us = (time_module.perf_counter() - began) / len(told) * 1e6
    with capsys.disabled():
        print(f" a change with its snapshot takes {each_us:.1f} us", end=" ")
    assert len(told) > 2000
    assert market.memory == prepared
