"""Refusals are written up to so many a minute; what is obeyed is always written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.adapters.control import machine_now
from ninefifteen.cli import control_desk
from ninefifteen.cli.few_told import FewTold
from ninefifteen.domain.instants import MINUTE, SECOND
from tests.cli.control_days import controlled


def test_each_minute_has_its_own_lines_and_the_last_one_says_so() -> None:
    few = FewTold(3)
    told = [few.more(MINUTE + number * SECOND) for number in range(5)]
    assert told == ["", "", " (further ones of this minute are not told)", None, None]
    assert few.more(2 * MINUTE) == ""


def test_a_flood_of_refusals_fills_no_log_and_hides_no_command_that_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = machine_now()
    monkeypatch.setattr(control_desk, "machine_now", lambda: now)
    with controlled(tmp_path) as day:
        day.desk._few = FewTold(3)
        day.hold()
        for _ in range(5):
            assert day.ask("pause", role="viewer")["state"] == "refused"
        for _ in range(5):
            assert day.ask("halt", sent_at=now - 200 * SECOND)["state"] == "stale"
        assert day.ask("pause")["state"] == "done"
        assert day.ask("resume")["state"] == "done"
        found = day.audit()
    assert [one["answer"] for one in found] == ["refused"] * 3 + ["done"] * 2
    assert found[2]["text"].endswith("(further ones of this minute are not told)")
