"""Everything the engine can ask for. It performs none of it: the rim journals, then performs."""

from __future__ import annotations

from datetime import date

import msgspec

from .instants import Instant
from .money import Paise
from .order import ApprovedOrder, OrderType
from .record import DayRecord


class _Effect(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    pass


class AskPreOpen(_Effect, frozen=True, tag="ask_pre_open"):
    """Bring the pre-open prices of the universe as an event."""


class AskChains(_Effect, frozen=True, tag="ask_chains"):
    """Bring the chains of these stocks at this expiry as one event, in this order."""

    symbols: tuple[str, ...]
    expiry: date


class Subscribe(_Effect, frozen=True, tag="subscribe"):
    """Bring market data of these contracts from now on."""

    names: tuple[str, ...]


class Unsubscribe(_Effect, frozen=True, tag="unsubscribe"):
    """No more market data of these contracts: nothing depends on them any longer."""

    names: tuple[str, ...]


class SubscribeStocks(_Effect, frozen=True, tag="subscribe_stocks"):
    """Bring last prices of the universe from now on."""


class Submit(_Effect, frozen=True, tag="submit"):
    """Send this order, once. Durable in the journal before the first byte leaves."""

    order: ApprovedOrder


class Modify(_Effect, frozen=True, tag="modify"):
    """Change a living order of ours; the whole new shape is given."""

    tag: str
    order_id: str
    order_type: OrderType
    quantity: int
    limit: Paise
    trigger: Paise = 0


class Cancel(_Effect, frozen=True, tag="cancel"):
    """Ask the broker to cancel an order of ours. A request: only a read proves it."""

    tag: str
    order_id: str


class ReadOrders(_Effect, frozen=True, tag="read_orders"):
    """Read the day's order book and bring it as an event."""


class ReadPositions(_Effect, frozen=True, tag="read_positions"):
    """Read what the account holds and bring it as an event."""


class StartTimer(_Effect, frozen=True, tag="start_timer"):
    """Bring `TimerFired(timer)` at this instant; a timer of the same name is replaced."""

    timer: str
    due: Instant


class Note(_Effect, frozen=True, tag="note"):
    """A fact for the logs and the screen: a kind, one plain sentence, and its figures."""

    kind: str
    text: str
    data: dict[str, str | int | float | bool | None] = {}


URGENT = "P1"
"""The severity of an alarm after which somebody has to act now."""


class Alert(_Effect, frozen=True, tag="alert"):
    """Somebody should know: severity P1 (act now), P2 (today), P3 (digest)."""

    severity: str
    text: str


class EndDay(_Effect, frozen=True, tag="end_day"):
    """The day is over for the engine; this is its record."""

    record: DayRecord


Effect = (
    AskPreOpen
    | AskChains
    | Subscribe
    | Unsubscribe
    | SubscribeStocks
    | Submit
    | Modify
    | Cancel
    | ReadOrders
    | ReadPositions
    | StartTimer
    | Note
    | Alert
    | EndDay
)
