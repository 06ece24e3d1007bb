"""Our adapter's orders at our own exchange, over HTTP, with something going wrong between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from ninefifteen.adapters.zerodha.client import KiteClient, Timeouts, simulated
from ninefifteen.adapters.zerodha.orders import ZerodhaOrders
from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import Event, OrdersRead
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import ApprovedOrder, OrderReport, OrderRequest, Role
from ninefifteen.domain.secret import SecretText
from ninefifteen.simulator.market import Listed
from tests.adapters.zerodha.kite_rows import TAG
from tests.patience import PATIENCE_S
from tests.simulator.kite.rehearsal import Rehearsal

HASTY = Timeouts(
    connect_read=PATIENCE_S, connect_write=PATIENCE_S, write=1.5, read=PATIENCE_S, dump=PATIENCE_S
)
"""So that an order whose answer never comes is unknown soon."""


class ServersClock:
    """The exchange's own clock, which stands still until somebody sleeps."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    def now(self) -> Instant:
        """The instant it is now."""
        return self._rehearsal.server.clock.now()

    async def sleep_until(self, until: Instant) -> None:
        """Turn it."""
        while self.now() < until:
            await self._rehearsal.advance(until)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Nothing turns it meanwhile."""
        yield


class Trader:
    """One trader: the transport, the orders over it, and every event delivered."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        ready = rehearsal.server.ready()
        self.rehearsal = rehearsal
        self.clock = ServersClock(rehearsal)
        self.client = KiteClient(
            simulated(ready["rest"], ready["ws"]), SecretText(ready["api_key"]), self.clock, timeouts=HASTY
        )
        self.client.use(SecretText(ready["access_token"]))
        self.events: list[Event] = []
        self.orders = ZerodhaOrders(self.client, self.events.append, self.clock)
        self.listed = rehearsal.call_near()

    @property
    def low(self) -> int:
        """A price in paise at which a buy rests."""
        market = self.rehearsal.server.venue.market
        return market.snapshot(self.listed.token, self.clock.now()).last - 300

    async def submit(self, tag: str = TAG) -> Event:
        """Send an order that rests; the event that answers it."""
        request = OrderRequest(
            tag=tag,
            role=Role.ENTRY,
            strategy="nine_fifteen",
            instrument=instrument(self.listed),
            side="BUY",
            quantity=self.listed.lot_size,
            type="LIMIT",
            limit=self.low,
        )
        self.orders.submit(self.clock.now(), ApprovedOrder(request, self.clock.now()))
        return await self._answer()

    async def modify(self, order_id: str, limit: int) -> Event:
        """Ask for another price; the event that comes of it."""
        change = Modify(
            tag=TAG, order_id=order_id, order_type="LIMIT", quantity=self.listed.lot_size, limit=limit
        )
        self.orders.modify(self.clock.now(), change)
        return await self._answer()

    async def cancel(self, order_id: str) -> Event:
        """Ask for the cancelling; the event that comes of it."""
        self.orders.cancel(self.clock.now(), Cancel(TAG, order_id))
        return await self._answer()

    async def book(self) -> tuple[OrderReport, ...]:
        """Our orders as the broker's book shows them; it must be readable."""
        read = await self.reading()
        assert read.ok, self.orders.problem
        return read.reports

    async def reading(self) -> OrdersRead:
        """One reading of the book."""
        self.orders.read_orders(self.clock.now())
        read = await self._answer()
        assert isinstance(read, OrdersRead)
        return read

    def count(self, what: str) -> int:
        """How many requests of a kind have reached the exchange."""
        return self.rehearsal.server.counts[what]

    async def _answer(self) -> Event:
        while self.orders._tasks:
            await asyncio.wait(self.orders._tasks)
            await asyncio.sleep(0)
        return self.events[-1]


@asynccontextmanager
async def trader(rehearsal: Rehearsal) -> AsyncIterator[Trader]:
    """A trader whose connections are closed afterwards."""
    one = Trader(rehearsal)
    try:
        yield one
    finally:
        await one.orders.close()
        await one.client.close()


def instrument(listed: Listed) -> Instrument:
    """A listed contract under the only name a broker is given: its trading symbol."""
    facts: dict[str, Any] = {"lot_size": listed.lot_size, "tick": listed.tick, "strike": listed.strike}
    return Instrument(name=listed.symbol, symbol=listed.root, kind="CE", expiry=listed.expiry, **facts)
