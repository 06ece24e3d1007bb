"""Orders at Zerodha: the broker port over Kite Connect. Answers come back as events, never by return.

What an answer of the transport means for the engine (`reference/reliability.md` 4a, rules 3 to 5):

- placing: taken -> `OrderAccepted`; a definite no, or nothing sent at all -> `OrderRefused`; anything
  else -> `OutcomeUnknown`, which the engine looks up by the tag and never sends again;
- a change or a cancel: taken, a definite no, or nothing sent -> `ChangeAnswered`. Where the answer is
  lost nothing is claimed: the book is read at once instead, and what it says is what is true;
- the book: `OrdersRead` with `ok` False when the reading failed or a row of ours could not be read.

Every request is sent once. The book is read by one reader at a time, so that an older reading can
never come in after a newer one; asks that arrive meanwhile share the next reading.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import (
    ChangeAnswered,
    Event,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OutcomeUnknown,
    PositionsRead,
)
from ninefifteen.domain.instants import MILLISECOND, Instant
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.order import FINAL, ApprovedOrder, Holding, OrderReport, OrderRequest, OrderType
from ninefifteen.ports.wall import WallClock

from .client import KiteClient
from .errors import BrokerProblem, Down, Refused
from .order_rows import LONGEST_TAG, OrderBook, OrderRow, exact_values, own_orders, own_tag, report
from .portfolio import positions, trades
from .stamps import IDENTITY

LAST_ANSWERS_S = 5.0
"""Seconds of this machine that `close` leaves to requests under way; the transport gives up after 4."""

_TRADES_S = 1.0
"""Seconds of this machine for the trades: a fill must not go unprotected for the sake of exact paise."""

_LAG = 300 * MILLISECOND


class ZerodhaOrders:
    """Takes approved orders to Kite and delivers what becomes of them.

    `deliver` is called with each event from within the event loop, in the order in which answers come;
    its `at` is the clock's instant then. Only LIMIT and SL orders with a price exist here; their
    validity is the day. Use it within one running event loop.
    """

    def __init__(
        self,
        client: KiteClient,
        deliver: Callable[[Event], None],
        clock: WallClock,
        *,
        exchange: str = "NFO",
        product: str = "MIS",
        variety: str = "regular",
    ) -> None:
        self._client = client
        self._deliver = deliver
        self._clock = clock
        self._exchange = exchange
        self._product = product
        self._path = f"/orders/{variety}"
        self._tags: dict[str, str] = {}
        self._values: dict[str, tuple[int, Paise]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._read_again = False
        self._holder: asyncio.Task[None] | None = None
        self._holdings_wanted = False
        self.foreign = 0
        """Orders in the last reading that are not ours."""
        self.problem = ""
        """Why the last reading of the book failed, in one line; empty when it did not."""
        self.doubt = ""
        """The last change or cancel whose answer was lost, in one line."""

    # ------------------------------------------------------------------------------------ the broker port

    def submit(self, at: Instant, order: ApprovedOrder) -> None:  # noqa: ARG002 - the clock says when it leaves
        """Send the order once; answered by `OrderAccepted`, `OrderRefused` or `OutcomeUnknown`."""
        self._start(self._submit(order.request))

    def modify(self, at: Instant, change: Modify) -> None:  # noqa: ARG002
        """Ask for the whole new shape; answered by `ChangeAnswered`, or by a reading of the book."""
        self._start(self._change("modify", "PUT", change))

    def cancel(self, at: Instant, change: Cancel) -> None:  # noqa: ARG002
        """Ask for the cancelling; answered by `ChangeAnswered`, or by a reading of the book."""
        self._start(self._change("cancel", "DELETE", change))

    def read_orders(self, at: Instant) -> None:  # noqa: ARG002
        """Read the day's book; asks while a reading is under way share the one after it."""
        self._read_again = True
        if self._reader is None or self._reader.done():
            self._reader = self._start(self._read())

    def read_positions(self, at: Instant) -> None:  # noqa: ARG002
        """Read what the account holds in this exchange and product, whoever bought it."""
        self._holdings_wanted = True
        if self._holder is None or self._holder.done():
            self._holder = self._start(self._hold())

    # ---------------------------------------------------------------------------------------- around it

    def hint(self, data: object) -> bool:
        """Whether an order update of the ticker is about an order of ours, so that the book is worth reading.

        Updates are lost, doubled and reordered, and tell of every order of the account: nothing else
        is taken from them (`reference/brokers.md` 2.6).
        """
        if not isinstance(data, Mapping):
            return False
        tags = data.get("tags")
        texts = [data.get("tag"), *(tags if isinstance(tags, list | tuple) else ())]
        order_id = data.get("order_id")
        known = isinstance(order_id, str | int) and str(order_id) in self._tags
        return known or bool(own_tag(text for text in texts if isinstance(text, str)))

    def remember(self, tags: Mapping[str, str]) -> None:
        """Order ids of ours with their tags, from before a restart."""
        self._tags.update(tags)

    async def close(self) -> None:
        """Wait a little for answers under way, then give up on the rest: they become unknown."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=LAST_ANSWERS_S)
        late = set(self._tasks)  # those not answered, and readings begun by a doubt meanwhile
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)
        return task

    # ------------------------------------------------------------------------------------------- writes

    async def _submit(self, request: OrderRequest) -> None:
        tag = request.tag
        try:
            form = self._form(request)
        except ValueError as wrong:
            self._refused(tag, str(wrong))
            return
        try:
            data = await self._client.write("POST", self._path, form)
        except (Refused, Down) as no:  # either way there is no such order at the broker
            self._refused(tag, str(no))
        except asyncio.CancelledError:
            self._unknown(tag, "the program stopped before an answer came")
            raise
        except Exception as doubt:  # noqa: BLE001 - whatever happened, the order may have left
            self._unknown(tag, _words(doubt))
        else:
            self._accepted(tag, str(data.get("order_id", "")))

    async def _change(self, kind: str, method: str, change: Modify | Cancel) -> None:
        try:
            form = _changed(change)
        except ValueError as wrong:
            self._answered(kind, change.tag, no=str(wrong))
            return
        try:
            await self._client.write(method, f"{self._path}/{change.order_id}", form)
        except (Refused, Down) as no:
            self._answered(kind, change.tag, no=str(no))
        except Exception as doubt:  # noqa: BLE001 - whatever happened, the change may have left
            self.doubt = f"{kind} of {change.tag}: {_words(doubt)}"
            self.read_orders(self._clock.now())
        else:
            self._answered(kind, change.tag)

    def _form(self, request: OrderRequest) -> dict[str, str]:
        """The order as Kite takes it; ValueError for one that it would refuse or change."""
        if not 0 < len(request.tag) <= LONGEST_TAG:
            raise ValueError(
                f"nothing was sent: a tag has 1 to {LONGEST_TAG} characters, not {request.tag!r}"
            )
        shape = _shape(request.type, request.quantity, request.limit, request.trigger)
        return {
            "exchange": self._exchange,
            "tradingsymbol": request.instrument.name,
            "transaction_type": request.side,
            "product": self._product,
            **shape,
            "tag": request.tag,
        }

    def _accepted(self, tag: str, order_id: str) -> None:
        if not re.match(IDENTITY, order_id):
            self._unknown(tag, "taken, but under an order id that cannot be one")
            return
        self._tags[order_id] = tag
        self._deliver(OrderAccepted(at=self._clock.now(), tag=tag, order_id=order_id))

    def _refused(self, tag: str, message: str) -> None:
        self._deliver(OrderRefused(at=self._clock.now(), tag=tag, message=message))

    def _answered(self, kind: str, tag: str, *, no: str = "") -> None:
        at = self._clock.now()
        self._deliver(ChangeAnswered(at=at, tag=tag, change=kind, taken=not no, message=no))

    def _unknown(self, tag: str, detail: str) -> None:
        self._deliver(OutcomeUnknown(at=self._clock.now(), tag=tag, detail=detail))

    # ---------------------------------------------------------------------------------------- the book

    async def _read(self) -> None:
        while self._read_again:
            self._read_again = False
            try:
                reports = await self._reports()
            except Exception as problem:  # noqa: BLE001 - a reading that fails says so, and nothing else
                self.problem = _words(problem)
                self._deliver(OrdersRead(at=self._clock.now(), ok=False, reports=()))
            else:
                self.problem = ""
                self._deliver(OrdersRead(at=self._clock.now(), ok=True, reports=reports))

    async def _hold(self) -> None:
        while self._holdings_wanted:
            self._holdings_wanted = False
            try:
                rows = (await positions(self._client)).net
            except Exception as problem:  # noqa: BLE001 - a reading that fails says so, and nothing else
                self.problem = _words(problem)
                self._deliver(PositionsRead(at=self._clock.now(), ok=False, holdings=()))
            else:
                held = tuple(
                    Holding(name=row.symbol, net=row.quantity, sold=row.sold, sell_value=row.sell_value)
                    for row in rows
                    if row.exchange == self._exchange and row.product == self._product
                )
                self._deliver(PositionsRead(at=self._clock.now(), ok=True, holdings=held))

    async def _reports(self) -> tuple[OrderReport, ...]:
        rows = await self._client.read("/orders", list[msgspec.Raw])
        try:
            book = own_orders(rows, self._tags)
        except ValueError as malformed:
            raise Down(f"malformed order book: {malformed}") from None
        await self._look_up_values(book)
        self.foreign = book.foreign
        self._tags.update({row.order_id: tag for row in book.ours if (tag := own_tag(row.tags))})
        return tuple(report(row, self._tags[row.order_id], self._value(row)) for row in book.ours)

    def _value(self, row: OrderRow) -> Paise:
        units, value = self._values.get(row.order_id, (0, 0))
        return value if units == row.filled else 0

    async def _look_up_values(self, book: OrderBook) -> None:
        """Read the trades where fills of ours came to be whose exact sum is not known yet.

        Trades may lag behind the book, so an order that has ended is given one more look. Then its
        rounded average has to do, for good: the trade is booked by what the reading says.
        """
        new = {row.order_id: row for row in book.ours if row.filled != self._known(row)}
        filled = {order_id: row.filled for order_id, row in new.items()}
        ended = {order_id for order_id, row in new.items() if row.state in FINAL}
        if not new:
            return
        values = await self._sums(filled)
        if values is not None and ended - set(values):
            await self._clock.sleep_until(self._clock.now() + _LAG)
            values = await self._sums(filled)
        values = values or {}
        for order_id, units in filled.items():
            if order_id in values or order_id in ended:
                self._values[order_id] = (units, values.get(order_id, 0))

    def _known(self, row: OrderRow) -> int:
        """How many units of this order have had their sum looked up."""
        return self._values.get(row.order_id, (0, 0))[0]

    async def _sums(self, filled: Mapping[str, int]) -> dict[str, Paise] | None:
        """Exact sums by order id where the trades add up; None when the trades cannot be read."""
        try:
            async with asyncio.timeout(_TRADES_S):
                return exact_values(await trades(self._client), filled)
        except (BrokerProblem, TimeoutError):
            return None


def _shape(kind: OrderType, quantity: int, limit: Paise, trigger: Paise) -> dict[str, str]:
    """The fields that a placing and a modification share; ValueError for an order without a price."""
    if kind not in ("LIMIT", "SL") or quantity <= 0 or limit <= 0 or (kind == "SL" and trigger <= 0):
        raise ValueError(
            f"nothing was sent: no order of ours is {kind}, {quantity} at {limit} from {trigger}"
        )
    form = {"order_type": kind, "quantity": str(quantity), "price": rupees(limit), "validity": "DAY"}
    if kind == "SL":
        form["trigger_price"] = rupees(trigger)
    return form


def _changed(change: Modify | Cancel) -> dict[str, str]:
    if not re.match(IDENTITY, change.order_id):
        raise ValueError(f"nothing was sent: {change.order_id!r} is no order id")
    if isinstance(change, Cancel):
        return {}
    return _shape(change.order_type, change.quantity, change.limit, change.trigger)


def _words(problem: Exception) -> str:
    """The line of a broker problem; of anything else only its kind, as its text may hold anything."""
    return (
        str(problem) if isinstance(problem, BrokerProblem) else f"a fault of ours: {type(problem).__name__}"
    )
