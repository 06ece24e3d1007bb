"""The feed's ticks: what becomes an event and what does not, what is streamed, and how readings end."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from ninefifteen.adapters.zerodha.catalogue import Listed
from ninefifteen.domain.events import NoData, Quote, StockTicks
from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from ninefifteen.ports.feed import Feed
from tests.adapters.zerodha.feed_desk import (
    GIVE_UP,
    INDEX,
    NAMES,
    SCAN,
    YESTERDAY,
    FeedDesk,
    chains,
    clock,
    down_until,
    pre_open,
)
from tests.adapters.zerodha.kite_frames import ltp, quote

OPEN = clock("09:15:00")
CALL, OTHER = "AAA26DEC1030CE", "BBB26DEC1000CE"
BOOK = ((4_000, 250), (3_995, 500), (0, 0), (0, 0), (0, 0))
ASKS = ((4_010, 750), (4_015, 250), (4_020, 0), (0, 250), (0, 0))


@dataclass
class Packet:
    """A full packet of one instrument."""

    listed: Listed
    last: int = 4_005
    traded: Instant = OPEN
    stamped: Instant = OPEN
    bids: Iterable[tuple[int, int]] = BOOK
    asks: Iterable[tuple[int, int]] = ASKS

    def __bytes__(self) -> bytes:
        plain = (self.listed.token, self.last, 75, self.last, 1_500, 300, 450, *[self.last] * 4)
        times = (self.traded // SECOND, 9_000, 0, 0, self.stamped // SECOND)
        levels = b"".join(struct.pack(">IIHxx", size, price, 1) for price, size in [*self.bids, *self.asks])
        return struct.pack(">16I", *plain, *times) + levels


def subscribed(now: Instant = OPEN, **changes: object) -> FeedDesk:
    """The desk of somebody who watches a call of AAA and one of BBB, and the universe."""
    desk = FeedDesk(now=now, **changes)  # type: ignore[arg-type]
    desk.feed.watch_universe(INDEX, "NIFTY BANK")
    desk.feed.subscribe(now, (CALL, OTHER))
    desk.feed.subscribe_stocks(now)
    return desk


def contract(desk: FeedDesk, name: str = CALL) -> Listed:
    return desk.contracts.by_symbol[name]


def share(desk: FeedDesk, name: str = "AAA") -> Listed:
    return desk.shares.shares[name]


def a_feed(feed: Feed) -> Feed:
    """The type checker holds that it is one."""
    return feed


# ------------------------------------------------------------------------------------------- contracts


def test_a_packet_of_a_subscribed_contract_is_a_quote_with_the_visible_book() -> None:
    desk = subscribed()
    assert a_feed(desk.feed) is desk.feed
    [event] = desk.show(OPEN + 7, bytes(Packet(contract(desk))))
    assert event == Quote(
        OPEN + 7,
        name=CALL,
        exchange_at=OPEN,
        bid=4_000,
        bid_quantity=250,
        ask=4_010,
        ask_quantity=750,
        last=4_005,
        more_bids=((3_995, 500),),
        more_asks=((4_015, 250),),
    )


@pytest.mark.parametrize(
    ("bids", "asks", "bid", "ask"),
    [
        (((0, 0),) * 5, ASKS, (0, 0), (4_010, 750)),
        (BOOK, ((0, 0),) * 5, (4_000, 250), (0, 0)),
        (((0, 0),) * 5, ((0, 0),) * 5, (0, 0), (0, 0)),
    ],
)
def test_a_book_with_one_side_or_none_says_so(
    bids: tuple[tuple[int, int], ...],
    asks: tuple[tuple[int, int], ...],
    bid: tuple[int, int],
    ask: tuple[int, int],
) -> None:
    desk = subscribed()
    [event] = desk.show(OPEN, bytes(Packet(contract(desk), bids=bids, asks=asks)))
    assert isinstance(event, Quote)
    assert ((event.bid, event.bid_quantity), (event.ask, event.ask_quantity)) == (bid, ask)


@pytest.mark.parametrize("traded", [0, YESTERDAY])
def test_the_last_price_of_yesterday_is_none(traded: Instant) -> None:
    desk = subscribed()
    [event] = desk.show(OPEN, bytes(Packet(contract(desk), traded=traded)))
    assert isinstance(event, Quote)
    assert (event.last, event.bid) == (0, 4_000)


@pytest.mark.parametrize("stamped", [0, YESTERDAY, clock("09:08:00"), OPEN - SECOND, OPEN + 3 * SECOND])
def test_a_packet_that_is_not_stamped_in_this_session_is_passed_over(stamped: Instant) -> None:
    desk = subscribed()
    assert desk.show(OPEN + SECOND, bytes(Packet(contract(desk), stamped=stamped))) == []


def test_packets_without_a_time_or_of_nobody_s_interest_are_passed_over() -> None:
    desk = subscribed()
    token = contract(desk).token
    stranger = Packet(contract(desk, "CCC26DEC980PE"))
    assert desk.show(OPEN, ltp(token, 4_005), quote(token, 4_005), bytes(stranger)) == []
    assert desk.show(OPEN) == []


def test_several_packets_of_one_frame_come_in_its_order() -> None:
    desk = subscribed()
    packets = [
        bytes(Packet(contract(desk, name), last=last)) for name, last in ((OTHER, 1), (CALL, 2), (OTHER, 3))
    ]
    events = desk.show(OPEN, *packets)
    assert [(event.name, event.last) for event in events if isinstance(event, Quote)] == [
        (OTHER, 1), (CALL, 2), (OTHER, 3)
    ]  # fmt: skip


def test_after_unsubscribing_there_are_no_more_quotes_of_it() -> None:
    desk = subscribed()
    desk.feed.unsubscribe(OPEN, (OTHER,))
    packets = [bytes(Packet(contract(desk, name))) for name in (OTHER, CALL)]
    assert [event.name for event in desk.show(OPEN, *packets) if isinstance(event, Quote)] == [CALL]
    desk.feed.subscribe(OPEN, (OTHER,))
    assert len(desk.show(OPEN, *packets)) == 2


# ------------------------------------------------------------------------------------------- the universe


def prices(desk: FeedDesk, received_at: Instant, *packets: Packet) -> list[tuple[int, ...]]:
    """The prices of each `StockTicks` that this frame brings."""
    return [
        event.prices
        for event in desk.show(received_at, *map(bytes, packets))
        if isinstance(event, StockTicks)
    ]


def test_prices_of_the_universe_come_in_its_order_and_0_is_who_has_not_traded() -> None:
    desk = subscribed()
    packets = [
        Packet(share(desk, "CCC"), last=99_000),
        Packet(share(desk), last=103_000, stamped=OPEN + SECOND),
    ]
    events = desk.show(OPEN + SECOND, *map(bytes, packets))
    assert events == [StockTicks(OPEN + SECOND, exchange_at=OPEN + SECOND, prices=(103_000, 0, 99_000))]


def test_they_come_each_second_and_after_five_minutes_each_minute() -> None:
    desk = subscribed()
    told = []
    for quarter in range(4 * 60 * 8):
        moment = OPEN + quarter * SECOND // 4
        if prices(desk, moment, Packet(share(desk), traded=moment, stamped=moment)):
            told.append(moment - OPEN)
    assert told == [n * SECOND for n in range(301)] + [n * MINUTE for n in (6, 7)]


def test_what_has_come_since_the_last_time_is_told_once() -> None:
    desk = subscribed()
    assert prices(desk, OPEN, Packet(share(desk), last=1)) == [(1, 0, 0)]
    assert prices(desk, OPEN + SECOND // 2, Packet(share(desk, "BBB"), last=2)) == []
    assert prices(desk, OPEN + SECOND) == []  # an empty frame tells nothing
    assert prices(desk, OPEN + SECOND, Packet(share(desk, "CCC"), last=3)) == [(0, 2, 3)]


@pytest.mark.parametrize(
    "packet",
    [
        {"stamped": YESTERDAY, "traded": YESTERDAY},
        {"stamped": clock("09:12:00"), "traded": clock("09:12:00")},
        {"traded": clock("09:12:00")},
        {"traded": 0},
        {"last": 0},
        {"stamped": OPEN + 5 * SECOND, "traded": OPEN + 5 * SECOND},
    ],
)
def test_what_is_no_trade_of_this_session_is_no_price_of_a_share(packet: dict[str, int]) -> None:
    """The auction's price is repeated until the first trade: it does not tell how far a share has moved."""
    desk = subscribed()
    assert prices(desk, OPEN + SECOND, Packet(share(desk), **packet)) == []  # type: ignore[arg-type]


