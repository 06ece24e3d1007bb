"""A desk for tests: the order port over a fake client, with every event it delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import time
from typing import Any

from ninefifteen.adapters.zerodha.orders import ZerodhaOrders
from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import Event, OrderAccepted
from ninefifteen.domain.instants import at
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import ApprovedOrder, OrderRequest, Role
from ninefifteen.ports.broker import Broker
from tests.adapters.zerodha.fake_kite import FakeClient
from tests.adapters.zerodha.kite_rows import DAY, ORDER_ID, TAG
from tests.adapters.zerodha.scripted_server import StepClock

NOW = at(DAY, time(9, 15, 1))
PLACE, CHANGE = "POST /orders/regular", f"/orders/regular/{ORDER_ID}"
CALL = Instrument(name="ACME26NOV262.5CE", symbol="ACME", kind="CE", lot_size=75, tick=5)
ACCEPTED = OrderAccepted(at=NOW, tag=TAG, order_id=ORDER_ID)
MORPH = Modify(tag=TAG, order_id=ORDER_ID, order_type="LIMIT", quantity=75, limit=4400)
TAKEN = {"order_id": ORDER_ID}


def wish(**changes: Any) -> ApprovedOrder:
    """A buy of one lot at Rs 45.60, as the risk gate lets it through."""
    shape: dict[str, Any] = {
        "tag": TAG,
        "role": Role.ENTRY,
        "strategy": "nine_fifteen",
        "instrument": CALL,
        "side": "BUY",
        "quantity": 75,
        "type": "LIMIT",
        "limit": 4560,
    }
    return ApprovedOrder(OrderRequest(**(shape | changes)), NOW)


class Desk:
    """Orders over a fake client, with every event delivered."""

    def __init__(self, client: FakeClient) -> None:
        self.client = client
        self.clock = StepClock(NOW)
        self.events: list[Event] = []
        self.orders = ZerodhaOrders(client.as_client(), self.events.append, self.clock)

    async def rest(self) -> None:
        """Until nothing is under way any more."""
        while self.orders._tasks:
            await asyncio.wait(self.orders._tasks)
            await asyncio.sleep(0)


def run(replies: dict[str, Any], *steps: Callable[[ZerodhaOrders], object]) -> Desk:
    """A desk after these steps, each taken when everything before it is done."""

    async def story() -> Desk:
        desk = Desk(FakeClient(replies))
        for step in steps:
            step(desk.orders)
            await desk.rest()
        return desk

    return asyncio.run(story())


def submit(**changes: Any) -> Callable[[ZerodhaOrders], object]:
    return lambda orders: orders.submit(NOW, wish(**changes))


def modify(orders: ZerodhaOrders) -> None:
    orders.modify(NOW, MORPH)


def cancel(orders: ZerodhaOrders) -> None:
    orders.cancel(NOW, Cancel(TAG, ORDER_ID))


def read(orders: ZerodhaOrders) -> None:
    orders.read_orders(NOW)


def a_broker(orders: ZerodhaOrders) -> Broker:
    """The type checker holds that it is one."""
    return orders
