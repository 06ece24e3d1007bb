"""The broker's desk before the simulated exchange: orders by form, their states over time, the answers.

The exchange answers at once: what takes time between a client and this desk is the real network, and
what `Faults` adds on purpose. Order states and the order they come in: Kite Connect v3, "Orders".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import ChangeAnswered, Event, OrderAccepted, OrderRefused, OrderUpdate, Quote
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import FINAL, OrderReport, OrderRequest, OrderState, OrderType, Role, Side
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.market import Listed, MarketDay
from ninefifteen.simulator.orders import Fill
from ninefifteen.simulator.wire import Request

from .envelope import ORDER, KiteError
from .refusing import error_of
from .wishes import Change, Form, Wish, changing, placing

_ROLES = {"BUY": Role.ENTRY, "SELL": Role.PROTECT}


class State(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order's history. Prices paise, quantities units; `told` when clients are told."""

    at: Instant
    status: str
    type: OrderType
    quantity: int
    limit: Paise
    trigger: Paise
    filled: int = 0
    average: Paise = 0
    cancelled: int = 0
    confirmed_at: Instant = 0
    message: str | None = None
    modified: bool = False


class Order:
    """One order of the day at the broker; `states` in the order in which they came to be."""

    def __init__(self, order_id: str, number: int, wish: Wish, placed_at: Instant) -> None:
        self.order_id = order_id
        self.number = number
        self.wish = wish
        self.placed_at = placed_at
        self.states: list[State] = []
        self.report: OrderReport | None = None

    @property
    def state(self) -> State:
        """Where it stands now."""
        return self.states[-1]

    @property
    def living(self) -> bool:
        """Whether it can still trade."""
        return self.report is None or self.report.status not in FINAL

    @property
    def shape(self) -> Change:
        """What it asks for now; a stop that has been triggered is a limit order."""
        state = self.state
        triggered = self.report is not None and self.report.status is OrderState.OPEN
        return Change(state.quantity, "LIMIT" if triggered else state.type, state.limit, state.trigger)


Tell = Callable[[Order, str], None]
"""Told of every order update that a ticker shows: the order, and the status its message carries."""
Follow = Callable[[Listed, Instant], None]
"""Sees to it that the exchange knows a contract and is shown its quotes from now on."""


