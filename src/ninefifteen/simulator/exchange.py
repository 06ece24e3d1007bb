"""The simulated exchange with a broker in front of it: one pure state machine.

Requests go in with the instant they were sent (`ports.broker.Broker`), market events with
`observe`, answers come out as events at their due instants (`ports.source.Source`). There is no
clock, no I/O and no chance beyond the generator passed in, so the same calls give the same answers,
and a crash is undone by making them again. Who calls is not known here: the engine's runner, a
server that speaks a broker's protocol, or a layer that loses and delays.

The runner shows every market event to `observe` before the engine sees it. A request that reaches
the exchange at the very instant of a market event meets the market as it was before that event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from random import Random

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import (
    Bar,
    Chains,
    ChangeAnswered,
    DayClosed,
    Event,
    LastPrice,
    MinuteBars,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    PositionsRead,
    Quote,
)
from ninefifteen.domain.instants import SECOND, Instant, day_of
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import ApprovedOrder, Holding, OrderReport, OrderRequest, OrderState, Side
from ninefifteen.domain.order_limits import OrderLimits

from .book import Book
from .checks import Case, change_refusal, first_refusal, modification_refusal, tag_refusal
from .fills import FillModel
from .listing import calls_of
from .orders import Fill, HeldOrder, Shape
from .protection import protection_refusal
from .register import Register
from .wire import Arrival, Latency, ReadBook, ReadHoldings, Request, Wire
from .words import Refusal, refusal

_Observed = LastPrice | Bar | MinuteBars
"""Market events that show last prices and no book."""


class Exchange:
    """One trading day of one account at one broker.

    `open_at` and `close_at` bound the continuous session (both inclusive); `free_cash` is paise,
    debited and credited by the premium of each fill, charges apart; `chance` is needed only where
    the latency has jitter. Contracts become known through `list_instruments` or observed `Chains`.
    """

    def __init__(  # noqa: PLR0913 - an exchange is made of these, each by name
        self,
        *,
        open_at: Instant,
        close_at: Instant,
        fills: FillModel,
        free_cash: Paise,
        limits: OrderLimits,
        latency: Latency = Latency(),  # noqa: B008 - a frozen value
        chance: Random | None = None,
    ) -> None:
        if latency.jitter and chance is None:
            raise ValueError("a latency with jitter needs a seeded generator")
        self._open_at, self._close_at = open_at, close_at
        self._fills = fills
        day = day_of(open_at)
        self._limits = limits
        self._wire = Wire(latency, chance or Random(0))  # noqa: S311 - never drawn from without jitter
        self._instruments: dict[str, Instrument] = {}
        self._books: dict[str, Book] = {}
        self.register = Register(day, free_cash, self._worst_price)
        self._tags: set[str] = set()
        self._writes: deque[Instant] = deque(maxlen=self._limits.writes_per_second)

    # ---------------------------------------------------------------- what may be traded, what it costs

    def list_instruments(
        self, instruments: Iterable[Instrument], opening_references: Mapping[str, Paise] | None = None
    ) -> None:
        """Make contracts known, or known anew; references are the theoretical prices in paise, by name."""
        for instrument in instruments:
            self._instruments[instrument.name] = instrument
            self._book(instrument.name)
        for name, price in (opening_references or {}).items():
            self._book(name).reference.theoretical = price

    def observe(self, event: Event) -> None:
        """Let the exchange see a market event; call it in time order, before the engine sees the event."""
        self._advance(event.at)
        if isinstance(event, Quote):
            self._quote(event)
        elif isinstance(event, _Observed):
            if self._fills.has_book:  # without a book an order's own limit is its price: none is kept
                for name, price in _last_prices(event):
                    self._last(event.at, name, price)
        elif isinstance(event, Chains):
            for chain in event.chains:
                self.list_instruments(calls_of(chain))
        elif isinstance(event, DayClosed):
            self._lapse(event.at, self._wire.answer_in())

    # ----------------------------------------------------------------------------------- the broker port

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        """Answered by `OrderAccepted` or `OrderRefused`, then by an `OrderUpdate` of an accepted order."""
        self.request(at, order.request)

    def modify(self, at: Instant, change: Modify) -> None:
        """Answered by `ChangeAnswered`, then by an `OrderUpdate` when it was taken."""
        self.request(at, change)

    def cancel(self, at: Instant, change: Cancel) -> None:
        """Answered by `ChangeAnswered`, then by an `OrderUpdate` when it was taken."""
        self.request(at, change)

    def read_orders(self, at: Instant) -> None:
        """Answered by `OrdersRead`."""
        self.request(at, ReadBook())

    def read_positions(self, at: Instant) -> None:
        """Answered by `PositionsRead`."""
        self.request(at, ReadHoldings())

    def request(self, at: Instant, request: Request) -> None:
        """Send anything that can be asked, as data: the door for layers and servers around this one."""
        self._wire.send(at, request)
        self._advance(at)

    # ------------------------------------------------------------------------- the owner, in the broker's app

    def by_hand(self, at: Instant, name: str, side: Side, quantity: int, limit: Paise = 0) -> HeldOrder:
        """The owner trades, untagged, at any price now or at a limit; the broker lends: it may go short."""
        self._advance(at)
        order = self.register.start_by_hand(name, side, quantity, limit, self._instruments[name].tick)
        self._trade(at, order, rested=False)
        if not order.final and not limit:
            order.move(OrderState.CANCELLED)
        self._publish(at, order, self._wire.answer_in())
        return order

    def cancel_outside(self, at: Instant, order_id: str, words: str) -> None:
        """Somebody else than the sender cancels a working order: its owner in the app, or the exchange."""
        self._advance(at)
        order = self.register.orders[order_id]
        if not order.final:
            order.move(OrderState.CANCELLED, words)
            self._publish(at, order, self._wire.answer_in())

    # ----------------------------------------------------------------------------------- the source port

    def next_at(self) -> Instant | None:
        """When the next answer is due; a market event may bring one forward."""
        return self._wire.next_at()

    def pop(self) -> Event:
        """Take the next answer; IndexError when nothing is under way."""
        while not self._wire.answers:
            self._arrive(self._wire.next_arrival())
        return self._wire.answers.popleft()

    # ----------------------------------------------------------------------- the truth, for tests and proof

    def orders_of_day(self) -> tuple[OrderReport, ...]:
        """Every order of the day that got an id, in the order of their ids."""
        return self.register.reports()

    def history(self, order_id: str) -> tuple[tuple[Instant, OrderReport], ...]:
        """Every state an order was in, with the instant; KeyError for an unknown id."""
        return tuple(self.register.orders[order_id].history)

    def trades_of_day(self) -> tuple[Fill, ...]:
        """Every trade of the day in the order they happened."""
        return tuple(self.register.trades)

    def holdings(self) -> tuple[Holding, ...]:
        """Every contract traded today with what is held of it, as the broker's positions show it."""
        return self.register.holdings()

    def net(self, name: str) -> int:
        """Units held of a contract now."""
        return self.register.net(name)

    def is_flat(self) -> bool:
        """Nothing is held and no order can still trade."""
        return self.register.is_flat()

    @property
    def cash(self) -> Paise:
        """Cash in paise after all trades, what open orders have claimed included."""
        return self.register.account.cash

    @property
    def free_cash(self) -> Paise:
        """Cash in paise that no open buy order has claimed."""
        return self.register.available()

    # -------------------------------------------------------------------------------------- requests arrive

    def _advance(self, until: Instant) -> None:
        while (arrival := self._wire.arrived(until)) is not None:
            self._arrive(arrival)
        if until > self._close_at and self.register.working and self._fills.has_book:
            self._lapse(until, self._wire.answer_in())

    def _arrive(self, arrival: Arrival) -> None:
        if arrival.at > self._close_at and self.register.working and self._fills.has_book:
            self._lapse(arrival.at, arrival.answer_in)
        request = arrival.request
        if isinstance(request, OrderRequest):
            self._place(arrival, request)
        elif isinstance(request, Modify | Cancel):
            self._change(arrival, request)
        elif isinstance(request, ReadHoldings):
            due = self._wire.due(arrival.at, arrival.answer_in)
            self._wire.answer(PositionsRead(at=due, ok=True, holdings=self.holdings()))
        else:
            due = self._wire.due(arrival.at, arrival.answer_in)
            self._wire.answer(OrdersRead(at=due, ok=True, reports=self.orders_of_day()))

    def _place(self, arrival: Arrival, request: OrderRequest) -> None:
        at, tag = arrival.at, request.tag
        shape = Shape(
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            limit=request.limit,
            trigger=request.trigger,
        )
        no = self._too_many(at) or tag_refusal(tag, self._tags, self._limits)
        self._tags.add(tag)
        name = request.instrument.name
        no = no or self._refused(at, name, shape, None)
        if no is not None and no.before_order:
            due = self._wire.due(at, arrival.answer_in)
            self._wire.answer(OrderRefused(at=due, tag=tag, message=no.words))
            return
        order = self.register.new_order(tag, name, shape)
        due = self._wire.due(at, arrival.answer_in)
        self._wire.answer(OrderAccepted(at=due, tag=tag, order_id=order.order_id))
        if no is not None:
            order.move(OrderState.REJECTED, no.words)
        else:
            order.history.append((at, order.report()))
            self.register.start(order)
            self._trade(at, order, rested=False)
        self._publish(at, order, arrival.answer_in)

    def _change(self, arrival: Arrival, change: Modify | Cancel) -> None:
        at = arrival.at
        order = self.register.orders.get(change.order_id)
        kind = "modify" if isinstance(change, Modify) else "cancel"
        no = self._too_many(at)
        if no is None:
            no = self._change_refused(at, order, change)
        words = "" if no is None else no.words
        due = self._wire.due(at, arrival.answer_in)
        self._wire.answer(
            ChangeAnswered(at=due, tag=change.tag, change=kind, taken=no is None, message=words)
        )
        if no is not None or order is None:
            return
        if isinstance(change, Modify):
            order.reshape(order.shape_after(change))
            self._trade(at, order, rested=False)
        else:
            order.move(OrderState.CANCELLED)
        self._publish(at, order, arrival.answer_in)

    # ---------------------------------------------------------------------------------------------- checks

    def _too_many(self, at: Instant) -> Refusal | None:
        """The rate limit counts what it lets through: no more than so many writes in any one second."""
        writes = self._writes
        if len(writes) == writes.maxlen and at - writes[0] < SECOND:
            return refusal("too_many_requests", writes=writes.maxlen)
        writes.append(at)
        return None

    def _change_refused(
        self, at: Instant, order: HeldOrder | None, change: Modify | Cancel
    ) -> Refusal | None:
        if order is None:
            return refusal("unknown_order", order_id=change.order_id)
        no = change_refusal(order)
        if no is not None or isinstance(change, Cancel):
            return no
        shape = order.shape_after(change)
        return modification_refusal(order, shape, self._limits) or self._refused(at, order.name, shape, order)

    def _refused(self, at: Instant, name: str, shape: Shape, order: HeldOrder | None) -> Refusal | None:
        instrument = self._instruments.get(name)
        if instrument is None:
            return refusal("unknown_contract", name=name)
        case = Case(
            at=at,
            shape=shape,
            instrument=instrument,
            book=self._books[name],
            limits=self._limits,
            fills=self._fills,
            open_at=self._open_at,
            close_at=self._close_at,
            available=self.register.available(order),
            sellable=self.register.sellable(name, order),
            filled=order.filled if order is not None else 0,
        )
        return first_refusal(case)

    def _worst_price(self, name: str, side: Side, limit: Paise) -> Paise:
        return self._fills.worst_price(side, limit, self._instruments[name].tick)

    # ---------------------------------------------------------------------------------------------- trading

    def _book(self, name: str) -> Book:
        book = self._books.get(name)
        if book is None:
            book = self._books[name] = Book(self._limits)
        return book

    def _quote(self, quote: Quote) -> None:
        if quote.exchange_at < self._open_at:
            return  # yesterday's, or of before the open: nothing can trade with it
        book = self._book(quote.name)
        book.show(quote)
        if quote.name in self.register.working and self._fills.has_book:
            self._work(quote.at, quote.name, book)

    def _last(self, at: Instant, name: str, price: Paise) -> None:
        book = self._book(name)
        book.show_last(at, price)
        if name in self.register.working:
            self._work(at, name, book)

    def _work(self, at: Instant, name: str, book: Book) -> None:
        for order in tuple(self.register.working[name]):
            rested = order.status is OrderState.OPEN
            before = order.status, order.filled
            if rested or self._trigger(at, order, book):
                self._trade(at, order, rested=rested)
            if (order.status, order.filled) != before:
                self._publish(at, order, self._wire.answer_in())

    def _trigger(self, at: Instant, order: HeldOrder, book: Book) -> bool:
        """Whether a waiting stop has become a limit order now; outside the protection it is cancelled."""
        shape, last = order.shape, book.last
        if not last or (last < shape.trigger if shape.side == "BUY" else last > shape.trigger):
            return False
        no = protection_refusal(
            "protection_trigger", order.name, shape.side, shape.limit, book.reference.at(at), self._limits
        )
        if no is not None:
            order.move(OrderState.CANCELLED, no.words)
            return False
        order.move(OrderState.OPEN)
        return True

    def _trade(self, at: Instant, order: HeldOrder, *, rested: bool) -> None:
        if order.status is not OrderState.OPEN:
            return
        instrument, book = self._instruments[order.name], self._books[order.name]
        for price, quantity in self._fills.trades(order, instrument, book, rested=rested):
            self.register.settle(at, order, price, quantity)

    def _lapse(self, at: Instant, answer_in: Instant) -> None:
        for orders in tuple(self.register.working.values()):
            for order in tuple(orders):
                order.move(OrderState.CANCELLED, refusal("lapsed").words)
                self._publish(at, order, answer_in)

    def _publish(self, at: Instant, order: HeldOrder, answer_in: Instant) -> None:
        """Write the order's new state into its history and send it out; a final order works no more."""
        report = order.report()
        order.history.append((at, report))
        self.register.published += 1
        self.register.drop_if_final(order)
        self._wire.answer(OrderUpdate(at=self._wire.due(at, answer_in), report=report))


def _last_prices(event: _Observed) -> Iterable[tuple[str, Paise]]:
    if isinstance(event, LastPrice):
        return ((event.name, event.price),)
    if isinstance(event, Bar):
        return ((event.name, event.close),)
    return zip(event.names, event.closes, strict=True)
