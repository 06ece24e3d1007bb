"""The engine's real states are those that the interface describes: neither lacks a field of the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ninefifteen.adapters.control import machine_now
from ninefifteen.cli.control_desk import control_desk
from ninefifteen.home import Home
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
        assert (between.mode, between.synthetic, between.watermark) == ("demo", True, "SYNTHETIC")


@pytest.mark.parametrize(("wiring", "account"), [("paper", None), ("live", "1234")], ids=("paper", "live"))
def test_between_days_the_snapshot_says_where_orders_will_go(
    tmp_path: Path, wiring: str, account: str | None
) -> None:
    home = Home.open(tmp_path)
    with control_desk(home, synthetic=False, account="1234", wiring=wiring) as desk:
        document: dict[str, Any] = msgspec.json.decode(desk._state(machine_now()))
    between = State.model_validate(reshaped(document))
    assert (between.date, between.mode, between.account) == (None, wiring, account)
    assert (between.synthetic, between.watermark, between.rehearsal) == (False, None, False)
