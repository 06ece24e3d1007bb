"""What orders with our tag that this day has not sent may have left at the broker: flat only once it is gone.

A journal that was lost or moved away, a card that forgot: the broker's book has orders of ours that the day
does not know. Their units are not guarded by it, but it never says "flat" while they may be there.
"""

from __future__ import annotations

from ninefifteen.domain.order import FINAL, OrderReport

from .books import is_sell
from .state import EngineState


def left(state: EngineState) -> str:
    """What such an order may still do, or what it has bought and is still held; empty when nothing."""
    rows = state.books.orphans.values()
    for row in rows:
        if row.status not in FINAL:
            return f"order {row.order_id} with our tag, which this day has not sent, may still trade"
    for name in sorted({row.name for row in rows}):
        units = _units(state, name, [row for row in rows if row.name == name])
        if units > 0:
            return f"{units} {name or 'units'} bought under our tag, but not by this day, are still held"
    return ""


def sold(state: EngineState, name: str) -> int:
    """Units of what we hold that such sells have sold or may sell, and that no position is reduced by yet."""
    rows = [row for row in state.books.orphans.values() if row.name == name]
    filled = sum(row.filled if is_sell(row) else -row.filled for row in rows)
    return state.books.orphan_sells(name) + max(filled - _by_hand(state, name), 0)


def _by_hand(state: EngineState, name: str) -> int:
    positions = [run.position for run in state.runs]
    return sum(p.by_hand for p in positions if p is not None and p.instrument.name == name)


def _units(state: EngineState, name: str, rows: list[OrderReport]) -> int:
    """Units they bought that are not seen to be gone: not held any more, and in the sales told."""
    bought = sum(row.filled for row in rows if not is_sell(row))
    still = bought - sum(row.filled for row in rows if is_sell(row))
    holding = state.books.holdings.get(name)
    if holding is None:
        return still
    own = [order for order in state.orders.every() if order.request.instrument.name == name]
    own_sold = sum(order.filled for order in own if order.request.side == "SELL")
    own_net = sum(order.filled for order in own) - 2 * own_sold
    by_hand = _by_hand(state, name)
    gone = holding.sold - own_sold - by_hand
    beyond = holding.net - (own_net - by_hand)
    return min(still, max(bought - gone, beyond))
