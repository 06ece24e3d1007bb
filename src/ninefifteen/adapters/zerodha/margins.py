"""What an order would block and cost, asked of the broker: nothing here places or changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import OrderRequest, OrderType, Side

from .client import KiteClient
from .errors import Down, LoggedOut, Refused
from .stamps import Units, amount


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """An order to ask about. Units and paise; `trigger` only for SL."""

    exchange: str
    symbol: str
    side: Side
    type: OrderType
    quantity: int
    limit: Paise
    trigger: Paise = 0
    product: str = "MIS"
    variety: str = "regular"


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """A filled order to have charged: `average` is what a unit traded at, paise."""

    order_id: str
    exchange: str
    symbol: str
    side: Side
    type: OrderType
    quantity: int
    average: Paise
    product: str = "MIS"
    variety: str = "regular"


class Charges(msgspec.Struct, frozen=True, kw_only=True):
    """Kite's own figures in paise, each rounded by itself: `total` is not exactly the sum of the rest."""

    transaction_tax: Paise
    exchange_turnover: Paise
    sebi: Paise
    brokerage: Paise
    stamp_duty: Paise
    gst: Paise
    total: Paise


class OrderMargin(msgspec.Struct, frozen=True, kw_only=True):
    """What one order blocks, paise. `charges` come on top of `total`; they are no part of it."""

    exchange: str
    symbol: str
    span: Paise
    exposure: Paise
    option_premium: Paise
    additional: Paise
    var: Paise
    total: Paise
    charges: Charges


class BasketMargin(msgspec.Struct, frozen=True, kw_only=True):
    """What orders block together, paise: one by one (`initial`) and with what they offset (`final`)."""

    initial: Paise
    final: Paise
    orders: tuple[OrderMargin, ...]


class _Gst(msgspec.Struct, frozen=True):
    total: Decimal = Decimal()


class _Charges(msgspec.Struct, frozen=True, kw_only=True):
    total: Decimal
    transaction_tax: Decimal = Decimal()
    exchange_turnover_charge: Decimal = Decimal()
    sebi_turnover_charge: Decimal = Decimal()
    brokerage: Decimal = Decimal()
    stamp_duty: Decimal = Decimal()
    gst: _Gst = _Gst()


class _Margin(msgspec.Struct, frozen=True, kw_only=True):
    total: Decimal
    charges: _Charges
    tradingsymbol: str = ""
    exchange: str = ""
    span: Decimal = Decimal()
    exposure: Decimal = Decimal()
    option_premium: Decimal = Decimal()
    additional: Decimal = Decimal()
    var: Decimal = Decimal()


class _Basket(msgspec.Struct, frozen=True):
    initial: _Margin
    final: _Margin
    orders: tuple[_Margin, ...]


class _Charged(msgspec.Struct, frozen=True):
    """One line of a virtual contract note."""

    tradingsymbol: str
    quantity: Units
    charges: _Charges


async def order_margins(client: KiteClient, orders: Sequence[Planned]) -> tuple[OrderMargin, ...]:
    """What each order blocks by itself, in the order asked; raises Refused, LoggedOut or Down."""
    rows = await client.ask("/margins/orders", [_planned(order) for order in orders], tuple[_Margin, ...])
    _same([order.symbol for order in orders], [row.tradingsymbol for row in rows])
    return tuple(_margin(row) for row in rows)


async def basket_margin(
    client: KiteClient, orders: Sequence[Planned], *, positions: Literal["count", "ignore"] = "count"
) -> BasketMargin:
    """What the orders block together, held positions counted or not; raises Refused, LoggedOut or Down."""
    consider = "true" if positions == "count" else "false"
    basket = await client.ask(
        f"/margins/basket?consider_positions={consider}", [_planned(order) for order in orders], _Basket
    )
    _same([order.symbol for order in orders], [row.tradingsymbol for row in basket.orders])
    return BasketMargin(
        initial=_amount(basket.initial.total),
        final=_amount(basket.final.total),
        orders=tuple(_margin(row) for row in basket.orders),
    )


async def charges(client: KiteClient, executed: Sequence[Executed]) -> tuple[Charges, ...]:
    """The virtual contract note: charges of each filled order; raises Refused, LoggedOut or Down."""
    rows = await client.ask("/charges/orders", [_executed(order) for order in executed], tuple[_Charged, ...])
    _same([order.symbol for order in executed], [row.tradingsymbol for row in rows])
    return tuple(_charges(row.charges) for row in rows)


async def margin_for(
    client: KiteClient,
    request: OrderRequest,
    *,
    exchange: str = "NFO",
    product: str = "MIS",
    variety: str = "regular",
) -> Paise | Refused:
    """What the order would block, in paise, or the broker's no as a value: the contract cannot be had so.

    The no is an answer here, because a product may be blocked for a contract on some days. Raises
    LoggedOut when it is the session that was refused, and Down without a trustworthy answer.
    """
    planned = Planned(
        exchange=exchange,
        symbol=request.instrument.name,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        limit=request.limit,
        trigger=request.trigger,
        product=product,
        variety=variety,
    )
    try:
        (margin,) = await order_margins(client, [planned])
    except LoggedOut:
        raise
    except Refused as no:
        return no
    return margin.total


def _planned(order: Planned) -> dict[str, object]:
    return {
        "exchange": order.exchange,
        "tradingsymbol": order.symbol,
        "transaction_type": order.side,
        "variety": order.variety,
        "product": order.product,
        "order_type": order.type,
        "quantity": order.quantity,
        "price": order.limit / 100,
        "trigger_price": order.trigger / 100,
    }


def _executed(order: Executed) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "exchange": order.exchange,
        "tradingsymbol": order.symbol,
        "transaction_type": order.side,
        "variety": order.variety,
        "product": order.product,
        "order_type": order.type,
        "quantity": order.quantity,
        "average_price": order.average / 100,
    }


def _margin(row: _Margin) -> OrderMargin:
    return OrderMargin(
        exchange=row.exchange,
        symbol=row.tradingsymbol,
        span=_amount(row.span),
        exposure=_amount(row.exposure),
        option_premium=_amount(row.option_premium),
        additional=_amount(row.additional),
        var=_amount(row.var),
        total=_amount(row.total),
        charges=_charges(row.charges),
    )


def _charges(row: _Charges) -> Charges:
    return Charges(
        transaction_tax=_amount(row.transaction_tax),
        exchange_turnover=_amount(row.exchange_turnover_charge),
        sebi=_amount(row.sebi_turnover_charge),
        brokerage=_amount(row.brokerage),
        stamp_duty=_amount(row.stamp_duty),
        gst=_amount(row.gst.total),
        total=_amount(row.total),
    )


def _amount(value: Decimal) -> Paise:
    try:
        return amount(value)
    except ValueError as problem:
        raise Down(f"malformed margins or charges: {problem}") from None


def _same(asked: list[str], answered: list[str]) -> None:
    if asked != answered:
        raise Down(f"malformed margins or charges: asked about {len(asked)} orders, told of others")
