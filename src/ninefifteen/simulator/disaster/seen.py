"""Which states and transitions the engines of a day went through, and that none went back (I19)."""

from __future__ import annotations

from ninefifteen.domain.order import FINAL, OrderState
from ninefifteen.engine import Engine

_KEPT = FINAL - {OrderState.EXPIRED}
"""No broker here says expired: the engine has concluded it, and a broker that shows the order is right."""


class Seen:
    """Looks at an engine after each step and remembers what changed."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._states: set[str] = set()
        self._engine: Engine | None = None
        self._filled: dict[str, int] = {}

    def look(self, engine: Engine) -> str:
        """The engine as it is now; returns what went back: fills that fell, a final state that was left.

        An engine that has come back is looked at afresh: what its journal lost it has to learn again.
        """
        last, states, filled = self._last, self._states, self._filled
        anew = engine is not self._engine
        if anew:
            self._engine = engine
            filled.clear()
            last.clear()
        back = ""
        for tag, order in engine.state.orders.by_tag.items():
            state = order.state
            before = last.get(tag)
            if order.filled != filled.get(tag, 0):
                if order.filled < filled.get(tag, 0):
                    back = f"{filled[tag]} of order {tag} were filled, {order.filled} are"
                filled[tag] = order.filled
            if before != state:
                if before in _KEPT:
                    back = f"order {tag} was {before} and is {state}"
                last[tag] = state
                states.add(f"order {state}" if before is None else f"order {before}>{state}")
        for run in engine.state.runs:
            name = run.strategy.name
            before = last.get(name)
            if before != run.phase:
                last[name] = run.phase
                states.add(f"phase {run.phase}" if before is None else f"phase {before}>{run.phase}")
        return back

    def all(self) -> tuple[str, ...]:
        """Everything seen, sorted."""
        return tuple(sorted(self._states))
