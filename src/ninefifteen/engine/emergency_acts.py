"""What an emergency sees at the broker, and what it asks for: plain values (`.emergency` decides)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.order import FINAL, OrderState, Side

from .emergency_prices import Shown

Key = tuple[str, str]
"""A contract and the product it is held under."""
Answer = Literal["taken", "refused", "not_sent", "unknown"]
"""What became of a request: `refused` is the broker's definite no, `not_sent` never left, else `unknown`."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One order of the account's book of today. Units and paise.

    `tag` is our own intent's name, empty for an order that is not ours. `stop` says that it rests as a
    stop. `modifications` counts those before the emergency, where known.
    """

    order_id: str
    name: str
    product: str
    side: Side
    state: OrderState
    quantity: int
    filled: int = 0
    limit: Paise = 0
    stop: bool = False
    tag: str = ""
    modifications: int = 0

    @property
    def key(self) -> Key:
        """The contract and product."""
        return self.name, self.product

    @property
    def open(self) -> int:
        """Units that may still fill; every state that is not final lives."""
        return 0 if self.state in FINAL else max(self.quantity - self.filled, 0)

    @property
    def living(self) -> bool:
        """Whether anything can still happen to it."""
        return self.state not in FINAL


class Stake(msgspec.Struct, frozen=True, kw_only=True):
    """What the account holds of one contract: units (negative is short) and the last price in paise."""

    name: str
    product: str
    net: int
    last: Paise = 0

    @property
    def key(self) -> Key:
        """The contract and product."""
        return self.name, self.product


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One whole look at the broker, begun at `at`: the day's orders, the positions, what is quoted."""

    at: Instant
    lines: tuple[Line, ...]
    stakes: tuple[Stake, ...]
    shown: Mapping[str, Shown] = {}


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for this order to be cancelled."""

    order_id: str
    name: str


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for this order to become a limit order of so many units in all, at this limit in paise."""

    order_id: str
    name: str
    product: str
    quantity: int
    limit: Paise


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """Send a new limit order, once."""

    tag: str
    name: str
    product: str
    side: Side
    quantity: int
    limit: Paise

    @property
    def key(self) -> Key:
        """The contract and product."""
        return self.name, self.product


Act = Pull | Move | Send


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One contract as the last look showed it. Units; `ours` is what our orders hold of `net`."""

    name: str
    product: str
    net: int
    ours: int
    bought: int
    sold: int


def in_words(act: Act) -> str:
    """One line for people."""
    if isinstance(act, Pull):
        return f"cancel order {act.order_id} of {act.name}"
    if isinstance(act, Move):
        return f"order {act.order_id} of {act.name} to {act.quantity} at limit Rs {rupees(act.limit)}"
    return f"{act.side} {act.quantity} {act.name} at limit Rs {rupees(act.limit)}, tag {act.tag}"
