"""A desk at the simulated exchange: an open session, one or two contracts, and short words for orders."""

from __future__ import annotations

from datetime import date, time
from itertools import count
from typing import Any, cast

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import ChangeAnswered, Event, LastPrice, OrderRefused, OrderUpdate, Quote
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import OrderReport, OrderRequest, OrderState, Role
from ninefifteen.domain.order_limits import OrderLimits
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills, FillModel
from ninefifteen.simulator.wire import Latency
from tests.simulator.synthetic_facts import rules

DAY = date(2026, 12, 2)
OPEN = at(DAY, time(9, 15))
CLOSE = at(DAY, time(15, 40))
LOT = 250
CALL = Instrument(
    name="GRASIM 2026-12-29 2800 CE",
    symbol="GRASIM",
    kind="CE",
    lot_size=LOT,
    tick=5,
    expiry=date(2026, 12, 29),
    strike=280_000,
    freeze_quantity=10_000,
    band_low=5,
    band_high=60_000,
)


def limits_on(day: date) -> OrderLimits:
    """The packaged order limits of that day."""
    return rules().order_limits.on(day)


class Desk:
    """An exchange with `CALL` listed and a clock of its own that the tests turn on by hand."""

    def __init__(
        self,
        *,
        cash: int = 10_000_000,
        fills: FillModel | None = None,
        latency: Latency | None = None,
        instrument: Instrument = CALL,
        reference: int = 0,
    ) -> None:
        self.exchange = Exchange(
            open_at=OPEN,
            close_at=CLOSE,
            fills=fills or DepthFills(),
            free_cash=cash,
            limits=limits_on(DAY),
            latency=latency or Latency(),
        )
        self.instrument = instrument
        self.exchange.list_instruments([instrument], {instrument.name: reference} if reference else None)
        self.now: Instant = OPEN
        self._tags = count(1)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)

    def quote(
        self,
        bid: int,
        ask: int,
        *,
        last: int = 0,
        size: int = 4 * LOT,
        exchange_at: Instant | None = None,
        **more: tuple[tuple[int, int], ...],
    ) -> None:
        """A quote of the contract, now; the same size on both sides."""
        self.exchange.observe(
            Quote(
                at=self.now,
                name=self.instrument.name,
                exchange_at=self.now if exchange_at is None else exchange_at,
                bid=bid,
                bid_quantity=size if bid else 0,
                ask=ask,
                ask_quantity=size if ask else 0,
                last=last,
                more_bids=more.get("more_bids", ()),
                more_asks=more.get("more_asks", ()),
            )
        )

    def last(self, price: int) -> None:
        """A last price of the contract, now."""
        self.exchange.observe(LastPrice(at=self.now, name=self.instrument.name, price=price))

    def request(self, side: str, limit: int, quantity: Any = LOT, **fields: Any) -> OrderRequest:
        """A well-formed request unless `fields` make it otherwise."""
        shape: dict[str, Any] = {
            "tag": f"x{next(self._tags):06d}",
            "role": Role.ENTRY if side == "BUY" else Role.PROTECT,
            "strategy": "nine_fifteen",
            "instrument": self.instrument,
            "side": side,
            "quantity": quantity,
            "type": "LIMIT",
            "limit": limit,
        }
        return OrderRequest(**(shape | fields))

    def buy(self, limit: int, quantity: Any = LOT, **fields: Any) -> list[Event]:
        """Send a buy and return what comes back."""
        return self.send(self.request("BUY", limit, quantity, **fields))

    def sell(self, limit: int, quantity: Any = LOT, **fields: Any) -> list[Event]:
        """Send a sell and return what comes back."""
        return self.send(self.request("SELL", limit, quantity, **fields))

    def stop(self, trigger: int, limit: int, quantity: int = LOT, side: str = "SELL") -> list[Event]:
        """Send a stop-limit order and return what comes back."""
        return self.send(self.request(side, limit, quantity, type="SL", trigger=trigger))

    def hold(self, quantity: int = LOT, price: int = 10_000) -> None:
        """Buy and fill `quantity` at `price`, then clear the book."""
        self.quote(price - 50, price, last=price, size=quantity)
        assert report(self.buy(price, quantity)).status is OrderState.COMPLETE
        self.quote(0, 0)

    def modify(self, order_id: str, limit: int, quantity: Any = LOT, **fields: Any) -> list[Event]:
        """Ask for a change and return what comes back; a LIMIT unless `fields` say otherwise."""
        shape = {"order_type": "LIMIT", "limit": limit, "quantity": quantity, "tag": "t"} | fields
        self.exchange.modify(self.now, Modify(order_id=order_id, **cast("Any", shape)))
        return self.drain()

    def cancel(self, order_id: str) -> list[Event]:
        """Ask for a cancel and return what comes back."""
        self.exchange.cancel(self.now, Cancel(tag="t", order_id=order_id))
        return self.drain()

    def send(self, request: OrderRequest) -> list[Event]:
        """Send a request and return what comes back."""
        self.exchange.request(self.now, request)
        return self.drain()

    def drain(self) -> list[Event]:
        """Everything that is under way."""
        events = []
        while self.exchange.next_at() is not None:
            events.append(self.exchange.pop())
        return events


def report(events: list[Event]) -> OrderReport:
    """The last word on an order among these events."""
    return [event.report for event in events if isinstance(event, OrderUpdate)][-1]


def refused(events: list[Event]) -> str:
    """The words of a refusal, however it came: as an answer, or as an order that ended REJECTED."""
    event = events[-1]
    if isinstance(event, OrderUpdate):
        assert event.report.status is OrderState.REJECTED
        return event.report.message
    assert isinstance(event, OrderRefused | ChangeAnswered)
    assert not (isinstance(event, ChangeAnswered) and event.taken)
    return event.message
