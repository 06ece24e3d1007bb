"""The long runs: what `make nightly` has to show with the shipped pieces.

200,000 days take about 50 minutes on two quiet cores (4,000 days a minute), the sweep of 200 days (about
8,000 journal points, 40,000 runs) about 15 minutes. In `make test` the same for seconds.
"""

from __future__ import annotations

import os

import pytest

from ninefifteen.wiring.disaster_runs import live_days, sweep_days

JOBS = os.cpu_count() or 1


def untold(_: object) -> None:
    """Nobody watches."""


def test_a_few_days_crash_at_every_point_and_break_nothing():
    result = sweep_days(2, 2, 1, untold)
    assert result.violations == ()
    assert result.runs > 3 * result.points
    assert result.crashes > result.runs - result.days


@pytest.mark.nightly
def test_200_days_crash_at_every_point_and_break_nothing():
    result = sweep_days(1_000, 200, JOBS, untold)
    assert result.violations == ()
    assert result.days == 200
    assert result.points > 200 * 10


@pytest.mark.nightly
def test_200000_days_break_nothing():
    tally = live_days(0, 200_000, JOBS, untold)
    assert tally.violations == []
    assert tally.days == 200_000
    assert tally.faulty_days > 0.9 * tally.days
    assert tally.entries > 0.5 * tally.days
    assert tally.crashes > 0.2 * tally.days
