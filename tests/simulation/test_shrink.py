"""Shrinking: what is superfluous goes, what is needed stays, and the document brings the day back."""

from __future__ import annotations

import msgspec
import pytest

from ninefifteen.domain.instants import MINUTE, SECOND
from ninefifteen.simulator.disaster.faults import CrashPoint, Fault, FaultPlan
from ninefifteen.simulator.disaster.outcome import Outcome, Violation
from ninefifteen.simulator.disaster.shrink import Case, NothingBroken, read, shrink, written

LATE = Fault("late", rate=50, size=8 * SECOND)
LOST = Fault("reply_lost", rate=100)
HALT = Fault("halt", at=30 * SECOND)
DOWN = Fault("reads_down", at=MINUTE, lasts=10 * MINUTE)
CRASH = CrashPoint(9, "torn")
ALL = FaultPlan(terms=(LOST, LATE, HALT, DOWN), crashes=(CrashPoint(3), CRASH))


def a_day(seed: int, faults: FaultPlan, *broken: str) -> Outcome:
    return Outcome(
        seed=seed,
        faults=faults,
        violations=tuple(Violation(seed, name, f"{name} of {len(faults.terms)} faults") for name in broken),
        entries=1,
        crashes=len(faults.crashes),
        alarms=0,
        steps=100,
        journal_points=20,
        excused=0,
        states=(),
        facts=(),
        result="flat",
        trace="",
    )


def kinds(plan: FaultPlan) -> set[str]:
    return {term.kind for term in plan.terms}


def test_one_fault_is_left_of_many_where_one_is_enough():
    def live(seed: int, plan: FaultPlan) -> Outcome:
        return a_day(seed, plan, *(("I2",) if "late" in kinds(plan) else ()))

    case = shrink(7, ALL, "I2", live)
    assert case == Case(7, "I2", FaultPlan(terms=(LATE,)), "I2 of 1 faults")


def test_faults_that_only_break_it_together_stay_together():
    def live(seed: int, plan: FaultPlan) -> Outcome:
        both = {"reply_lost", "halt"} <= kinds(plan) and CRASH in plan.crashes
        return a_day(seed, plan, *(("I1",) if both else ()))

    assert shrink(7, ALL, "I1", live).faults == FaultPlan(terms=(LOST, HALT), crashes=(CRASH,))


def test_a_fault_that_lasts_becomes_as_short_as_still_breaks_it():
    def live(seed: int, plan: FaultPlan) -> Outcome:
        long = any(term.kind == "reads_down" and term.lasts >= 70 * SECOND for term in plan.terms)
        return a_day(seed, plan, *(("I6",) if long else ()))

    (left,) = shrink(7, ALL, "I6", live).faults.terms
    assert left == msgspec.structs.replace(DOWN, lasts=75 * SECOND)


def test_another_invariant_that_fails_on_the_way_does_not_lead_it_astray():
    def live(seed: int, plan: FaultPlan) -> Outcome:
        return a_day(seed, plan, "I2" if "late" in kinds(plan) else "I7")

    assert kinds(shrink(7, ALL, "I2", live).faults) == {"late"}


def test_a_day_that_breaks_even_without_a_fault_shrinks_to_none():
    assert shrink(7, ALL, "I2", lambda seed, plan: a_day(seed, plan, "I2")).faults == FaultPlan()


def test_a_day_that_does_not_break_it_is_not_shrunk():
    with pytest.raises(NothingBroken, match="seed 7 does not break I2"):
        shrink(7, ALL, "I2", lambda seed, plan: a_day(seed, plan, "I3"))


def test_the_document_brings_the_same_day_back():
    case = Case(7, "I2", ALL, detail="250 short", cause="a stop was sent twice")
    assert read(written(case)) == case


def test_a_document_that_is_wrong_says_where():
    with pytest.raises(msgspec.ValidationError, match=r"\$\.faults\.terms\[0\]"):
        read('{"seed": 7, "invariant": "I2", "faults": {"terms": [{"rate": 1}]}}')
