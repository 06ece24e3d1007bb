"""Rows of Kite's order book and trade book, and what they mean in our words.

The states are those of `reference/brokers.md` section 2.6. Only three of them end an order; every
word we do not know means that it still lives. Rows are read one by one, because the book holds
orders of other programs and of the person as well: what is wrong with theirs is not our concern,
what is wrong with one of ours makes the whole reading untrustworthy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import OrderReport, OrderState, Side

from .stamps import Identity, Units, decode, exact, instant, nearest

LONGEST_TAG = 20
"""Characters of a tag that Kite takes; a longer one has the order rejected, not the tag cut."""

_OUR_TAG = re.compile(r"x[0-9]{2}[a-z0-9]{5,12}")
"""The engine's tags: x, the epoch, then base 32; at most 15 characters (`reference/reliability.md` 4a.1)."""

_STATES = {
    "OPEN": OrderState.OPEN,
    "TRIGGER PENDING": OrderState.TRIGGER_PENDING,
    "COMPLETE": OrderState.COMPLETE,
    "CANCELLED": OrderState.CANCELLED,
    "REJECTED": OrderState.REJECTED,
}


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One order at one moment. Units and paise; `average` is rounded to the paisa; stamps 0 where none.

    `status` is Kite's own word, `state` ours. `type` may be one we never send: rows of other
    programs are rows too.
    """

    order_id: str
    tags: tuple[str, ...]
    status: str
    state: OrderState
    exchange: str
    symbol: str
    side: Side
    type: str
    product: str
    quantity: int
    filled: int
    average: Paise
    limit: Paise
    trigger: Paise
    message: str
    ordered_at: Instant
    exchange_at: Instant


class TradeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trade: `quantity` units at `price` paise, `at` the exchange's stamp (0 where none)."""

    trade_id: str
    order_id: str
    exchange: str
    symbol: str
    side: Side
    product: str
    quantity: int
    price: Paise
    at: Instant


class OrderBook(msgspec.Struct, frozen=True):
    """Our own orders of a reading, and how many rows of the book are not ours."""

    ours: tuple[OrderRow, ...]
    foreign: int


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    order_id: Identity | int
    status: str
    tradingsymbol: str
    transaction_type: Literal["BUY", "SELL"]
    quantity: Units
    filled_quantity: Units
    price: Decimal
    order_type: str
    exchange: str = ""
    product: str = ""
    average_price: Decimal | None = None
    trigger_price: Decimal | None = None
    status_message: str | None = None
    status_message_raw: str | None = None
    order_timestamp: str | None = None
    exchange_timestamp: str | None = None
    tag: str | None = None
    tags: tuple[str, ...] | None = None


class _Trade(msgspec.Struct, frozen=True, kw_only=True):
    trade_id: Identity | int
    order_id: Identity | int
    tradingsymbol: str
    transaction_type: Literal["BUY", "SELL"]
    quantity: Units
    average_price: Decimal
    exchange: str = ""
    product: str = ""
    fill_timestamp: str | None = None
    exchange_timestamp: str | None = None


class _Label(msgspec.Struct, frozen=True):
    """Just enough of a row to tell whose it is."""

    order_id: Identity | int | None = None
    tag: str | None = None
    tags: tuple[str, ...] | None = None


def order_row(raw: bytes | msgspec.Raw) -> OrderRow:
    """One row of the order book or of an order's history; ValueError when it cannot be read."""
    row = decode(raw, _Order)
    if row.filled_quantity > row.quantity:
        raise ValueError(f"order {row.order_id}: {row.filled_quantity} of {row.quantity} filled")
    return OrderRow(
        order_id=str(row.order_id),
        tags=_labels(row.tag, row.tags),
        status=row.status,
        state=_state(row),
        exchange=row.exchange,
        symbol=row.tradingsymbol,
        side=row.transaction_type,
        type=row.order_type,
        product=row.product,
        quantity=row.quantity,
        filled=row.filled_quantity,
        average=nearest(row.average_price or Decimal()),
        limit=exact(row.price),
        trigger=exact(row.trigger_price or Decimal()),
        message=row.status_message or row.status_message_raw or "",
        ordered_at=instant(row.order_timestamp),
        exchange_at=instant(row.exchange_timestamp),
    )


def trade_row(raw: bytes | msgspec.Raw) -> TradeRow:
    """One row of the trade book; ValueError when it cannot be read."""
    row = decode(raw, _Trade)
    return TradeRow(
        trade_id=str(row.trade_id),
        order_id=str(row.order_id),
        exchange=row.exchange,
        symbol=row.tradingsymbol,
        side=row.transaction_type,
        product=row.product,
        quantity=row.quantity,
        price=exact(row.average_price),
        at=instant(row.fill_timestamp) or instant(row.exchange_timestamp),
    )


def own_tag(tags: Iterable[str]) -> str:
    """The tag that names an intent of ours; empty when there is none among them."""
    return next((tag for tag in tags if _OUR_TAG.fullmatch(tag)), "")


def is_ours(raw: bytes | msgspec.Raw, known: Collection[str]) -> bool:
    """Whether the row is of an order of ours: by its tag, or by an id the broker gave us before.

    Raises ValueError when the row does not even tell that.
    """
    label = decode(raw, _Label)
    return bool(own_tag(_labels(label.tag, label.tags))) or str(label.order_id) in known


def own_orders(rows: Iterable[msgspec.Raw], known: Mapping[str, str]) -> OrderBook:
    """Our own orders among the rows of a book; `known` is the tag of each order id known before.

    Raises ValueError when a row of ours cannot be read, or a row does not tell whose it is.
    """
    ours, foreign = [], 0
    for raw in rows:
        if is_ours(raw, known):
            ours.append(order_row(raw))
        else:
            foreign += 1
    return OrderBook(tuple(ours), foreign)


def exact_values(trades: Iterable[TradeRow], filled: Mapping[str, int]) -> dict[str, Paise]:
    """Exact sum of the fills of each order id whose trades add up to its filled units."""
    units: dict[str, int] = {}
    sums: dict[str, Paise] = {}
    for trade in {(trade.order_id, trade.trade_id): trade for trade in trades}.values():
        units[trade.order_id] = units.get(trade.order_id, 0) + trade.quantity
        sums[trade.order_id] = sums.get(trade.order_id, 0) + trade.quantity * trade.price
    return {order_id: sums[order_id] for order_id, count in units.items() if filled.get(order_id) == count}


def report(row: OrderRow, tag: str, value: Paise) -> OrderReport:
    """The row in the words of the core; `value` is the exact sum of its fills, 0 where unknown."""
    return OrderReport(
        order_id=row.order_id,
        tag=tag,
        status=row.state,
        quantity=row.quantity,
        filled=row.filled,
        average=row.average,
        limit=row.limit,
        trigger=row.trigger,
        message=row.message,
        value=value,
        name=row.symbol,
    )


def _labels(tag: str | None, tags: tuple[str, ...] | None) -> tuple[str, ...]:
    """`tag` and `tags` as one, in order: either may be absent, and `tags` usually repeats `tag`."""
    return tuple(dict.fromkeys(([tag] if tag else []) + list(tags or ())))


def _state(row: _Order) -> OrderState:
    """Our word for the status; a "complete" order with units missing is not believed to be final."""
    state = _STATES.get(row.status.strip().upper(), OrderState.PENDING)
    if state is OrderState.COMPLETE and row.filled_quantity < row.quantity:
        return OrderState.PENDING
    return state
