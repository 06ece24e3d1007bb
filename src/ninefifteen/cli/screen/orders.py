"""Today's orders of ours, with the state we know and the broker's words where it refused."""

from __future__ import annotations

from ninefifteen.reports import figures
from ninefifteen.reports.words import words
from ninefifteen.runtime.views import OrderView

from .lines import Part, columns
from .look import ALARM, MUTED
from .scene import Block, Scene

_BAD = frozenset({"unknown", "parked", "rejected"})
_ROOMY = 66


def orders(scene: Scene, width: int) -> Block | None:
    """The orders, latest last; None before the first."""
    if not scene.view.orders:
        return None
    side = 4 if width >= _ROOMY else 0
    number = 16 if width >= _ROOMY + 17 else 0
    name = 28 if width >= _ROOMY + 45 else 0
    fixed = 6 + side + name + 13 + 22 + number
    gaps = 3 + sum(1 for size in (side, name, number) if size)
    widths = (6, side, name, -13, 22, number, max(width - fixed - gaps, 8))
    heads = ("what", "side", "contract", "filled", "price", "order", "state")
    rows = [columns([(head, MUTED) for head in heads], widths, scene.marks)]
    rows += [columns(_cells(order), widths, scene.marks) for order in scene.view.orders]
    return Block(
        title="Orders",
        rows=tuple(rows),
        least=2,
        shorter=lambda count: [rows[0], *rows[1:][-(count - 1) :]] if count > 1 else rows[:count],
    )


def _cells(order: OrderView) -> list[Part]:
    state = words("state", order.state)
    said = f"{state}: {order.message}" if order.message else state
    return [
        (words("role", order.role), ""),
        (order.side.lower(), ""),
        (order.name, ""),
        (f"{figures.grouped(order.filled)}/{figures.grouped(order.quantity)}", ""),
        (_price(order), ""),
        (order.order_id or "-", MUTED),
        (said, ALARM if order.state in _BAD else ""),
    ]


def _price(order: OrderView) -> str:
    """The average once something is filled, else what the order asks for."""
    if order.filled:
        return f"at {figures.price(order.average)}"
    if order.trigger:
        return f"stop {figures.price(order.trigger)}, limit {figures.price(order.limit)}"
    return f"limit {figures.price(order.limit)}"
