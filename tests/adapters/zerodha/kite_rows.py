"""Rows of the order book and the trade book as Kite writes them: one order of ours, to be changed."""

from __future__ import annotations

from datetime import date
from typing import Any

DAY = date(2026, 11, 23)
TAG = "x01abcdefge"
ORDER_ID = "1953341975595868160"


def order(**changes: object) -> dict[str, Any]:
    """A resting buy of 75 units at Rs 45.60."""
    row: dict[str, Any] = {
        "account_id": "AB1234",
        "placed_by": "AB1234",
        "order_id": ORDER_ID,
        "exchange_order_id": "1300000001887410",
        "parent_order_id": None,
        "status": "OPEN",
        "status_message": None,
        "status_message_raw": None,
        "order_timestamp": "2026-11-23 09:15:01",
        "exchange_update_timestamp": "2026-11-23 09:15:01",
        "exchange_timestamp": "2026-11-23 09:15:01",
        "variety": "regular",
        "modified": False,
        "exchange": "NFO",
        "tradingsymbol": "ACME26NOV262.5CE",
        "instrument_token": 258,
        "order_type": "LIMIT",
        "transaction_type": "BUY",
        "validity": "DAY",
        "validity_ttl": 0,
        "product": "MIS",
        "quantity": 75,
        "disclosed_quantity": 0,
        "price": 45.6,
        "trigger_price": 0,
        "average_price": 0,
        "filled_quantity": 0,
        "pending_quantity": 75,
        "cancelled_quantity": 0,
        "market_protection": 0,
        "meta": {},
        "tag": TAG,
        "tags": [TAG],
        "guid": "XXXXX",
    }
    return row | changes


def trade(trade_id: str, quantity: int, price: float, **changes: object) -> dict[str, Any]:
    """A fill of that order."""
    row: dict[str, Any] = {
        "trade_id": trade_id,
        "order_id": ORDER_ID,
        "exchange": "NFO",
        "tradingsymbol": "ACME26NOV262.5CE",
        "instrument_token": 258,
        "product": "MIS",
        "average_price": price,
        "quantity": quantity,
        "exchange_order_id": "1300000001887410",
        "transaction_type": "BUY",
        "fill_timestamp": "2026-11-23 09:15:02",
        "order_timestamp": "09:15:01",
        "exchange_timestamp": "2026-11-23 09:15:02",
    }
    return row | changes
