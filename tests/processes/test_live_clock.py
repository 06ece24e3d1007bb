"""The machine's clock is set, by hand or by a time server, while a day with real orders runs."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.instants import MINUTE
from tests.processes import live_homes, stepped_clock
from tests.processes.live_homes import assert_nothing_went_wrong, journal_of
from tests.processes.test_live_faults import halted, market


def test_a_clock_that_is_set_an_hour_forward_and_two_back_moves_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = tmp_path / "offset"
    clock.write_text("0")
    monkeypatch.setenv(stepped_clock.OFFSET_FILE, str(clock))
    monkeypatch.setattr(live_homes, "PROGRAM", (sys.executable, stepped_clock.__file__))
    with market(tmp_path) as one, one.live() as process:
        clock.write_text("3600")
        process.until("a stop", one.protected)
        clock.write_text("-3600")
        before = len(read_journal(journal_of(one.home)).steps)
        process.until("steps after it", lambda: len(read_journal(journal_of(one.home)).steps) > before + 20)
        assert one.protected()
        halted(one, process)
        assert_nothing_went_wrong(one.home, one.there)
        instants = [step.event.at for step in read_journal(journal_of(one.home)).steps]
    assert all(earlier <= later for earlier, later in pairwise(instants))
    assert max(later - earlier for earlier, later in pairwise(instants)) < 5 * MINUTE
