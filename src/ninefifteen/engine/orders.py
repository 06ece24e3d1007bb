"""Our own order book: what we sent, what we know of it, and what we do not know.

States and rules: `reference/reliability.md` section 4b. A final state is sticky, filled quantity
never falls, a status we cannot read means "living", and a placing without a trustworthy answer is
UNKNOWN: it counts as exposure and is looked up by its tag, never sent again.
"""

from __future__ import annotations

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import FINAL, ApprovedOrder, OrderReport, OrderRequest, OrderState, OrderType

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


_WORDS = FINAL | {OrderState.OPEN, OrderState.TRIGGER_PENDING, OrderState.PENDING}
"""What a broker can say; anything else means that the order lives (reference row 10)."""


class Shape(msgspec.Struct, frozen=True):
    """What an order asks for: type, units of the whole order, limit and trigger in paise."""

    type: OrderType
    quantity: int
    limit: Paise
    trigger: Paise = 0


class Order:
    """One order of ours. Prices in paise, quantities in units, `average` of the filled part.

    `doubled` marks the second order that the broker has under a tag of ours, `unpriced` one whose fills
    the broker has told without a price. `given_up` marks one that we have concluded to have expired because
    no reading ever showed it: our own guess, the only final state that the broker may still put right.
    `cancels` counts how often an unwanted sell was cancelled. `missing_since` is since when good readings of
    the order book lack it though it has an id there, `told_at` is when somebody was last told that something
    is wrong with it.
    """

    __slots__ = (
        "absences",
        "approved",
        "asked",
        "average",
        "cancelled_at",
        "cancels",
        "change_before_at",
        "doubled",
        "filled",
        "given_up",
        "last_change_at",
        "limit",
        "message",
        "missed_at",
        "missing_since",
        "modifications",
        "order_id",
        "quantity",
        "request",
        "sent_at",
        "state",
        "told_at",
        "trigger",
        "type",
        "unknown_since",
        "unpriced",
        "value",
    )

    def __init__(self, approved: ApprovedOrder) -> None:
        request = approved.request
        self.approved = approved
        self.request: OrderRequest = request
        self.state = OrderState.SENDING
        self.sent_at: Instant = approved.approved_at
        self.last_change_at: Instant = approved.approved_at
        self.order_id = ""
        self.type: OrderType = request.type
        self.quantity = request.quantity
        self.limit: Paise = request.limit
        self.trigger: Paise = request.trigger
        self.filled = 0
        self.average: Paise = 0
        self.value: Paise = 0
        self.modifications = 0
        self.message = ""
        self.unknown_since: Instant | None = None
        self.absences = 0
        self.cancelled_at: Instant = 0
        self.cancels = 0
        self.change_before_at: Instant = 0
        self.doubled = False
        self.unpriced = False
        self.given_up = False
        self.missing_since: Instant | None = None
        self.told_at: Instant = 0
        self.missed_at: Instant = approved.approved_at
        self.asked = Shape(request.type, request.quantity, request.limit, request.trigger)

    @property
    def tag(self) -> str:
        """The name of the intent at the broker."""
        return self.request.tag

    @property
    def final(self) -> bool:
        """Nothing more can happen to it."""
        return self.state in FINAL

    @property
    def remaining(self) -> int:
        """Units that may still fill: the exposure an open or unknown order carries."""
        return 0 if self.final else max(self.quantity - self.filled, 0)

    @property
    def shape(self) -> Shape:
        """What it is at the broker as far as we know: what was asked last while the answer is under way."""
        if self.state in (OrderState.SENDING, OrderState.MODIFYING):
            return self.asked
        kind: OrderType = "SL" if self.state is OrderState.TRIGGER_PENDING else self.type
        return Shape(kind, self.quantity, self.limit, self.trigger if kind == "SL" else 0)

    @property
    def shown(self) -> tuple[int, Paise, Paise]:
        """Units, limit and trigger as the broker has told them last."""
        return self.quantity, self.limit, self.trigger

    def accepted(self, order_id: str) -> None:
        """The broker gave it an id; a late answer to a parked order counts as well."""
        self._found()
        if self.final:
            return
        self.order_id = order_id
        self.unknown_since = None
        if self.state in (OrderState.SENDING, OrderState.UNKNOWN, OrderState.PARKED):
            self.state = OrderState.ACKED

    def give_up(self, why: str) -> None:
        """No reading has ever shown it: taken for expired, unless the broker shows it after all."""
        self.state, self.message, self.given_up = OrderState.EXPIRED, why, True

    def _found(self) -> None:
        if self.given_up:
            self.state, self.message, self.given_up = OrderState.UNKNOWN, "", False

    def refused(self, message: str) -> None:
        """A definite no to the placing."""
        if not self.final and not self.filled:
            self.state = OrderState.REJECTED
            self.message = message

    def lost(self, at: Instant) -> None:
        """No trustworthy answer to the placing."""
        if self.state in (OrderState.SENDING, OrderState.ACKED) and not self.order_id:
            self.state = OrderState.UNKNOWN
            self.unknown_since = at if self.unknown_since is None else self.unknown_since

    def modify(self, shape: Shape, at: Instant) -> None:
        """A change was asked for; only a report tells whether it was taken."""
        self.modifications += 1
        self.state = OrderState.MODIFYING
        self.asked, self.type = shape, shape.type
        self.change_before_at, self.last_change_at = self.last_change_at, at

    def report(self, report: OrderReport) -> bool:
        """Take the broker's word; returns whether the fills or their price have changed.

        A final state that the broker has told stays what it is, but fills that only a later report tells
        still count. A fill without a price is valued at the limit, the worst it can be, until a report
        brings the price.
        """
        before = self.filled, self.value
        if report.filled and report.filled >= self.filled:
            more = report.filled > self.filled
            price = report.average or (0 if more else self.average) or report.limit or self.limit
            self.filled, self.average = report.filled, price
            self.value = report.value or report.filled * price
            self.unpriced = not (report.average or report.value) and (more or self.unpriced)
        self._found()
        if not self.final:
            self._move(report)
        return (self.filled, self.value) != before

    def _move(self, report: OrderReport) -> None:
        if not self.order_id:
            self.accepted(report.order_id)
        self.state = report.status if report.status in _WORDS else OrderState.PENDING
        self.message = report.message or self.message
        if report.limit:
            self.limit, self.trigger = report.limit, report.trigger
            self.quantity = report.quantity


