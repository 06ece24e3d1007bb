"""Reading the order book: our orders, their exact sums, and readings that are not believed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given

from ninefifteen.adapters.zerodha import orders as module
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.domain.events import OrdersRead
from ninefifteen.domain.instants import MILLISECOND
from tests.adapters.zerodha.anything import ANYTHING, spoiled
from tests.adapters.zerodha.fake_kite import FakeClient, in_turn
from tests.adapters.zerodha.kite_rows import ORDER_ID, TAG, order, trade
from tests.adapters.zerodha.order_desk import NOW, PLACE, TAKEN, Desk, read, run, submit


class TestReadingTheBook:
    """What the book says of our orders, or that it could not be read."""

    def test_only_orders_of_ours_are_reported_and_the_others_counted(self) -> None:
        theirs = order(order_id="1", tag="openalgo", tags=["openalgo"])
        nobodys = order(order_id="2", tag=None, tags=None, quantity="odd")
        desk = run({"GET /orders": [theirs, order(), nobodys]}, read)
        (event,) = desk.events
        assert isinstance(event, OrdersRead)
        assert event.ok
        assert [(each.tag, each.order_id) for each in event.reports] == [(TAG, ORDER_ID)]
        assert desk.orders.foreign == 2
        assert desk.client.requests() == ["GET /orders"]

    def test_an_order_without_its_tag_is_found_by_the_id_of_its_placing(self) -> None:
        book = [order(tag=None, tags=None)]
        (_, event) = run({PLACE: TAKEN, "GET /orders": book}, submit(), read).events
        assert isinstance(event, OrdersRead)
        assert event.reports[0].tag == TAG

    def test_the_sum_of_several_fills_is_exact_and_asked_for_once(self) -> None:
        book = [order(status="COMPLETE", filled_quantity=75, average_price=45.53)]
        fills = [trade("1", 25, 45.5), trade("2", 50, 45.55), trade("3", 10, 9, order_id="another")]
        desk = run({"GET /orders": book, "GET /trades": fills}, read, read)
        values = [event.reports[0].value for event in desk.events if isinstance(event, OrdersRead)]
        assert values == [25 * 4550 + 50 * 4555] * 2
        assert desk.client.requests() == ["GET /orders", "GET /trades", "GET /orders"]

    def test_a_further_fill_has_its_sum_looked_up_again(self) -> None:
        books = in_turn(
            [order(filled_quantity=25, average_price=45.5)],
            [order(status="COMPLETE", filled_quantity=75, average_price=45.53)],
        )
        fills = in_turn([trade("1", 25, 45.5)], [trade("1", 25, 45.5), trade("2", 50, 45.55)])
        desk = run({"GET /orders": books, "GET /trades": fills}, read, read)
        values = [event.reports[0].value for event in desk.events if isinstance(event, OrdersRead)]
        assert values == [25 * 4550, 25 * 4550 + 50 * 4555]

    def test_trades_that_lag_behind_an_ended_order_get_one_more_look(self) -> None:
        book = [order(status="COMPLETE", filled_quantity=75, average_price=45.5)]
        fills = in_turn([], [trade("1", 75, 45.5)])
        desk = run({"GET /orders": book, "GET /trades": fills}, read)
        (event,) = desk.events
        assert isinstance(event, OrdersRead)
        assert event.reports[0].value == 75 * 4550
        assert event.at == NOW + 300 * MILLISECOND

    def test_what_was_told_of_an_ended_order_is_not_told_differently_later(self) -> None:
        book = [order(status="COMPLETE", filled_quantity=75, average_price=45.53)]
        fills = in_turn([], [], [trade("1", 25, 45.5), trade("2", 50, 45.55)])
        desk = run({"GET /orders": book, "GET /trades": fills}, read, read)
        reports = [event.reports for event in desk.events if isinstance(event, OrdersRead)]
        assert reports[0] == reports[1]
        assert (reports[0][0].value, reports[0][0].average) == (0, 4553)

    @pytest.mark.parametrize("fills", [Down("slow"), [{"trade_id": 1}], LoggedOut("dead")])
    def test_a_reading_counts_without_the_trades(self, fills: Any) -> None:
        book = [order(filled_quantity=25, average_price=45.5)]
        desk = run({"GET /orders": book, "GET /trades": fills}, read, read)
        for event in desk.events:
            assert isinstance(event, OrdersRead)
            assert event.ok
            assert (event.reports[0].filled, event.reports[0].value) == (25, 0)
        assert desk.client.requests().count("GET /trades") == 2  # the order lives: looked up every time

    def test_trades_that_do_not_come_do_not_hold_up_a_fill(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def silence(_: object) -> None:
            await asyncio.sleep(60)

        monkeypatch.setattr(module, "_TRADES_S", 0.01)
        book = [order(filled_quantity=25, average_price=45.5)]
        (event,) = run({"GET /orders": book, "GET /trades": silence}, read).events
        assert isinstance(event, OrdersRead)
        assert event.reports[0].filled == 25

    @pytest.mark.parametrize(
        ("book", "why"),
        [
            (Down("Zerodha: no answer in time"), "Zerodha: no answer in time"),
            (LoggedOut("Zerodha: the session is dead"), "Zerodha: the session is dead"),
            ([order(filled_quantity=None)], "malformed order book: "),
            (["odd"], "malformed order book: "),
            ({"orders": []}, "malformed: "),
            (RuntimeError("token abc"), "a fault of ours: RuntimeError"),
        ],
    )
    def test_a_reading_that_fails_says_only_that(self, book: Any, why: str) -> None:
        desk = run({"GET /orders": in_turn(book, [order()])}, read)
        assert desk.events == [OrdersRead(at=NOW, ok=False, reports=())]
        assert desk.orders.problem.startswith(why)

    def test_the_next_good_reading_ends_the_problem(self) -> None:
        desk = run({"GET /orders": in_turn(Down("slow"), [order()])}, read, read)
        assert desk.orders.problem == ""
        assert [event.ok for event in desk.events if isinstance(event, OrdersRead)] == [False, True]

    def test_asks_while_a_reading_is_under_way_share_the_next_one(self) -> None:
        async def story() -> tuple[list[bool], int]:
            gate = asyncio.Event()

            async def slow(_: object) -> object:
                await gate.wait()
                return [order()]

            desk = Desk(FakeClient({"GET /orders": slow}))
            desk.orders.read_orders(NOW)
            await asyncio.sleep(0)
            for _ in range(5):
                desk.orders.read_orders(NOW)
            gate.set()
            await desk.rest()
            return [isinstance(event, OrdersRead) for event in desk.events], len(desk.client.asked)

        assert asyncio.run(story()) == ([True, True], 2)

    @given(
        ANYTHING | spoiled(order()).map(lambda row: [row, order(order_id="9", tag="x01abcdefgp", tags=None)])
    )
    def test_whatever_the_book_is_it_is_read_or_not_and_nothing_breaks(self, book: Any) -> None:
        desk = run({"GET /orders": in_turn(book), "GET /trades": in_turn(book)}, read)
        (event,) = desk.events
        assert isinstance(event, OrdersRead)
        assert event.ok or (event.reports == () and desk.orders.problem)
