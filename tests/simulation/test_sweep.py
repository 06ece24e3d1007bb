"""The sweep of crashes: every point, every kind, pairs in recovery, and what it counts."""

from __future__ import annotations

from ninefifteen.simulator.disaster.faults import CrashPoint, Fault, FaultPlan
from ninefifteen.simulator.disaster.outcome import Outcome
from ninefifteen.simulator.disaster.sweep import Sweep, crashes_of, sweep
from tests.simulation.test_shrink import a_day

PLAN = FaultPlan(terms=(Fault("reply_lost", rate=100),), crashes=(CrashPoint(4),))


def whole(seed: int, plan: FaultPlan) -> Outcome:
    return a_day(seed, plan)


def test_each_point_of_a_day_is_crashed_before_in_the_middle_and_after():
    assert [(c.index, c.kind) for (c,) in crashes_of(2)] == [
        (1, "before"), (1, "torn"), (1, "after"), (2, "before"), (2, "torn"), (2, "after"),
    ]  # fmt: skip


def test_pairs_crash_again_behind_the_first_in_every_kind():
    pairs = [crashes for crashes in crashes_of(4, pairs_every=2) if len(crashes) == 2]
    assert {first.index for first, _ in pairs} == {2, 4}
    assert {(first.kind, second.index - first.index, second.kind) for first, second in pairs} == {
        (kind, behind, again)
        for kind in ("before", "torn", "after")
        for behind in (1, 2, 3)
        for again in ("before", "torn", "after")
    }


def test_a_sweep_lives_each_day_once_whole_and_once_for_each_crash():
    lived: list[FaultPlan] = []

    def live(seed: int, plan: FaultPlan) -> Outcome:
        lived.append(plan)
        return a_day(seed, plan)

    result = sweep([5, 6], live, lambda _: PLAN)
    assert result == Sweep(days=2, points=40, runs=2 * (1 + 60), crashes=2 * 60)
    assert lived[0].crashes == ()
    assert all(plan.terms == PLAN.terms and len(plan.crashes) == 1 for plan in lived[1:61])


def test_it_stops_at_the_first_violation_and_keeps_the_plan_that_broke():
    def live(seed: int, plan: FaultPlan) -> Outcome:
        broken = plan.crashes and plan.crashes[0].index == 3 and plan.crashes[0].kind == "torn"
        return a_day(seed, plan, *(("I14",) if broken else ()))

    result = sweep([5, 6], live, lambda _: PLAN)
    assert [v.invariant for v in result.violations] == ["I14"]
    assert result.broken[0].crashes[0].index == 3
    assert result.days == 1


def test_a_day_that_breaks_without_a_crash_is_found_as_well():
    assert sweep([5], lambda seed, plan: a_day(seed, plan, "I2"), lambda _: PLAN).runs == 1


def test_it_says_how_far_it_is_after_each_day():
    told: list[int] = []
    sweep([5, 6, 7], whole, lambda _: PLAN, told=lambda result: told.append(result.days))
    assert told == [1, 2, 3]
