"""Which order states, phases and transitions the engines of a day went through."""

from __future__ import annotations

from ninefifteen.engine import Engine


class Seen:
    """Looks at an engine after each step and remembers what changed."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._states: set[str] = set()

    def look(self, engine: Engine) -> None:
        """The engine as it is now."""
        last, states = self._last, self._states
        for tag, order in engine.state.orders.by_tag.items():
            state = order.state
            before = last.get(tag)
            if before != state:
                last[tag] = state
                states.add(f"order {state}" if before is None else f"order {before}>{state}")
        for run in engine.state.runs:
            name = run.strategy.name
            before = last.get(name)
            if before != run.phase:
                last[name] = run.phase
                states.add(f"phase {run.phase}" if before is None else f"phase {before}>{run.phase}")

    def all(self) -> tuple[str, ...]:
        """Everything seen, sorted."""
        return tuple(sorted(self._states))
