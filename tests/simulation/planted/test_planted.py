"""A checker counts only if a planted fault trips it: each of these is caught, and by its own invariant.

Each search begins at the recorded seed; nightly it begins at 0, which is the honest number of days it takes.
"""

from __future__ import annotations

import pytest

from ninefifteen.wiring.disaster import SHIPPED, live_through
from tests.simulation.planted.table import MUTATIONS, REQUIRED, Planted

DAYS = 20_000
ALL = (*REQUIRED, *MUTATIONS)
SOON = [fault for fault in ALL if not fault.late]


def caught(fault: Planted, seeds: range) -> int | None:
    """The first seed whose day breaks one of the invariants that have to catch this fault."""
    with fault.at_work(SHIPPED) as parts:
        for seed in seeds:
            broken = {violation.invariant for violation in live_through(seed, parts=parts).violations}
            if broken & set(fault.caught_by):
                return seed
    return None


def first_catch(fault: Planted, begin: int) -> int | None:
    """The same, and with the shipped pieces that day breaks nothing: it is the fault that is caught."""
    seed = caught(fault, range(begin, DAYS))
    while seed is not None and live_through(seed).violations:
        seed = caught(fault, range(seed + 1, DAYS))
    return seed


@pytest.mark.parametrize("fault", SOON, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught_by_its_invariant(fault: Planted):
    assert first_catch(fault, fault.begin) is not None


@pytest.mark.nightly
@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught_within_20000_days_from_the_first(fault: Planted):
    assert first_catch(fault, 0) is not None


def test_the_shipped_pieces_break_nothing_on_days_like_those_that_catch_the_faults():
    assert [v for seed in range(200) for v in live_through(seed).violations] == []


def test_at_least_twelve_faults_are_planted_and_no_two_have_one_name():
    names = [fault.name for fault in ALL]
    assert len(REQUIRED) >= 12
    assert not any(fault.late for fault in REQUIRED)
    assert len(set(names)) == len(names)