class Desk:
    """One account's orders of one day. `follow` brings quotes, `tell` hears what the tickers are told."""

    def __init__(self, market: MarketDay, exchange: Exchange, *, follow: Follow, tell: Tell) -> None:
        self.market = market
        self.exchange = exchange
        self.orders: dict[str, Order] = {}
        self.opening_cash = exchange.cash
        self._follow = follow
        self._tell = tell
        self._sent = 0
        self._wishes: dict[str, Wish] = {}

    def place(self, at: Instant, variety: str, form: Form) -> str:
        """Place an order; returns its id, or raises KiteError with the definite no."""
        listed = self.market.by_key.get(f"{form.get('exchange', '')}:{form.get('tradingsymbol', '')}")
        last = 0 if listed is None else self.market.snapshot(listed.token, at).last
        wish = placing(form, variety, listed, last)
        self._follow(wish.listed, at)
        self._sent += 1
        tag = f"k{self._sent:07d}"
        self._wishes[tag] = wish
        request = OrderRequest(
            tag=tag,
            role=_ROLES[wish.side],
            strategy="client",
            instrument=instrument_of(wish.listed),
            side=wish.side,
            quantity=wish.quantity,
            type=wish.type,
            limit=wish.limit,
            trigger=wish.trigger,
        )
        for event in self._ask(at, request):
            if isinstance(event, OrderRefused) and event.tag == tag:
                raise error_of(event.message, wish.listed)
            if isinstance(event, OrderAccepted) and event.tag == tag:
                return event.order_id
        raise AssertionError("the exchange left a placing without an answer")

    def modify(self, at: Instant, variety: str, order_id: str, form: Form) -> str:
        """Give a living order another shape; returns its id, or raises KiteError with the definite no."""
        order = self.order(order_id, variety)
        listed = order.wish.listed
        last = self.market.snapshot(listed.token, at).last
        change = changing(form, order.shape, order.wish.side, listed, last)
        self._follow(listed, at)
        before = order.state
        modify = Modify(
            tag=order_id,
            order_id=order_id,
            order_type=change.type,
            limit=change.limit,
            trigger=change.trigger,
            quantity=change.quantity,
        )
        self._change(at, modify, order, ("MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED"), before)
        return order_id

    def cancel(self, at: Instant, variety: str, order_id: str) -> str:
        """Cancel a living order; returns its id, or raises KiteError with the definite no."""
        order = self.order(order_id, variety)
        self._change(at, Cancel(tag=order_id, order_id=order_id), order, ("CANCEL PENDING",), order.state)
        return order_id

    def by_hand(self, at: Instant, listed: Listed, side: Side, quantity: int) -> str:
        """The account's owner trades in the broker's own app, at once and without a tag; the order's id."""
        self._follow(listed, at)
        held = self.exchange.by_hand(at, listed.label, side, quantity)
        wish = Wish(
            listed=listed,
            side=side,
            quantity=quantity,
            type="LIMIT",
            limit=held.shape.limit,
            trigger=0,
            product="MIS",
            tag=None,
            tags=(),
        )
        self._open(held.order_id, wish, at)
        self._take(self._answers())
        return held.order_id

    def observe(self, quote: Quote) -> None:
        """Let the exchange see a quote, and take in what it does to orders."""
        self.exchange.observe(quote)
        self._take(self._answers())

    def order(self, order_id: str, variety: str | None = None) -> Order:
        """The order of that id (and variety); raises KiteError when there is none."""
        order = self.orders.get(order_id)
        if order is None or variety not in (None, "regular"):
            raise KiteError(f"Couldn't find that `order_id`: {order_id}.", ORDER)
        return order

    def trades(self, order_id: str | None = None) -> list[tuple[Fill, Order]]:
        """The trades of the day, or of one order, with the orders they belong to."""
        return [
            (fill, self.orders[fill.order_id])
            for fill in self.exchange.trades_of_day()
            if order_id is None or fill.order_id == order_id
        ]

    def tokens(self) -> set[int]:
        """Contracts with a living order or something held: their quotes must reach the exchange."""
        listed = {order.wish.listed.token: order.wish.listed for order in self.orders.values()}
        living = {order.wish.listed.token for order in self.orders.values() if order.living}
        return living | {token for token, one in listed.items() if self.exchange.net(one.label)}

    def _change(
        self, at: Instant, request: Modify | Cancel, order: Order, steps: tuple[str, ...], before: State
    ) -> None:
        answers = self._ask(at, request, take=False)
        answer = next(event for event in answers if isinstance(event, ChangeAnswered))
        if not answer.taken:
            self._take(answers)
            raise error_of(answer.message, order.wish.listed)
        for status in steps:
            stamped = before.confirmed_at if status.endswith("PENDING") else at
            order.states.append(msgspec.structs.replace(before, at=at, status=status, confirmed_at=stamped))
        self._take(answers, changed_to=request.order_type if isinstance(request, Modify) else None)

    def _ask(self, at: Instant, request: Request, *, take: bool = True) -> list[Event]:
        self.exchange.request(at, request)
        answers = list(self._answers())
        if take:
            self._take(answers)
        return answers

    def _answers(self) -> Iterator[Event]:
        while self.exchange.next_at() is not None:
            yield self.exchange.pop()

    def _take(self, events: Iterator[Event] | list[Event], *, changed_to: OrderType | None = None) -> None:
        for event in events:
            if isinstance(event, OrderAccepted):
                self._open(event.order_id, self._wishes.pop(event.tag), event.at)
            elif isinstance(event, OrderUpdate):
                self._updated(self.orders[event.report.order_id], event, changed_to)

    def _open(self, order_id: str, wish: Wish, at: Instant) -> None:
        order = Order(order_id, len(self.orders) + 1, wish, at)
        self.orders[order_id] = order
        first = State(
            at=at,
            status="PUT ORDER REQ RECEIVED",
            type=wish.type,
            quantity=wish.quantity,
            limit=wish.limit,
            trigger=wish.trigger,
        )
        order.states += [first, msgspec.structs.replace(first, status="VALIDATION PENDING")]

    def _updated(self, order: Order, event: OrderUpdate, changed_to: OrderType | None) -> None:
        """Write down the state the exchange tells of; a bare placement is told to nobody."""
        report, before = event.report, order.report
        order.report = report
        resting = report.status in (OrderState.OPEN, OrderState.TRIGGER_PENDING)
        if before is None and report.status is not OrderState.REJECTED:
            waiting = "TRIGGER PENDING" if order.wish.type == "SL" else "OPEN"
            self._add(order, event.at, "OPEN PENDING", confirmed=False)
            self._add(order, event.at, waiting)
            if resting and not report.filled:
                return
        status = report.status.replace("_", " ").upper()
        listed = order.wish.listed
        order.states.append(
            State(
                at=event.at,
                status=status,
                type=changed_to or order.state.type,
                quantity=report.quantity,
                limit=report.limit,
                trigger=report.trigger,
                filled=report.filled,
                average=report.average,
                cancelled=report.quantity - report.filled if status == "CANCELLED" else 0,
                confirmed_at=0 if status == "REJECTED" else event.at,
                message=report.message.replace(listed.label, listed.symbol) or None,
                modified=changed_to is not None or order.state.modified,
            )
        )
        self._tell(order, "UPDATE" if resting else status)

    def _add(self, order: Order, at: Instant, status: str, *, confirmed: bool = True) -> None:
        state = msgspec.structs.replace(
            order.state, at=at, status=status, confirmed_at=at if confirmed else 0
        )
        order.states.append(state)


def instrument_of(listed: Listed) -> Instrument:
    """The contract as the simulated exchange knows it, under the simulator's own label."""
    return Instrument(
        name=listed.label,
        symbol=listed.root,
        kind="CE" if listed.kind == "CE" else "PE",
        lot_size=listed.lot_size,
        tick=listed.tick,
        expiry=listed.expiry,
        strike=listed.strike,
        freeze_quantity=listed.freeze_quantity,
        band_low=listed.band_low,
        band_high=listed.band_high,
    )
