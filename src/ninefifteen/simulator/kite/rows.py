"""Orders, their history and trades as Kite's JSON shows them.

Fields: the union over Zerodha's published samples. What this exchange cannot know (account numbers,
terminals) is absent; `guid` is made from the order's number.
"""

from __future__ import annotations

from typing import Any

from ninefifteen.domain.instants import clock_of
from ninefifteen.simulator.orders import Fill

from .desk import Order, State
from .envelope import number, stamp

Row = dict[str, Any]
_EXCHANGE_NUMBERS_FROM = 1_100_000_000_000_000


def order_row(order: Order, user_id: str, state: State | None = None) -> Row:
    """One order as it stands, or as it stood in `state`."""
    shown = state or order.state
    wish = order.wish
    rejected = shown.status == "REJECTED"
    confirmed = stamp(shown.confirmed_at)
    pending = 0 if rejected or shown.status == "COMPLETE" else shown.quantity - shown.filled
    return {
        "account_id": user_id,
        "placed_by": user_id,
        "order_id": order.order_id,
        "exchange_order_id": exchange_order_id(order) if confirmed else None,
        "parent_order_id": None,
        "status": shown.status,
        "status_message": shown.message,
        "status_message_raw": shown.message,
        "order_timestamp": stamp(order.placed_at if state is None else shown.at),
        "exchange_update_timestamp": confirmed,
        "exchange_timestamp": confirmed,
        "variety": "regular",
        "modified": shown.modified,
        "exchange": wish.listed.exchange,
        "tradingsymbol": wish.listed.symbol,
        "instrument_token": wish.listed.token,
        "order_type": shown.type,
        "transaction_type": wish.side,
        "validity": "DAY",
        "validity_ttl": 0,
        "product": wish.product,
        "quantity": shown.quantity,
        "disclosed_quantity": 0,
        "price": number(shown.limit),
        "trigger_price": number(shown.trigger),
        "average_price": number(shown.average),
        "filled_quantity": shown.filled,
        "pending_quantity": pending,
        "cancelled_quantity": shown.cancelled,
        "market_protection": 0,
        "meta": {},
        "tag": wish.tag,
        "tags": list(wish.tags),
        "guid": f"{order.order_id}rehearsal",
    }


def history_rows(order: Order, user_id: str) -> list[Row]:
    """Every state the order was in, the first one first."""
    return [order_row(order, user_id, state) for state in order.states]


def update_row(order: Order, user_id: str, status: str, checksum: str) -> Row:
    """The order as a ticker message or postback tells it, with the status that message carries."""
    row = order_row(order, user_id)
    state = order.state
    return {
        **row,
        "status": status,
        "order_timestamp": stamp(state.at),
        "user_id": user_id,
        "unfilled_quantity": row["pending_quantity"],
        "app_id": 1,
        "checksum": checksum,
    }


def trade_row(fill: Fill, order: Order) -> Row:
    """One trade."""
    wish = order.wish
    return {
        "trade_id": fill.trade_id,
        "order_id": order.order_id,
        "exchange": wish.listed.exchange,
        "tradingsymbol": wish.listed.symbol,
        "instrument_token": wish.listed.token,
        "product": wish.product,
        "average_price": number(fill.price),
        "quantity": fill.quantity,
        "exchange_order_id": exchange_order_id(order),
        "transaction_type": fill.side,
        "fill_timestamp": stamp(fill.at),
        "order_timestamp": f"{clock_of(order.placed_at):%H:%M:%S}",
        "exchange_timestamp": stamp(fill.at),
    }


def exchange_order_id(order: Order) -> str:
    """The exchange's own number of the order: sixteen digits."""
    return str(_EXCHANGE_NUMBERS_FROM + order.number)
