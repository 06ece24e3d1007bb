"""Our adapter at our exchange while things go wrong: nothing is sent twice, nothing is believed twice."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from ninefifteen.adapters.zerodha.catalogue import instruments
from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.adapters.zerodha.packets import Mode
from ninefifteen.adapters.zerodha.ticker import FeedState, Patience, Ticker
from ninefifteen.domain.events import (
    ChangeAnswered,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OutcomeUnknown,
)
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.secret import SecretText
from tests.adapters.zerodha.kite_rows import TAG
from tests.adapters.zerodha.our_exchange import Trader, trader
from tests.patience import PATIENCE_S
from tests.simulator.kite.planned import planned
from tests.simulator.kite.rehearsal import DAY, Rehearsal, rehearse

POSTS, PUTS, DELETES = "POST /orders/regular", "PUT /orders/regular", "DELETE /orders/regular"


async def found(one: Trader) -> None:
    """The order is in the book under its tag, once, and was asked for once."""
    (report,) = await one.book()
    assert (report.tag, report.status, report.quantity) == (TAG, OrderState.OPEN, one.listed.lot_size)
    assert report.order_id in one.rehearsal.server.venue.desk.orders
    assert one.count(POSTS) == 1


def test_an_order_is_placed_changed_and_cancelled_when_nothing_goes_wrong() -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            taken = await one.submit()
            assert isinstance(taken, OrderAccepted)
            await found(one)
            assert isinstance(await one.modify(taken.order_id, one.low - 5), ChangeAnswered)
            assert isinstance(await one.cancel(taken.order_id), ChangeAnswered)
            ((report),) = await one.book()
            assert report.status is OrderState.CANCELLED

    rehearse(story)


def test_an_order_accepted_late_is_unknown_and_then_found_by_its_tag() -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            unknown = await one.submit()
            assert isinstance(unknown, OutcomeUnknown)
            assert unknown.tag == TAG
            assert await one.book() == ()
            await client.wait(8)
            await found(one)
            assert client.server.venue.desk.orders

    rehearse(story, faults=planned("on: POST /orders, what: late, at: 09:20:00, seconds: 8"))


@pytest.mark.parametrize(
    "fault",
    [
        "what: lost",
        "what: timed_out",
        "what: timed_out, message: Order request timed out",
        "what: cut",
        "what: slow, seconds: 3",
    ],
)
def test_an_order_whose_answer_is_lost_or_doubtful_is_unknown_and_found_in_the_book(fault: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            assert isinstance(await one.submit(), OutcomeUnknown)
            assert not [event for event in one.events if isinstance(event, OrderRefused)]
            await found(one)

    rehearse(story, faults=planned(f"on: POST /orders, {fault}, count: 1"))


def test_an_order_that_says_timed_out_and_comes_later_is_found_when_it_has_come() -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            assert isinstance(await one.submit(), OutcomeUnknown)
            assert await one.book() == ()
            await client.wait(8)
            await found(one)

    rehearse(story, faults=planned("on: POST /orders, what: timed_out, seconds: 8"))


@pytest.mark.parametrize(
    "fault",
    [
        "what: dropped",
        "what: error, status: 502, body: html",
        "what: error, status: 503",
        "what: error, status: 500",
    ],
)
def test_an_order_that_did_not_arrive_is_unknown_too_and_not_sent_again(fault: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            assert isinstance(await one.submit(), OutcomeUnknown)
            await client.wait(20)
            assert await one.book() == ()
            assert one.count(POSTS) == 1

    rehearse(story, faults=planned(f"on: POST /orders, {fault}"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("what: error, status: 429", "Too many requests"),
        ("what: static_ip", "No IPs configured"),
        ("what: static_ip, message: IP not allowed to place orders for this app", "IP not allowed"),
        (
            "what: error, status: 400, error_type: MarginException, message: Insufficient funds",
            "Insufficient",
        ),
    ],
)
def test_a_definite_no_is_a_refusal_sent_once(fault: str, words: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            no = await one.submit()
            assert isinstance(no, OrderRefused)
            assert words in no.message
            assert one.count(POSTS) == 1

    rehearse(story, faults=planned(f"on: POST /orders, {fault}"))


@pytest.mark.parametrize("fault", ["what: lost", "what: timed_out", "what: error, status: 502, body: html"])
def test_a_change_without_an_answer_is_settled_by_the_book_and_sent_once(fault: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            taken = await one.submit()
            assert isinstance(taken, OrderAccepted)
            wanted = one.low - 5
            read = await one.modify(taken.order_id, wanted)
            assert isinstance(read, OrdersRead)
            held = client.server.venue.desk.exchange.orders_of_day()[0]
            assert read.reports[0].limit == held.limit
            assert (held.limit == wanted) is ("error" not in fault)
            read = await one.cancel(taken.order_id)
            assert isinstance(read, OrdersRead)
            ended = read.reports[0].status is OrderState.CANCELLED
            assert ended is ("error" not in fault)
            assert (one.count(PUTS), one.count(DELETES)) == (1, 1)

    rehearse(story, faults=planned(f"on: PUT /orders, {fault}", f"on: DELETE /orders, {fault}"))


@pytest.mark.parametrize(
    "fault", ["what: cut", "what: dropped", "what: error, status: 504", "what: error, status: 429"]
)
def test_a_book_that_cannot_be_read_is_no_empty_book(fault: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            assert isinstance(await one.submit(), OrderAccepted)
            read = await one.reading()
            assert (read.ok, read.reports) == (False, ())
            assert one.orders.problem
            await client.go_to("09:21:00")
            await found(one)

    rehearse(story, faults=planned(f"on: GET /orders, {fault}, between: [09:20:00, 09:21:00]"))


def test_a_token_killed_elsewhere_refuses_the_order_and_says_what_to_do() -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            await client.go_to("09:21:00")
            no = await one.submit()
            assert isinstance(no, OrderRefused)
            assert "ninefifteen login" in no.message
            assert client.token not in no.message

    rehearse(story, faults=planned("on: session, what: killed, at: 09:21:00"))


@pytest.mark.parametrize(
    ("fault", "day", "words"),
    [
        ("what: cut", DAY, "cut off"),
        ("what: missing_rows, keep: 0.1", DAY, "it is cut"),
        ("what: missing_column, column: lot_size", DAY, "no column lot_size"),
        ("what: yesterday", date(2026, 10, 28), "this is the list of an earlier day"),
        ("what: error, status: 502, body: html", DAY, "web page"),
    ],
)
def test_an_instruments_file_that_is_not_todays_is_not_used(fault: str, day: date, words: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            with pytest.raises(Down, match=words):
                await instruments(one.client, "NFO", day=day, wanted=None)
            listed = await instruments(one.client, "NFO", day=day, wanted=None)
            assert set(listed.by_token) == {
                row.token for row in client.server.venue.market.listed if row.exchange == "NFO"
            }

    rehearse(story, day=day, faults=planned(f"on: GET /instruments, {fault}, count: 1"))


class Feed:
    """Our ticker at the exchange, with everything it tells."""

    def __init__(self, one: Trader) -> None:
        ready = one.rehearsal.server.ready()
        self.states: list[str] = []
        self.tokens: set[int] = set()
        self.updates: list[str] = []
        secrets = SecretText(ready["api_key"]), SecretText(ready["access_token"])
        self.ticker = Ticker(
            ready["ws"], *secrets, one.clock,
            lambda _, __, ticks: self.tokens.update(int(token) for token in ticks.tokens),
            lambda kind, data: self.updates.append(getattr(data, "status", "")) if kind == "order" else None,
            self._state,
            Patience(silence=2.5, connect=PATIENCE_S, first=0.05),
        )  # fmt: skip

    def _state(self, state: FeedState) -> None:
        self.states.append(state.name)

    async def until(self, state: str) -> None:
        """Wait for a state."""
        async with asyncio.timeout(PATIENCE_S):
            while state not in self.states:  # noqa: ASYNC110 - states are told by a plain callback
                await asyncio.sleep(0.01)
        self.states.clear()


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("what: dropped, at: 09:21:00, count: 2", "down"),
        ("what: silent, between: [09:21:00, 09:22:00]", "silent"),
    ],
)
def test_a_feed_that_drops_or_falls_silent_comes_back_with_everything_subscribed(
    fault: str, state: str
) -> None:
    async def story(client: Rehearsal) -> None:
        async with trader(client) as one:
            feed = Feed(one)
            mode: Mode = "full"
            feed.ticker.want({one.listed.token: mode})
            running = asyncio.create_task(feed.ticker.run())
            try:
                await feed.until("live")
                await client.go_to("09:21:00")
                await feed.until(state)
                await client.go_to("09:22:00")
                await feed.until("live")
                feed.tokens.clear()
                while not client.server.tickers.tokens():  # noqa: ASYNC110 - the server does not tell
                    await asyncio.sleep(0.01)
                await client.wait(20)
                assert feed.tokens == {one.listed.token}
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    rehearse(story, faults=planned(f"on: feed, {fault}"))
