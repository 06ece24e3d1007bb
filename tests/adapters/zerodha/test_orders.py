"""Orders at Zerodha: what is sent, and what becomes of each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given

from ninefifteen.adapters.zerodha import orders as module
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut, Refused, Unknown
from ninefifteen.adapters.zerodha.orders import ZerodhaOrders
from ninefifteen.domain.effects import Modify
from ninefifteen.domain.events import (
    ChangeAnswered,
    Event,
    OrderRefused,
    OrdersRead,
    OutcomeUnknown,
)
from ninefifteen.domain.order import OrderState
from tests.adapters.zerodha.anything import ANYTHING, spoiled
from tests.adapters.zerodha.fake_kite import FakeClient
from tests.adapters.zerodha.kite_rows import ORDER_ID, TAG, order, trade
from tests.adapters.zerodha.order_desk import (
    ACCEPTED,
    CHANGE,
    MORPH,
    NOW,
    PLACE,
    TAKEN,
    Desk,
    cancel,
    modify,
    read,
    run,
    submit,
    wish,
)
from tests.adapters.zerodha.scripted_server import Answer, StepClock, failure, reply, scripted, success


class TestPlacing:
    """One request, one answer, one event."""

    def test_an_entry_is_sent_as_a_limit_order_of_the_day_with_its_tag(self) -> None:
        desk = run({PLACE: TAKEN}, submit())
        assert desk.events == [ACCEPTED]
        assert desk.client.asked == [
            (
                PLACE,
                {
                    "exchange": "NFO",
                    "tradingsymbol": "ACME26NOV262.5CE",
                    "transaction_type": "BUY",
                    "product": "MIS",
                    "order_type": "LIMIT",
                    "quantity": "75",
                    "price": "45.60",
                    "validity": "DAY",
                    "tag": TAG,
                },
            )
        ]

    def test_a_stop_is_sent_with_its_trigger_and_a_limit(self) -> None:
        desk = run({PLACE: TAKEN}, submit(side="SELL", type="SL", limit=3005, trigger=3195))
        ((_, form),) = desk.client.asked
        assert (form["order_type"], form["price"], form["trigger_price"]) == ("SL", "30.05", "31.95")

    def test_product_exchange_and_variety_are_what_the_desk_is_for(self) -> None:
        async def story() -> Any:
            client = FakeClient({"POST /orders/amo": TAKEN})
            orders = ZerodhaOrders(
                client.as_client(),
                list[Event]().append,
                StepClock(),
                exchange="BFO",
                product="NRML",
                variety="amo",
            )
            orders.submit(NOW, wish())
            await orders.close()
            return client.asked[0][1]

        form = asyncio.run(story())
        assert (form["exchange"], form["product"]) == ("BFO", "NRML")

    @pytest.mark.parametrize(
        "no",
        [
            Refused("Zerodha: insufficient funds", "margin"),
            LoggedOut("Zerodha: the session is dead"),
            Down("Zerodha: no connection"),
        ],
    )
    def test_a_definite_no_and_an_order_that_never_left_are_refusals(self, no: Exception) -> None:
        assert run({PLACE: no}, submit()).events == [OrderRefused(at=NOW, tag=TAG, message=str(no))]

    def test_a_lost_answer_is_unknown_and_nothing_is_sent_again(self) -> None:
        desk = run({PLACE: Unknown("Zerodha: no answer in time")}, submit())
        assert desk.events == [OutcomeUnknown(at=NOW, tag=TAG, detail="Zerodha: no answer in time")]
        assert desk.client.requests() == [PLACE]

    def test_a_fault_of_ours_is_unknown_too_and_its_text_is_not_shown(self) -> None:
        desk = run({PLACE: RuntimeError("token abc")}, submit())
        assert desk.events == [OutcomeUnknown(at=NOW, tag=TAG, detail="a fault of ours: RuntimeError")]

    @pytest.mark.parametrize("data", [{"order_id": "../profile"}, {"order_id": ""}, {}])
    def test_taken_under_an_id_that_cannot_be_one_is_unknown(self, data: dict[str, object]) -> None:
        (event,) = run({PLACE: data}, submit()).events
        assert isinstance(event, OutcomeUnknown)

    @pytest.mark.parametrize(
        "changes",
        [
            {"tag": "x" * 21},
            {"tag": ""},
            {"quantity": 0},
            {"limit": 0},
            {"type": "SL", "trigger": 0},
            {"type": "MARKET"},
            {"type": "SL-M", "trigger": 100},
        ],
    )
    def test_what_no_order_of_ours_may_be_is_never_sent(self, changes: dict[str, Any]) -> None:
        desk = run({}, submit(**changes))
        (event,) = desk.events
        assert isinstance(event, OrderRefused)
        assert event.message.startswith("nothing was sent: ")
        assert desk.client.asked == []


class TestChanging:
    """A change is a wish; only the book tells what became of it."""

    def test_a_stop_is_morphed_into_a_limit_by_its_whole_new_shape(self) -> None:
        desk = run({f"PUT {CHANGE}": TAKEN}, modify)
        assert desk.events == [ChangeAnswered(at=NOW, tag=TAG, change="modify", taken=True)]
        form = {"order_type": "LIMIT", "quantity": "75", "price": "44.00", "validity": "DAY"}
        assert desk.client.asked == [(f"PUT {CHANGE}", form)]

    def test_a_cancel_is_asked_for_by_the_id(self) -> None:
        desk = run({f"DELETE {CHANGE}": TAKEN}, cancel)
        assert desk.events == [ChangeAnswered(at=NOW, tag=TAG, change="cancel", taken=True)]
        assert desk.client.asked == [(f"DELETE {CHANGE}", {})]

    @pytest.mark.parametrize(
        "no", [Refused("Zerodha: 25 modifications", "order"), Down("Zerodha: no connection")]
    )
    def test_a_definite_no_and_a_change_that_never_left_are_not_taken(self, no: Exception) -> None:
        events = run({f"PUT {CHANGE}": no}, modify).events
        assert events == [ChangeAnswered(at=NOW, tag=TAG, change="modify", taken=False, message=str(no))]

    def test_where_the_answer_is_lost_nothing_is_claimed_and_the_book_is_read(self) -> None:
        replies = {f"DELETE {CHANGE}": Unknown("Zerodha: no answer in time"), "GET /orders": [order()]}
        desk = run(replies, cancel)
        (event,) = desk.events
        assert isinstance(event, OrdersRead)
        assert event.reports[0].status is OrderState.OPEN
        assert desk.client.requests() == [f"DELETE {CHANGE}", "GET /orders"]
        assert desk.orders.doubt == f"cancel of {TAG}: Zerodha: no answer in time"

    @pytest.mark.parametrize(
        "change",
        [
            Modify(tag=TAG, order_id="1/../2", order_type="LIMIT", quantity=75, limit=4400),
            Modify(tag=TAG, order_id=ORDER_ID, order_type="LIMIT", quantity=75, limit=0),
        ],
    )
    def test_a_change_that_cannot_be_is_never_sent(self, change: Modify) -> None:
        desk = run({}, lambda orders: orders.modify(NOW, change))
        (event,) = desk.events
        assert isinstance(event, ChangeAnswered)
        assert not event.taken
        assert desk.client.asked == []


class TestHints:
    """Order updates of the ticker are only a reason to look."""

    def test_an_update_of_ours_calls_for_a_reading(self) -> None:
        orders = run({PLACE: TAKEN}, submit()).orders
        assert orders.hint({"tag": TAG})
        assert orders.hint({"tag": None, "tags": ["mktp", TAG]})
        assert orders.hint({"order_id": ORDER_ID, "tag": None})

    @pytest.mark.parametrize(
        "data",
        [
            {"tag": "openalgo"},
            {},
            {"tag": 5, "tags": 7, "order_id": []},
            {"tags": [None, 1]},
            None,
            "order",
            [TAG],
        ],
    )
    def test_nothing_else_does(self, data: object) -> None:
        assert not run({PLACE: TAKEN}, submit()).orders.hint(data)

    @given(ANYTHING | spoiled(order()))
    def test_whatever_the_update_is_it_never_breaks(self, data: object) -> None:
        assert run({}).orders.hint(data) in (True, False)


class TestClosing:
    """Nothing that may have left is forgotten."""

    def test_answers_under_way_are_waited_for(self) -> None:
        async def story() -> list[Event]:
            async def slow(_: object) -> object:
                await asyncio.sleep(0.02)
                return TAKEN

            desk = Desk(FakeClient({PLACE: slow}))
            desk.orders.submit(NOW, wish())
            await desk.orders.close()
            return desk.events

        assert asyncio.run(story()) == [ACCEPTED]

    def test_an_order_whose_answer_does_not_come_becomes_unknown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def story() -> tuple[list[Event], int]:
            async def silence(_: object) -> None:
                await asyncio.sleep(60)

            desk = Desk(FakeClient({PLACE: silence, f"PUT {CHANGE}": silence, "GET /orders": silence}))
            desk.orders.submit(NOW, wish())
            desk.orders.modify(NOW, MORPH)
            desk.orders.read_orders(NOW)
            await desk.orders.close()
            return desk.events, len(desk.orders._tasks)

        monkeypatch.setattr(module, "LAST_ANSWERS_S", 0.02)
        events, left = asyncio.run(story())
        assert events == [OutcomeUnknown(at=NOW, tag=TAG, detail="the program stopped before an answer came")]
        assert left == 0

    def test_closing_a_desk_that_did_nothing_is_nothing(self) -> None:
        async def story() -> None:
            await Desk(FakeClient()).orders.close()

        asyncio.run(story())


class TestOverTheRealTransport:
    """The same port over our own client and a server whose bytes are given."""

    def events(
        self, step: Callable[[ZerodhaOrders], object], *answers: Answer
    ) -> tuple[list[Event], list[Any]]:
        async def story() -> tuple[list[Event], list[Any]]:
            async with scripted(*answers) as server:
                client, events = server.client(), list[Event]()
                orders = ZerodhaOrders(client, events.append, StepClock(NOW))
                step(orders)
                await orders.close()
                await client.close()
                return events, server.asked

        return asyncio.run(story())

    def test_an_order_goes_out_as_a_form_once(self) -> None:
        events, asked = self.events(submit(), success(TAKEN))
        assert events == [ACCEPTED]
        assert [(each.method, each.target) for each in asked] == [("POST", "/orders/regular")]
        assert asked[0].form["price"] == "45.60"
        assert asked[0].form["tag"] == TAG

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (failure(400, "MarginException", "Insufficient funds. Required margin is 1."), OrderRefused),
            (
                failure(400, "OrderException", "Order request timed out. Please check the order book."),
                OutcomeUnknown,
            ),
            (failure(503, "NetworkException", "no OMS"), OutcomeUnknown),
            (reply("<html>busy</html>", 502, "text/html"), OutcomeUnknown),
            (reply({"status": "success", "data": {}}), OutcomeUnknown),
            (Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", cut=True), OutcomeUnknown),
            (Answer(b"", delay=5), OutcomeUnknown),
        ],
    )
    def test_each_answer_of_the_server_is_one_event(self, answer: Answer, expected: type[Event]) -> None:
        events, asked = self.events(submit(), answer)
        assert [type(event) for event in events] == [expected]
        assert len(asked) == 1

    def test_the_book_is_read_from_bytes(self) -> None:
        book = success(
            [order(status="COMPLETE", filled_quantity=75, average_price=45.55), order(tag=None, tags=None)]
        )
        (event,), _ = self.events(read, book, success([trade("1", 75, 45.55)]))
        assert isinstance(event, OrdersRead)
        assert [(each.status, each.value) for each in event.reports] == [(OrderState.COMPLETE, 75 * 4555)]


def test_an_answer_does_not_wait_for_the_caller() -> None:
    """The port returns at once: the engine's loop is never held up by the broker."""

    async def story() -> list[Event]:
        desk = Desk(FakeClient({PLACE: TAKEN}))
        desk.orders.submit(NOW, wish())
        before = list(desk.events)
        await desk.rest()
        assert desk.events
        return before

    coroutine: Coroutine[Any, Any, list[Event]] = story()
    assert asyncio.run(coroutine) == []
