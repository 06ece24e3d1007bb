"""The last thing that whoever watches a day hears of it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.cli.control_days import controlled
from tests.patience import PATIENCE_S


def test_as_a_day_ends_its_last_state_is_shown_even_right_behind_another_frame(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.desk.look(day.now)  # a frame has just been shown: the next is not due for half a second
        day.run_until(lambda: day.state.ended)
        day.desk.end()
        deadline = time.monotonic() + PATIENCE_S
        while day.line.state is None or not day.line.state["ended"]:
            day.line.next(0.05)
            assert time.monotonic() < deadline, "the end was never shown"
        assert day.line.state["positions"] == []
