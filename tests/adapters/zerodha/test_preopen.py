"""Pre-open prices: from quotes of today, final after the match, asked for again until the window closes."""

from __future__ import annotations

import asyncio

import pytest

from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.adapters.zerodha.preopen import missing
from ninefifteen.domain.events import NoData, PreOpen
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.market import PreOpenRow
from tests.adapters.zerodha.feed_desk import (
    BEFORE,
    GIVE_UP,
    MATCHED,
    SCAN,
    YESTERDAY,
    FeedDesk,
    clock,
    down_until,
    keys_asked,
    matched,
    pre_open,
    quote,
)


def answer(desk: FeedDesk) -> PreOpen:
    """The one answer."""
    [event] = desk.ask(pre_open)
    assert isinstance(event, PreOpen)
    return event


def test_the_open_after_the_match_is_the_price_and_the_close_is_yesterday_s() -> None:
    event = answer(FeedDesk())
    assert event.rows == (
        PreOpenRow("AAA", 103_000, 100_000),
        PreOpenRow("BBB", 102_000, 100_000),
        PreOpenRow("CCC", 99_000, 100_000),
    )
    assert (event.final, event.exchange_at, event.at) == (True, MATCHED, SCAN)


def test_the_newest_stamp_of_the_rows_is_the_event_s() -> None:
    desk = FeedDesk()
    desk.quotes["NSE:BBB"] = matched(1020, timestamp=MATCHED + 61 * SECOND)
    assert answer(desk).exchange_at == MATCHED + 61 * SECOND


@pytest.mark.parametrize(
    "stale",
    [
        quote(1030),
        matched(1030, timestamp=YESTERDAY),
        matched(1030, last_trade_time=YESTERDAY),
        matched(1030, timestamp=0),
        matched(0),
        matched(1030, ohlc={"open": 0, "high": 0, "low": 0, "close": 1000}),
        matched(1030, ohlc={"open": 1030, "high": 1030, "low": 1030, "close": 0}),
    ],
)
def test_what_is_not_of_today_is_no_price_and_its_share_is_named(stale: dict[str, object]) -> None:
    desk = FeedDesk()
    desk.quotes["NSE:BBB"] = stale
    event = answer(desk)
    assert [row.symbol for row in event.rows] == ["AAA", "CCC"]
    assert missing(desk.facts, event) == ["BBB"]
    assert desk.told == ["pre_open: no pre-open price of today: BBB"]


def test_a_member_the_broker_does_not_know_is_named() -> None:
    desk = FeedDesk()
    del desk.quotes["NSE:AAA"]
    assert missing(desk.facts, answer(desk)) == ["AAA"]
    assert desk.told == ["pre_open: no pre-open price of today: AAA"]


def test_before_the_match_the_prices_are_indicative_and_nobody_is_named() -> None:
    desk = FeedDesk(now=clock("09:07:00"))
    for name, price in (("AAA", 1025.0), ("BBB", 1020.0)):
        desk.quotes[f"NSE:{name}"] = matched(price, timestamp=clock("09:06:59"), last_trade_time=0)
    desk.quotes["NSE:CCC"] = quote(990)
    event = answer(desk)
    assert (event.final, len(event.rows), desk.told) == (False, 2, [])


def test_after_the_match_a_share_that_still_shows_an_indicative_price_is_left_out() -> None:
    desk = FeedDesk()
    desk.quotes["NSE:AAA"] = matched(1090, timestamp=clock("09:06:59"), last_trade_time=0)
    desk.quotes["NSE:BBB"] = matched(1020, last_trade_time=0)
    event = answer(desk)
    assert event.final
    assert [row.symbol for row in event.rows] == ["BBB", "CCC"]


def test_a_morning_on_which_everything_is_of_yesterday_is_told_as_it_is() -> None:
    desk = FeedDesk()
    for key in desk.quotes:
        desk.quotes[key] = quote(1030)
    assert answer(desk) == PreOpen(SCAN, exchange_at=0, final=False, rows=())


# ---------------------------------------------------------------------------------------- a broker that fails


def test_a_broker_that_comes_back_is_asked_each_second_and_told_of_once() -> None:
    desk = FeedDesk()
    desk.down = down_until(SCAN + 10 * SECOND)
    event = answer(desk)
    assert event.at == SCAN + 10 * SECOND
    assert len(keys_asked(desk)) == 11
    assert desk.told == ["data: pre-open prices cannot be read: no answer in time"]


def test_another_problem_is_told_anew() -> None:
    desk = FeedDesk()

    def problem(now: int) -> BaseException | None:
        if now < SCAN + 2 * SECOND:
            return LoggedOut("the token is dead")
        return Down("HTTP 502") if now < SCAN + 4 * SECOND else None

    desk.down = problem
    answer(desk)
    assert [line.rpartition(": ")[2] for line in desk.told] == ["the token is dead", "HTTP 502"]


@pytest.mark.parametrize("give_up_at", [GIVE_UP, GIVE_UP + SECOND // 2])
def test_a_broker_that_never_comes_back_is_no_data_when_the_window_closes_and_not_before(
    give_up_at: int,
) -> None:
    desk = FeedDesk(give_up_at=give_up_at)
    desk.down = down_until(1 << 62)
    assert desk.ask(pre_open) == [NoData(give_up_at, reason="no_pre_open")]


def test_asked_for_when_the_window_has_closed_there_is_none() -> None:
    desk = FeedDesk(now=GIVE_UP)
    assert desk.ask(pre_open) == [NoData(GIVE_UP, reason="no_pre_open")]
    assert keys_asked(desk) == []


def test_two_strategies_that_ask_at_once_get_one_answer_of_one_reading() -> None:
    desk = FeedDesk()

    async def story() -> None:
        desk.feed.ask_pre_open(SCAN)
        desk.feed.ask_pre_open(SCAN)
        await desk.rest()
        desk.feed.ask_pre_open(SCAN)
        await desk.rest()

    asyncio.run(story())
    assert len(desk.events) == len(keys_asked(desk)) == 2


def test_yesterday_is_the_day_before() -> None:
    assert FeedDesk().facts.previous_day == BEFORE