def test_nobody_hears_of_shares_before_they_were_asked_for() -> None:
    desk = FeedDesk(now=OPEN)
    desk.feed.watch_universe(INDEX)
    assert desk.show(OPEN, bytes(Packet(share(desk)))) == []


# ------------------------------------------------------------------------------------------- what is streamed


def test_the_members_and_known_indices_are_streamed_in_full_from_the_beginning() -> None:
    desk = FeedDesk()
    names: list[str] = []
    desk.feed.on_names = lambda told: names.extend(told.values())
    desk.feed.watch_universe(INDEX, "NIFTY BANK")
    assert desk.streamed == {*NAMES, INDEX}
    assert set(desk.ticker.wanted[-1].values()) == {"full"}
    assert sorted(names) == sorted([*NAMES, INDEX])
    desk.feed.watch_universe(INDEX)
    assert len(desk.ticker.wanted) == 1


def test_behind_the_first_choice_its_whole_chain_is_streamed() -> None:
    desk = subscribed()
    assert desk.streamed >= {*NAMES, INDEX, CALL, OTHER, "AAA26DEC980PE", "AAA26DEC1030PE"}
    assert not any("27JAN" in name for name in desk.streamed)
    assert "BBB26DEC1000PE" not in desk.streamed


def test_when_another_than_the_first_choice_is_bought_its_whole_chain_is_streamed() -> None:
    """The engine gives up the contracts that it does not buy."""
    desk = subscribed()
    desk.feed.unsubscribe(OPEN, (CALL,))
    assert desk.streamed >= {CALL, "AAA26DEC980PE", OTHER, "BBB26DEC980CE", "BBB26DEC1000PE"}
    desk.feed.narrow()
    desk.feed.unsubscribe(OPEN, (OTHER,))
    assert desk.streamed == {*NAMES}


