"""Chains before the open: open interest of all strikes, yesterday's candle, and what odd lists cost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ninefifteen.adapters.zerodha.chains import Nearest, nearest_call, volatility_ratio, yesterdays_candle
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut, Refused
from ninefifteen.adapters.zerodha.history import Candle
from ninefifteen.adapters.zerodha.quotes import quote_row
from ninefifteen.domain.black_scholes import call_price
from ninefifteen.domain.events import Chains, NoData
from ninefifteen.domain.instants import MINUTE, SECOND, midnight
from ninefifteen.domain.market import ChainFacts
from tests.adapters.zerodha.fake_kite import raws
from tests.adapters.zerodha.feed_desk import (
    BEFORE,
    EXPIRY,
    GIVE_UP,
    NAMES,
    NEXT,
    SCAN,
    YESTERDAY,
    FeedDesk,
    candle,
    chains,
    clock,
    contracts,
    down_until,
    keys_asked,
    pre_open,
    quote,
)

OPEN = clock("09:15:00")


def asked(desk: FeedDesk, *names: str) -> dict[str, ChainFacts]:
    """The chains after the pre-open has been asked for."""
    event = desk.ask(pre_open, chains(*names))[-1]
    assert isinstance(event, Chains), event
    return {chain.symbol: chain for chain in event.chains}


# -------------------------------------------------------------------------------------------- what is in one


def test_open_interest_is_summed_over_all_strikes_of_the_traded_expiry() -> None:
    chain = asked(FeedDesk())["AAA"]
    assert (chain.call_oi, chain.put_oi) == (1_000 * (980 + 1_000 + 1_030), 500 * (980 + 1_000 + 1_030))
    assert (chain.expiry, chain.lot_size, chain.tick) == (EXPIRY, 250, 5)
    assert [row.strike for row in chain.calls] == [98_000, 100_000, 103_000]
    assert [row.name for row in chain.calls] == ["AAA26DEC980CE", "AAA26DEC1000CE", "AAA26DEC1030CE"]


def test_chains_come_in_the_order_asked_with_what_is_known_of_them() -> None:
    desk = FeedDesk(freeze={"CCC": 10_000})
    found = asked(desk, "CCC", "AAA")
    assert list(found) == ["CCC", "AAA"]
    assert (found["CCC"].freeze_quantity, found["AAA"].freeze_quantity) == (10_000, 0)
    assert desk.events[-1].at == SCAN


def test_the_strike_nearest_the_pre_open_price_has_the_figures_of_yesterday_s_candle() -> None:
    rows = {row.strike: row for row in asked(FeedDesk())["AAA"].calls}
    nearest, other = rows[103_000], rows[100_000]
    assert (nearest.oi, nearest.volume, nearest.price) == (1_030_250, 77_000, 4_100)
    assert (other.oi, other.volume, other.price) == (1_000_000, None, 4_000)


def test_its_price_band_is_that_of_today_s_quote() -> None:
    chain = asked(FeedDesk())["AAA"]
    assert (chain.band_low, chain.band_high) == (5, 40_000)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [candle(BEFORE.replace(day=30, month=11), 41.0, 77_000, 9)],
        [candle(BEFORE.replace(day=2), 41.0, 77_000, 9)],
    ],
)
def test_a_candle_of_another_day_says_nothing_about_yesterday(rows: list[Any]) -> None:
    desk = FeedDesk()
    desk.candles["AAA26DEC1030CE"] = rows
    row = asked(desk)["AAA"].calls[-1]
    assert (row.oi, row.volume, row.price) == (1_030_000, None, 4_000)


def test_of_several_candles_yesterday_s_counts() -> None:
    desk = FeedDesk()
    days = [(BEFORE.replace(day=30, month=11), 1), (BEFORE, 2), (BEFORE.replace(day=2), 3)]
    desk.candles["AAA26DEC1030CE"] = [candle(day, 40.0 + n, n * 1_000, n * 10) for day, n in days]
    row = asked(desk)["AAA"].calls[-1]
    assert (row.oi, row.volume, row.price) == (20, 2_000, 4_200)


def test_a_candle_without_open_interest_leaves_that_of_the_quote() -> None:
    desk = FeedDesk()
    desk.candles["AAA26DEC1030CE"] = [candle(BEFORE, 41.0, 77_000, None)]
    assert asked(desk)["AAA"].calls[-1].oi == 1_030_000


def test_a_listed_contract_without_a_quote_makes_the_open_interest_of_its_side_unknown() -> None:
    desk = FeedDesk()
    del desk.quotes["NFO:AAA26DEC980CE"]
    chain = asked(desk)["AAA"]
    assert (chain.calls[0].oi, chain.calls[0].price) == (None, 0)
    assert (chain.call_oi, chain.put_oi) == (None, 500 * (980 + 1_000 + 1_030))


def test_a_chain_that_is_weeks_old_has_no_open_interest() -> None:
    desk = FeedDesk()
    for key in [key for key in desk.quotes if key.startswith("NFO:AAA")]:
        desk.quotes[key] |= {"timestamp": "2026-11-17 15:29:00", "last_trade_time": "2026-11-17 15:29:00"}
    found = asked(desk)
    assert (found["AAA"].call_oi, found["AAA"].put_oi) == (None, None)
    assert found["BBB"].call_oi == 3_010_000


def test_a_stock_of_which_no_contract_is_quoted_has_no_open_interest_at_all() -> None:
    desk = FeedDesk()
    for key in [key for key in desk.quotes if key.startswith("NFO:AAA")]:
        del desk.quotes[key]
    chain = asked(desk)["AAA"]
    assert (chain.call_oi, chain.put_oi, chain.band_high, chain.iv_ratio) == (None, None, 0, None)


@pytest.mark.parametrize("traded", [0, YESTERDAY - 24 * 60 * MINUTE, SCAN])
def test_a_last_price_that_was_not_made_yesterday_is_none(traded: int) -> None:
    desk = FeedDesk()
    desk.quotes["NFO:AAA26DEC1000CE"] = quote(40.0, oi=7, last_trade_time=traded)
    row = asked(desk)["AAA"].calls[1]
    assert (row.oi, row.price) == (7, 0)


def test_a_stock_without_listed_calls_has_an_empty_chain() -> None:
    desk = FeedDesk()
    chain = asked(desk, "AAA", "TMPV")["TMPV"]
    assert (chain.calls, chain.call_oi, chain.put_oi, chain.lot_size) == ((), None, None, 0)


def test_lots_that_differ_within_an_expiry_cost_that_stock_its_chain_and_no_other() -> None:
    desk = FeedDesk(listed=contracts(lots={"BBB26DEC980PE": 400}))
    found = asked(desk)
    assert found["BBB"].calls == ()
    assert len(found["AAA"].calls) == len(found["CCC"].calls) == 3
    told = "data: BBB: contracts of one expiry with different lots or ticks: it is not traded today"
    assert told in desk.told


def test_only_the_nearest_strikes_are_asked_for_candles_and_a_second_quote() -> None:
    desk = FeedDesk()
    asked(desk)
    wanted = {
        desk.call(name, strike).token for name, strike in zip(NAMES, (103_000, 103_000, 98_000), strict=True)
    }
    history = [what for what, _ in desk.client.asked if "historical" in what]
    assert {what.split("/")[3] for what in history} == {str(token) for token in wanted}
    assert len(history) == 3
    assert len(keys_asked(desk)[-1]) == 6


def test_of_two_strikes_as_near_the_lower_one_is_taken() -> None:
    desk = FeedDesk()
    calls = desk.contracts.calls("AAA", EXPIRY)
    assert nearest_call(calls, 99_000) == desk.call("AAA", 98_000)
    assert nearest_call(calls, 99_001) == desk.call("AAA", 100_000)
    assert nearest_call((), 99_000) is None


# ------------------------------------------------------------------------------------------- the volatilities


def priced(desk: FeedDesk, volatility: float, expiry: Any, **changes: Any) -> Any:
    """A quote of yesterday at this volatility."""
    years = (expiry - BEFORE).days / 365
    return quote(round(call_price(1_000, 1_030, years, volatility, 0.065), 2), **changes)


def test_the_ratio_is_of_the_traded_expiry_over_the_one_behind_it() -> None:
    desk = FeedDesk()
    desk.quotes["NFO:AAA26DEC1030CE"] = priced(desk, 0.40, EXPIRY)
    desk.quotes["NFO:AAA27JAN1030CE"] = priced(desk, 0.32, NEXT)
    assert asked(desk)["AAA"].iv_ratio == pytest.approx(1.25, abs=0.005)


@pytest.mark.parametrize("odd", [{"last_trade_time": SCAN}, {"last_trade_time": 0}, {"last_price": 0.0},
                                 {"last_price": 2_000.0}])  # fmt: skip
@pytest.mark.parametrize("contract", ["AAA26DEC1030CE", "AAA27JAN1030CE"])
def test_without_two_prices_of_yesterday_there_is_no_ratio(contract: str, odd: dict[str, Any]) -> None:
    desk = FeedDesk()
    assert asked(desk)["AAA"].iv_ratio is not None
    desk = FeedDesk()
    desk.quotes[f"NFO:{contract}"] = quote(40.0, **odd)
    assert asked(desk)["AAA"].iv_ratio is None


def test_without_a_quote_of_the_expiry_behind_it_there_is_no_ratio() -> None:
    desk = FeedDesk()
    del desk.quotes["NFO:AAA27JAN1030CE"]
    assert asked(desk)["AAA"].iv_ratio is None
    call = desk.call("AAA")
    shown = quote_row(raws([quote(40.0)])[0])
    near = Nearest(contract=call, quote=None, candle=None)
    assert volatility_ratio(desk.facts, 100_000, near, (call, shown)) is None
    assert volatility_ratio(desk.facts, 100_000, None, (call, shown)) is None


# -------------------------------------------------------------------------------------------- when it is read


def test_what_the_morning_has_gathered_is_not_asked_for_again() -> None:
    desk = FeedDesk(now=clock("08:50:00"))
    asyncio.run(desk.interest.gather(NAMES, OPEN))
    before = len(keys_asked(desk))
    assert asked(desk)["AAA"].call_oi is not None
    assert len(keys_asked(desk)) - before == 2


def test_a_stock_without_a_pre_open_price_has_its_open_interest_only() -> None:
    desk = FeedDesk()
    del desk.quotes["NSE:AAA"]
    chain = asked(desk)["AAA"]
    assert chain.call_oi == 3_010_000
    assert (chain.band_high, chain.iv_ratio, {row.volume for row in chain.calls}) == (0, None, {None})


def test_after_a_restart_the_pre_open_prices_are_read_again_for_the_chains() -> None:
    desk = FeedDesk()
    [event] = desk.ask(chains("AAA"))
    assert isinstance(event, Chains)
    assert event.chains[0].calls[-1].volume == 77_000


def test_a_broker_that_comes_back_is_asked_each_second_and_told_of_once() -> None:
    desk = FeedDesk()
    asyncio.run(desk.interest.gather(NAMES, OPEN))
    desk.ask(pre_open)
    desk.down_for_candles = Down("HTTP 502")
    seen: list[int] = []

    def recover(now: int) -> None:
        seen.append(now)
        if now >= SCAN + 5 * SECOND:
            desk.down_for_candles = None

    desk.down = recover
    assert isinstance(desk.ask(chains())[-1], Chains)
    assert desk.events[-1].at == SCAN + 5 * SECOND
    assert [line for line in desk.told if "cannot be read" in line] == [
        "data: chains cannot be read: HTTP 502"
    ]


def test_what_was_gathered_before_the_open_serves_after_it_too() -> None:
    desk = FeedDesk()
    desk.ask(pre_open)
    asyncio.run(desk.interest.gather(NAMES, OPEN))
    desk.down = down_until(OPEN + 3 * SECOND)
    for key in [key for key in desk.quotes if key.startswith("NFO:")]:
        desk.quotes[key] |= {
            "oi": 1,
            "timestamp": "2026-12-02 09:15:01",
            "last_trade_time": "2026-12-02 09:15:01",
        }
    chain = asked_again(desk)
    assert desk.events[-1].at == OPEN + 3 * SECOND
    assert chain.call_oi == 3_010_000
    assert (chain.calls[-1].oi, chain.calls[0].price, chain.iv_ratio) == (1_030_250, 4_000, None)


def asked_again(desk: FeedDesk) -> ChainFacts:
    """The first chain when it is asked for now."""
    event = desk.ask(chains())[-1]
    assert isinstance(event, Chains)
    return event.chains[0]


def test_from_the_open_on_today_s_open_interest_is_never_taken_for_yesterday_s() -> None:
    desk = FeedDesk(now=OPEN)
    assert desk.ask(chains()) == [NoData(OPEN, reason="no_previous_oi")]
    assert keys_asked(desk) == []


def test_open_interest_that_cannot_be_read_before_the_open_is_no_data_at_the_open() -> None:
    desk = FeedDesk()
    desk.ask(pre_open)
    desk.down = down_until(1 << 62)
    assert desk.ask(chains())[-1] == NoData(OPEN, reason="no_previous_oi")


def test_a_broker_that_never_comes_back_is_no_data_when_the_window_closes() -> None:
    desk = FeedDesk()
    desk.ask(pre_open)
    asyncio.run(desk.interest.gather(NAMES, OPEN))
    desk.down_for_candles = LoggedOut("the token is dead")
    assert desk.ask(chains())[-1] == NoData(GIVE_UP, reason="no_previous_oi")


def test_asked_for_when_the_window_has_closed_there_are_none() -> None:
    assert FeedDesk(now=GIVE_UP).ask(chains()) == [NoData(GIVE_UP, reason="no_previous_oi")]


@pytest.mark.parametrize("kind", ["permission", "input"])
def test_an_app_that_may_not_read_candles_trades_on_what_the_quotes_say(kind: str) -> None:
    desk = FeedDesk()
    desk.down_for_candles = Refused("Insufficient permission for that call.", kind)
    row = asked(desk)["AAA"].calls[-1]
    assert (row.oi, row.volume, row.price) == (1_030_000, None, 4_000)
    told = (
        "data: yesterday's candle of AAA26DEC1030CE is not to be had: Insufficient permission for that call."
    )
    assert told in desk.told


def test_a_refusal_that_passes_is_tried_again() -> None:
    desk = FeedDesk()
    desk.down_for_candles = Refused("Too many requests", "rate")
    assert desk.ask(pre_open, chains())[-1] == NoData(GIVE_UP, reason="no_previous_oi")


def test_two_strategies_that_ask_at_once_get_one_answer_of_one_reading() -> None:
    desk = FeedDesk()

    async def story() -> None:
        desk.feed.ask_chains(SCAN, NAMES, EXPIRY)
        desk.feed.ask_chains(SCAN, NAMES, EXPIRY)
        desk.feed.ask_chains(SCAN, ("AAA",), EXPIRY)
        await desk.rest()

    asyncio.run(story())
    assert sorted(len(event.chains) for event in desk.events if isinstance(event, Chains)) == [1, 3]


def test_yesterday_s_candle_is_found_by_its_date() -> None:
    facts = FeedDesk().facts
    days = [
        Candle(midnight(day), 1, 1, 1, 1, n, None) for n, day in enumerate((facts.date, facts.previous_day))
    ]
    assert yesterdays_candle(days, facts) == days[1]
    assert yesterdays_candle(days[:1], facts) is None
