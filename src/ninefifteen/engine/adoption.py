"""A living sell of ours that the journal has forgotten, in a contract we hold, becomes our exit order.

Left alone it would block every exit (its units must not be offered twice) or sell behind our back. So it is
taken into the book: as the exit itself where none of ours lives, else as a second one, which is cancelled.
While our own exit may or may not have reached the broker nothing is taken: one of the two may be that one.
"""

from __future__ import annotations

from ninefifteen.domain.order import FINAL, OrderReport, OrderRequest, Role

from . import by_hand
from .answers import take
from .books import is_sell
from .orphans import impossible
from .risk import adopted
from .state import EngineState, Position, Run


def adopt(state: EngineState) -> None:
    """After a reading of the order book: take in what sells what we hold."""
    for row in list(state.books.orphans.values()):
        if row.status in FINAL or not is_sell(row) or impossible(row):
            continue
        seller = _seller(state, row.name)
        if seller is not None:
            _take_in(state, *seller, row)


def _seller(state: EngineState, name: str) -> tuple[Run, Position] | None:
    """Who holds units in the contract and knows of its own exit whether it works."""
    for run, position in by_hand.holders(state, name):
        order = state.orders.by_tag.get(run.exit_tag)
        in_doubt = order is not None and not order.final and not order.order_id
        if position.net > 0 and not in_doubt:
            return run, position
    return None


def _take_in(state: EngineState, run: Run, position: Position, row: OrderReport) -> None:
    current = state.orders.by_tag.get(run.exit_tag)
    request = OrderRequest(
        tag=row.tag,
        role=Role.PROTECT if row.tag.endswith("p") else Role.REPAIR,
        strategy=run.strategy.name,
        instrument=position.instrument,
        side="SELL",
        quantity=row.quantity,
        type="SL" if row.trigger else "LIMIT",
        limit=row.limit,
        trigger=row.trigger,
    )
    order = state.orders.add(adopted(state, request))
    order.accepted(row.order_id)
    order.doubled = current is not None and not current.final
    if not order.doubled:
        run.exit_tag = order.tag
    del state.books.orphans[row.order_id]
    what = "cancelled, our own works" if order.doubled else "it is our exit now"
    state.note(
        "adopted", f"order {row.order_id} sells {position.instrument.name} for us: {what}", tag=row.tag
    )
    take(state, row)
