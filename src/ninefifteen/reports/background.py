"""What a day's file keeps beside its document: the whole ranking, and every order and fill."""

from __future__ import annotations

from collections.abc import Iterable

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.money import rupees
from ninefifteen.runtime.views import OrderView

from .documents import Document


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
