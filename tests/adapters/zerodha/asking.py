"""Requests to make of a scripted server, and what to expect of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import BrokerProblem
from tests.adapters.zerodha.scripted_server import Answer, Scripted, StepClock, scripted, success, talk

Data = dict[str, Any]
BUY = {"transaction_type": "BUY", "tradingsymbol": "INFY26NOV1500CE", "tag": "x1"}
PLACED = success({"order_id": "1953341975595868160"})


class Named(msgspec.Struct):
    """A shape to ask for."""

    user_id: str


def ask(client: KiteClient) -> Awaitable[Named]:
    """Read the profile."""
    return client.read("/user/profile", Named)


def place(client: KiteClient) -> Awaitable[Data]:
    """Place an order."""
    return client.write("POST", "/orders/regular", BUY)


def problem_of(use: Callable[[KiteClient], Awaitable[Any]], *answers: Answer) -> BrokerProblem:
    """The problem that a request ends with."""
    with pytest.raises(BrokerProblem) as raised:
        talk(use, *answers)
    return raised.value


async def with_server(
    use: Callable[[Scripted, KiteClient], Awaitable[Any]], *answers: Answer, clock: StepClock | None = None
) -> Scripted:
    """A client and its server for `use`; the server afterwards, with what it was asked."""
    async with scripted(*answers) as server:
        client = server.client(clock)
        try:
            await use(server, client)
        finally:
            await client.close()
        return server


NOES = [
    (403, "TokenException", "Incorrect `api_key` or `access_token`.", "token"),
    (403, "PermissionException", "Insufficient permission for that call.", "permission"),
    (403, "UserException", "The user is disabled.", "permission"),
    (403, "PermissionException", "IP not allowed to place orders for this app", "ip"),
    (403, "TokenException", "No IPs configured for this app. Add allowed IPs on the console.", "ip"),
    (400, "InputException", "No IPs configured for this app.", "ip"),
    (429, "NetworkException", "Too many requests", "rate"),
    (400, "MarginException", "Insufficient funds. Check the orderbook for open orders.", "margin"),
    (400, "InputException", "Invalid `quantity`.", "input"),
    (400, "OrderException", "Markets are closed right now. The order was not placed.", "market_closed"),
    (400, "OrderException", "Couldn't find the order '7'.", "order"),
    (400, "OrderException", "Couldn't find that `order_id`.", "order"),
    (400, "OrderException", "Trigger price for a stoploss SELL order must be below the last price.", "input"),
    (400, "OrderException", "Order '7' cannot be changed: it is already COMPLETE.", "order"),
    (
        400,
        "OrderException",
        "Order '7' is a Limit order and cannot be modified to a stop-loss order.",
        "input",
    ),
    (400, "OrderException", "Market orders without market protection are not allowed via API.", "input"),
    (400, "OrderException", "Maximum allowed order modifications (25) exceeded.", "order"),
    (400, "OrderException", "The stock is in ban period.", "order"),
]
"""Definite refusals: status, error type, message, and the kind they must have."""


TABLE = b"instrument_token,exchange_token\n" + b"408065,1594\n" * 2000


def table(client: KiteClient) -> Awaitable[bytes]:
    """Fetch the table of contracts."""
    return client.read_csv("/instruments/NFO")
