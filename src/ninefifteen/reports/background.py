"""What a day's file keeps beside its document: the whole ranking, and every order and fill."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.instants import Instant, iso_ms
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.order import Side
from ninefifteen.runtime.views import OrderView

from .documents import Document


class FillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trade at the exchange: `quantity` units of `contract` at `price` paise."""

    trade_id: str
    order_id: str
    contract: str
    side: Side
    at: Instant
    quantity: int
    price: Paise


def fill_documents(fills: Iterable[FillRow]) -> list[Document]:
    """The day's fills in the order in which they came; prices as decimal strings."""
    return [
        {
            "trade_id": fill.trade_id,
            "order_id": fill.order_id,
            "contract": fill.contract,
            "side": fill.side,
            "at": iso_ms(fill.at),
            "quantity": fill.quantity,
            "price": rupees(fill.price),
        }
        for fill in fills
    ]


def ranking_documents(ranked: Iterable[Candidate]) -> list[Document]:
    """Everybody with a pre-open price, in rank order; prices as decimal strings, gain to six places."""
    return [
        {
            "rank": one.rank,
            "symbol": one.symbol,
            "pre_open": rupees(one.price),
            "prev_close": rupees(one.prev_close),
            "gain": round(float(one.gain), 6) if one.prev_close else None,
        }
        for one in ranked
    ]


def order_documents(orders: Iterable[OrderView]) -> list[Document]:
    """Our orders in the order they were sent; prices as decimal strings, `trigger` None without one."""
    return [
        {
            "order_id": order.order_id,
            "role": order.role,
            "side": order.side,
            "contract": order.name,
            "type": order.type,
            "quantity": order.quantity,
            "filled": order.filled,
            "limit": rupees(order.limit),
            "trigger": rupees(order.trigger) if order.trigger else None,
            "average": rupees(order.average) if order.filled else None,
            "state": order.state,
            "message": order.message or None,
        }
        for order in orders
    ]
