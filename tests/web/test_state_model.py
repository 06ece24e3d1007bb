"""The engine's real states are those that the interface describes: neither lacks a field of the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from ninefifteen.web.models.state import State
from ninefifteen.web.patches import reshaped
from tests.cli.control_days import Controlled, controlled


def described(day: Controlled) -> State:
    """The state as a page gets it, read by the description; fails for a field that is not in it."""
    document: dict[str, Any] = msgspec.json.decode(day.desk._state(day.now))
    return State.model_validate(reshaped(document))


def test_every_state_of_a_day_and_the_one_between_days_are_described(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        assert described(day).date is None
        day.run_until(lambda: any(run.plan for run in day.state.runs))
        assert described(day).plans
        day.hold()
        held = described(day)
        assert held.positions
        assert held.broker is not None
        day.run_until(lambda: day.state.ended)
        done = described(day)
        assert done.strategies is not None
        assert done.strategies["nine_fifteen"].trade is not None
        day.desk.end()
        between = described(day)
        assert between.last_day is not None
        assert between.session is not None
