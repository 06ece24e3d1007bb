"""Orders: what may be asked of a broker, and the states an order of ours goes through.

The states and transitions are those of `reference/reliability.md` section 4b. Two rules hold in
every transition: a final state is sticky, and the filled quantity never falls.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from .instants import Instant
from .instrument import Instrument
from .money import Paise

Side = Literal["BUY", "SELL"]
OrderType = Literal["LIMIT", "SL"]
"""LIMIT, or SL = stop-limit. MARKET does not exist here: no order of ours is ever one."""


class Role(StrEnum):
    """Why the order exists."""

    ENTRY = "entry"
    PROTECT = "protect"
    REPAIR = "repair"


class OrderState(StrEnum):
    """Where one order of ours stands, as far as we can know."""

    PREPARED = "prepared"
    SENDING = "sending"
    ACKED = "acked"
    OPEN = "open"
    TRIGGER_PENDING = "trigger_pending"
    PENDING = "pending"
    MODIFYING = "modifying"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    PARKED = "parked"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


FINAL = frozenset({OrderState.COMPLETE, OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED})
"""States that nothing leaves."""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An order somebody wishes for; only the risk gate can turn it into an `ApprovedOrder`.

    `quantity` is units; `limit` and `trigger` are paise (`trigger` only for SL); `tag` names the
    intent at the broker, is at most 15 letters and digits and is never used twice.
    """

    tag: str
    role: Role
    strategy: str
    instrument: Instrument
    side: Side
    quantity: int
    type: OrderType
    limit: Paise
    trigger: Paise = 0


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says the account holds of one contract, by whoever it was bought.

    `net` is units (negative is short). `sold` and `sell_value` are units and paise of the day's sales
    in it, 0 where the broker does not tell; they price what somebody sold by hand.
    """

    name: str
    net: int
    sold: int = 0
    sell_value: Paise = 0


class ApprovedOrder(msgspec.Struct, frozen=True):
    """An order the risk gate has approved: the only thing a broker port accepts.

    Constructed in `engine/risk.py` and nowhere else (a test of the architecture holds this).
    """

    request: OrderRequest
    approved_at: Instant


class OrderReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says about one order at one moment, in our words.

    `status` is one of OPEN, TRIGGER_PENDING, PENDING, COMPLETE, CANCELLED, REJECTED; `filled` is
    units filled so far, `average` their average price in paise (0 when none). `value` is their exact
    sum in paise where the broker's trades tell it, else 0: an average of several prices is rounded.
    `name` is the contract, empty where it is not told.
    """

    order_id: str
    tag: str
    status: OrderState
    quantity: int
    filled: int
    average: Paise
    limit: Paise
    trigger: Paise = 0
    message: str = ""
    value: Paise = 0
    name: str = ""
