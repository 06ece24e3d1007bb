"""Days that once broke an invariant, shrunk to their smallest faults: they hold now, and for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.simulator.disaster.shrink import read
from ninefifteen.wiring.disaster import live_through

CASES = sorted((Path(__file__).parent / "regress").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_day_that_once_broke_an_invariant_holds(path: Path):
    case = read(path.read_bytes())
    assert case.faults.faulty or case.invariant == "liveness"
    assert case.cause
    lived = live_through(case.seed, case.faults)
    assert (lived.violations, lived.excused) == ((), 0)


def test_there_are_cases():
    assert len(CASES) >= 10