class OrderBook:
    """All orders of ours today, by tag, with the counter that makes tags unique."""

    def __init__(self) -> None:
        self.by_tag: dict[str, Order] = {}
        self.twins: dict[str, Order] = {}
        self.epoch = 0
        self._count = 0

    def add(self, approved: ApprovedOrder) -> Order:
        """Remember an order about to be sent; its tag must be new."""
        order = Order(approved)
        if order.tag in self.by_tag:
            raise ValueError(f"tag {order.tag} was used before")
        self.by_tag[order.tag] = order
        return order

    def add_twin(self, first: Order, order_id: str) -> Order:
        """A second order the broker has under a tag of ours: it counts like any other."""
        order = Order(first.approved)
        order.doubled, order.order_id, order.state = True, order_id, OrderState.ACKED
        self.twins[order_id] = order
        return order

    def every(self) -> list[Order]:
        """Every order of ours today, those the broker has doubled included."""
        return [*self.by_tag.values(), *self.twins.values()] if self.twins else list(self.by_tag.values())

    def new_tag(self, day_number: int, role: str) -> str:
        """A tag never used before: x, epoch (2), day and count in base 32 (7), role letter; 11 characters.

        The day and a counter that survives restarts (it is replayed from the journal) make it
        unique, so no random source is needed in the core.
        """
        self._count += 1
        number = (day_number % 32**4) * 32**3 + self._count
        digits = "".join(_BASE32[number >> 5 * place & 31] for place in range(6, -1, -1))
        return f"x{self.epoch % 100:02d}{digits}{role[0]}"

    def living(self) -> list[Order]:
        """Orders that may still fill."""
        return [order for order in self.every() if not order.final]

    def exposure(self) -> Paise:
        """Paise that open, unknown and parked buys could still cost."""
        return sum(o.remaining * o.limit for o in self.living() if o.request.side == "BUY")
