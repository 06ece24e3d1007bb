"""What an engine is responsible for just now: the question behind a heartbeat, and behind a broken disk."""

from __future__ import annotations

from ninefifteen.engine.state import EngineState
from ninefifteen.engine.strays import left


def exposed(state: EngineState) -> bool:
    """Whether something of ours is held, may still trade, or has not been proved gone."""
    return bool(state.orders.living() or held(state) or state.proofs or left(state))


def held(state: EngineState) -> list[str]:
    """The contracts in which the engine believes to hold something of its own."""
    positions = (run.position for run in state.runs if run.trade is None)
    return [position.instrument.name for position in positions if position is not None and position.net]
