"""A synthetic day answers questions and brings market data like any other source."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

import msgspec
import pytest

from ninefifteen.domain.events import Chains, Event, PreOpen, Quote, StockTicks
from ninefifteen.domain.instants import SECOND, at
from ninefifteen.errors import BadInput
from ninefifteen.simulator.synthetic import SyntheticDay, SyntheticOptions, default_options, fair
from tests.simulator.synthetic_facts import facts_of

DAY = date(2026, 10, 6)
SCAN = at(DAY, time(9, 14))
FACTS = facts_of(DAY)
EXPIRY: date = FACTS.expiry


def day(seed: int = 7, options: SyntheticOptions | None = None) -> SyntheticDay:
    return SyntheticDay(seed, FACTS, options)


def drained(source: SyntheticDay, until: int | None = None) -> list[Event]:
    """The events up to `until`, in the order they come."""
    events: list[Event] = []
    while (due := source.next_at()) is not None and (until is None or due < until):
        event = source.pop()
        assert event.at == due
        events.append(event)
    return events


def pre_open(source: SyntheticDay, when: int) -> PreOpen:
    source.ask_pre_open(when)
    answer = source.pop()
    assert isinstance(answer, PreOpen)
    return answer


def chains(source: SyntheticDay, *symbols: str, expiry: date = EXPIRY) -> Chains:
    source.ask_chains(SCAN, symbols, expiry)
    answer = source.pop()
    assert isinstance(answer, Chains)
    return answer


def near_the_money(source: SyntheticDay, symbol: str) -> str:
    price = next(row.price for row in pre_open(source, SCAN).rows if row.symbol == symbol)
    calls = chains(source, symbol).chains[0].calls
    return min(calls, key=lambda call: abs(call.strike - price)).name


def quotes(source: SyntheticDay, *names: str) -> list[Quote]:
    source.subscribe(SCAN, names)
    return [event for event in drained(source) if isinstance(event, Quote)]


def test_nothing_is_due_before_anything_is_asked():
    assert day().next_at() is None


def test_the_same_seed_gives_the_same_day_and_another_seed_another():
    def story(seed: int) -> list[bytes]:
        source = day(seed)
        name = near_the_money(source, "RELIANCE")
        source.subscribe_stocks(SCAN)
        source.subscribe(SCAN, (name,))
        return [msgspec.json.encode(event) for event in drained(source)]

    assert story(7) == story(7)
    assert story(7) != story(8)


def test_a_contract_is_quoted_the_same_whatever_else_is_asked_for_and_when():
    """Order and time of subscriptions decide which quotes come, never what they say."""
    first = day()
    names = tuple(near_the_money(day(), symbol) for symbol in ("RELIANCE", "TCS", "BSE"))
    together = quotes(first, *names)
    backwards = quotes(day(), *reversed(names))
    assert together == backwards
    alone = quotes(day(), names[1])
    assert alone == [quote for quote in together if quote.name == names[1]]
    late = day()
    noon = at(DAY, time(12))
    late.subscribe(noon, (names[1],))
    assert drained(late) == [quote for quote in alone if quote.at > noon]


def test_a_stock_moves_the_same_in_a_smaller_universe():
    alone = SyntheticDay(7, msgspec.structs.replace(FACTS, universe=("TCS",)))
    whole = day()
    for source in (alone, whole):
        source.subscribe_stocks(SCAN)
    place = FACTS.universe.index("TCS")
    ours = [event.prices[0] for event in drained(alone) if isinstance(event, StockTicks)]
    assert ours == [event.prices[place] for event in drained(whole) if isinstance(event, StockTicks)]


def test_subscribing_twice_brings_every_event_once():
    source, again = day(), day()
    name = near_the_money(day(), "TCS")
    source.subscribe(SCAN, (name, name))
    source.subscribe(SCAN + SECOND, (name,))
    source.subscribe_stocks(SCAN)
    source.subscribe_stocks(SCAN)
    again.subscribe(SCAN, (name,))
    again.subscribe_stocks(SCAN)
    assert drained(source) == drained(again)


def test_events_come_in_time_order_and_stocks_tick_every_second_then_every_minute():
    source = day()
    source.subscribe_stocks(SCAN)
    source.subscribe(SCAN, (near_the_money(day(), "TCS"),))
    events = drained(source)
    assert [event.at for event in events] == sorted(event.at for event in events)
    stamps = [event.exchange_at for event in events if isinstance(event, StockTicks)]
    assert stamps[0] == FACTS.open_at
    gaps = [(later - earlier) // SECOND for earlier, later in pairwise(stamps)]
    assert gaps == [1] * 300 + [60] * (len(gaps) - 300)
    assert FACTS.close_at - stamps[-1] <= 60 * SECOND


def test_stocks_stop_when_their_own_session_ends():
    close = at(DAY, time(15, 15))
    source = SyntheticDay(7, FACTS, stocks_close_at=close)
    source.subscribe_stocks(SCAN)
    last = drained(source)[-1]
    assert isinstance(last, StockTicks)
    assert close - 60 * SECOND <= last.exchange_at < close


def test_the_first_stock_price_is_the_auction_price():
    source = day()
    opening = pre_open(source, SCAN)
    source.subscribe_stocks(SCAN)
    first = source.pop()
    assert isinstance(first, StockTicks)
    assert first.prices == tuple(row.price for row in opening.rows)
    assert tuple(row.symbol for row in opening.rows) == FACTS.universe


def test_pre_open_prices_are_indicative_until_the_auction_is_final():
    early = [pre_open(day(), at(DAY, clock)) for clock in (time(9, 1), time(9, 5), time(9, 11, 59))]
    final = pre_open(day(), SCAN)
    assert [answer.final for answer in early] == [False, False, False]
    assert final.final
    assert all(answer.exchange_at < FACTS.preopen_final_at <= final.exchange_at for answer in early)
    assert all(answer.at > SCAN - 15 * 60 * SECOND for answer in early)
    assert final.at > SCAN

    def settled(answer: PreOpen) -> int:
        return sum(a.price == b.price for a, b in zip(answer.rows, final.rows, strict=True))

    assert settled(early[0]) < 25
    assert settled(early[1]) < 35
    assert settled(early[2]) == 50
    assert pre_open(day(), FACTS.preopen_final_at).rows == final.rows


def test_before_orders_are_taken_the_auction_shows_nothing():
    answer = pre_open(day(), at(DAY, time(8, 59)))
    assert not answer.final
    assert answer.rows == ()


def test_chains_come_in_the_order_asked_with_strikes_around_the_price():
    answer = chains(day(), "TCS", "BEL", "RELIANCE")
    assert answer.at > SCAN
    assert [chain.symbol for chain in answer.chains] == ["TCS", "BEL", "RELIANCE"]
    bel = answer.chains[1]
    strikes = [call.strike for call in bel.calls]
    assert strikes == list(range(strikes[0], strikes[-1] + 1, 500))
    assert strikes[0] < 40_500 < strikes[-1]
    assert (bel.lot_size, bel.tick, bel.freeze_quantity) == (1425, 5, 57_000)
    assert bel.calls[3].name == f"BEL {EXPIRY} {strikes[3] // 100} CE"
    assert bel.call_oi == sum(call.oi or 0 for call in bel.calls)
    assert all(call.price % bel.tick == 0 and (call.price > 0) == bool(call.volume) for call in bel.calls)
    assert all((call.oi or 0) % bel.lot_size == 0 for call in bel.calls)


def test_two_expiries_exist_and_no_third():
    source = day()
    later = EXPIRY + timedelta(days=28)
    assert chains(source, "TCS", expiry=later).chains[0].calls
    other = chains(source, "TCS", expiry=EXPIRY + timedelta(days=7)).chains[0]
    assert other.calls == ()
    assert (other.call_oi, other.put_oi) == (None, None)


def test_the_expiries_can_be_named():
    named = (date(2026, 10, 5), EXPIRY)
    source = SyntheticDay(7, FACTS, expiries=named)
    assert [bool(chains(source, "TCS", expiry=one).chains[0].calls) for one in named] == [True, True]
    assert not chains(source, "TCS", expiry=EXPIRY + timedelta(days=28)).chains[0].calls


def test_a_call_that_was_never_listed_is_refused_by_name():
    with pytest.raises(BadInput, match=r"no contract 'TCS 2026-10-27 1 CE'"):
        day().subscribe(SCAN, ("TCS 2026-10-27 1 CE",))


def test_an_invented_day_must_say_that_it_is_one():
    with pytest.raises(BadInput, match="not marked synthetic"):
        SyntheticDay(7, msgspec.structs.replace(FACTS, synthetic=False))


def test_a_member_without_figures_is_refused_by_name():
    with pytest.raises(BadInput, match="no synthetic figures for NOBODY"):
        SyntheticDay(7, msgspec.structs.replace(FACTS, universe=("NOBODY",)))


def test_the_fair_market_has_no_spread_and_misses_no_quote():
    source = day(options=fair())
    found = quotes(source, near_the_money(day(options=fair()), "TECHM"))
    assert len(found) == (FACTS.close_at - FACTS.open_at) // SECOND
    assert all(quote.bid == quote.ask > 0 and quote.bid % 5 == 0 for quote in found)
    assert not any(quote.more_bids or quote.more_asks for quote in found)


def test_the_shipped_options_are_read_once():
    assert default_options() is default_options()
