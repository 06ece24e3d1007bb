"""Orders as the exchange keeps them, the trades they became, and the account they belong to.

The invariants of an order and of the account are held here and nowhere else: the filled quantity
never falls and never exceeds the order's, a final state is sticky, and a position is never short unless the
broker lends the margin for it.
"""

from __future__ import annotations

import msgspec

from ninefifteen.domain.effects import Modify
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import FINAL, OrderReport, OrderState, OrderType, Side


class ImpossibleState(Exception):
    """The exchange was about to break one of its own invariants: a fault of the program."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What an order asks for, at its placing or by a modification. Units and paise."""

    side: Side
    type: OrderType
    quantity: int
    limit: Paise
    trigger: Paise = 0


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One trade: `quantity` units of contract `name` at `price` paise."""

    trade_id: str
    order_id: str
    name: str
    side: Side
    at: Instant
    quantity: int
    price: Paise


class HeldOrder:
    """One order in the exchange's books; `value` is the exact sum of price x quantity of its fills."""

    __slots__ = (
        "filled",
        "history",
        "message",
        "modifications",
        "name",
        "order_id",
        "shape",
        "status",
        "tag",
        "value",
    )

    def __init__(self, order_id: str, tag: str, name: str, shape: Shape) -> None:
        self.order_id = order_id
        self.tag = tag
        self.name = name
        self.shape = shape
        self.status = OrderState.TRIGGER_PENDING if shape.type == "SL" else OrderState.OPEN
        self.message = ""
        self.filled = 0
        self.value: Paise = 0
        self.modifications = 0
        self.history: list[tuple[Instant, OrderReport]] = []

    @property
    def remaining(self) -> int:
        """Units not filled yet."""
        return self.shape.quantity - self.filled

    @property
    def final(self) -> bool:
        """Whether nothing can happen to this order any more."""
        return self.status in FINAL

    def fill(self, quantity: int, price: Paise) -> None:
        """Take a trade in; raises ImpossibleState when the order cannot trade that much."""
        if self.status is not OrderState.OPEN or not 0 < quantity <= self.remaining:
            raise ImpossibleState(f"order {self.order_id}: {quantity} units at {self.status}")
        self.filled += quantity
        self.value += quantity * price
        if not self.remaining:
            self.status = OrderState.COMPLETE

    def move(self, status: OrderState, message: str = "") -> None:
        """Go to another state; raises ImpossibleState when this one is final."""
        if self.final:
            raise ImpossibleState(f"order {self.order_id}: {self.status} cannot become {status}")
        self.status, self.message = status, message

    def reshape(self, shape: Shape) -> None:
        """Take a modification that has passed its checks; raises ImpossibleState when it cannot be."""
        if self.final or shape.quantity <= self.filled:
            raise ImpossibleState(f"order {self.order_id}: {self.status}, {self.filled} filled, to {shape}")
        self.shape = shape
        self.status = OrderState.TRIGGER_PENDING if shape.type == "SL" else OrderState.OPEN
        self.modifications += 1

    def shape_after(self, change: Modify) -> Shape:
        """What it would ask for after this modification."""
        return Shape(
            side=self.shape.side,
            type=change.order_type,
            quantity=change.quantity,
            limit=change.limit,
            trigger=change.trigger,
        )

    def last_report(self) -> OrderReport:
        """The state that was published last; it is the state of now."""
        return self.history[-1][1] if self.history else self.report()

    def report(self) -> OrderReport:
        """The broker's view of this order; the average is to the nearest paisa, half up."""
        average = (2 * self.value + self.filled) // (2 * self.filled) if self.filled else 0
        return OrderReport(
            order_id=self.order_id,
            tag=self.tag,
            status=self.status,
            quantity=self.shape.quantity,
            filled=self.filled,
            average=average,
            limit=self.shape.limit,
            trigger=self.shape.trigger,
            message=self.message,
            value=self.value,
            name=self.name,
        )


class Account:
    """Cash in paise and the net position of each contract in units.

    Without margin (`lends`) nothing is ever short and no cash overdrawn.
    """

    __slots__ = ("cash", "lends", "positions")

    def __init__(self, cash: Paise) -> None:
        self.cash = cash
        self.lends = False
        self.positions: dict[str, int] = {}

    def settle(self, name: str, side: Side, quantity: int, price: Paise) -> None:
        """Book a trade; raises ImpossibleState when it would overdraw the cash or sell what is not held."""
        signed = quantity if side == "BUY" else -quantity
        net = self.positions.get(name, 0) + signed
        cash = self.cash - signed * price
        if not self.lends and (net < 0 or (cash < 0 and side == "BUY")):
            raise ImpossibleState(f"{side} {quantity} {name} at {price}: net {net}, cash {cash}")
        self.positions[name] = net
        self.cash = cash