def test_when_the_recording_is_over_only_what_somebody_needs_is_streamed() -> None:
    desk = subscribed()
    desk.feed.narrow()
    assert desk.streamed == {*NAMES, CALL, OTHER}
    desk.feed.unsubscribe(OPEN, (OTHER,))
    assert desk.streamed == {*NAMES, CALL}
    desk.feed.rest()
    desk.feed.rest()
    assert desk.streamed == set()


def test_shares_nobody_asked_for_are_not_streamed_behind_the_recording() -> None:
    desk = FeedDesk()
    desk.feed.watch_universe(INDEX)
    desk.feed.narrow()
    assert desk.streamed == set()


def test_before_that_whoever_unsubscribes_ends_his_quotes_and_not_the_recording() -> None:
    desk = subscribed()
    desk.feed.unsubscribe(OPEN, (CALL,))
    assert CALL in desk.streamed


def test_a_contract_that_is_not_listed_is_told_and_the_others_are_streamed() -> None:
    desk = FeedDesk(now=OPEN)
    desk.feed.subscribe(OPEN, ("AAA26DEC1CE", CALL))
    assert CALL in desk.streamed
    assert desk.told == ["alarm: AAA26DEC1CE is not in the list of contracts: there are no prices of it"]
    desk.feed.subscribe(OPEN, ("AAA26DEC1CE",))


def test_a_ticker_that_is_gone_takes_the_books_it_has_shown_with_it() -> None:
    desk = subscribed()
    desk.show(OPEN, bytes(Packet(contract(desk))))
    desk.events.clear()
    desk.clock.at = OPEN + 5 * SECOND
    desk.feed.lost()
    desk.feed.lost()
    nothing = Quote(OPEN + 5 * SECOND, CALL, OPEN, bid=0, bid_quantity=0, ask=0, ask_quantity=0)
    assert desk.events == [nothing]
    [again] = desk.show(OPEN + 6 * SECOND, bytes(Packet(contract(desk))))
    assert isinstance(again, Quote)
    assert again.exchange_at >= nothing.exchange_at
    assert again.ask == 4_010


# ------------------------------------------------------------------------------------------- how readings end


@pytest.mark.parametrize(("question", "reason"), [(pre_open, "no_pre_open"), (chains(), "no_previous_oi")])
def test_a_reading_that_ends_unexpectedly_is_told_and_is_no_data(question: object, reason: str) -> None:
    desk = FeedDesk()
    desk.down = lambda now: RuntimeError("a mistake of ours")
    desk.ask(question)  # type: ignore[arg-type]
    assert desk.events == [NoData(SCAN, reason=reason)]
    assert desk.told == ["data: a reading ended unexpectedly: RuntimeError: a mistake of ours"]


@pytest.mark.parametrize(("question", "reason"), [(pre_open, "no_pre_open"), (chains(), "no_previous_oi")])
@pytest.mark.parametrize("how", ["never answered", "a mistake of ours"])
def test_a_reading_that_fails_never_ends_a_day_on_which_something_may_be_held(
    question: object, reason: str, how: str
) -> None:
    """A fatal one would: the engine writes its record, and nobody would be left to sell."""
    desk = subscribed(now=SCAN)
    desk.down = down_until(1 << 62) if how == "never answered" else lambda now: RuntimeError(how)
    [event] = desk.ask(question)  # type: ignore[arg-type]
    assert isinstance(event, NoData)
    assert (event.reason, event.fatal) == (reason, False)


def test_when_nothing_is_watched_any_more_a_failed_reading_ends_the_day() -> None:
    desk = subscribed(now=GIVE_UP)
    desk.feed.unsubscribe(GIVE_UP, (CALL, OTHER))
    assert desk.ask(pre_open) == [NoData(GIVE_UP, reason="no_pre_open")]


def test_a_feed_that_is_closed_ends_its_readings_and_tells_nothing() -> None:
    desk = FeedDesk()
    desk.down = down_until(1 << 62)

    async def story() -> None:
        desk.feed.ask_pre_open(SCAN)
        desk.feed.ask_chains(SCAN, NAMES, desk.facts.expiry)
        await asyncio.sleep(0)
        await desk.feed.close()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
    assert desk.events == []
    assert not any("unexpectedly" in line for line in desk.told)
