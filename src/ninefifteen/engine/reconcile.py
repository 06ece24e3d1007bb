"""Do the broker's books agree with ours? Orders and positions are read, compared, and differences told.

A reading that fails changes nothing (I12). Nothing is overwritten in silence: what the broker shows
and what we believe stand side by side until they agree or somebody acts.
"""

from __future__ import annotations

from ninefifteen.domain.effects import ReadOrders, ReadPositions
from ninefifteen.domain.events import PositionsRead, Reconnected

from .state import EngineState


def ask(state: EngineState) -> None:
    """Have both books read now."""
    state.emit(ReadOrders())
    state.emit(ReadPositions())


def on_reconnected(state: EngineState, _: Reconnected) -> None:
    """The line was gone: what was pushed meanwhile is lost, so both books are read."""
    state.note("reconnected", "the line to the broker is back: reading orders and positions")
    ask(state)


def on_positions(state: EngineState, event: PositionsRead) -> None:
    """What the account holds; a failed reading changes nothing."""
    if event.ok:
        state.holdings = {holding.name: holding for holding in event.holdings}
        state.positions_at = state.now
