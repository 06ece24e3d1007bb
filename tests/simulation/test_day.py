"""A simulated day: the same for the same seed, honest without faults, whole with crashes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import msgspec
import pytest

from ninefifteen.domain.instants import MINUTE, SECOND
from ninefifteen.simulator.disaster.faults import KINDS, CrashPoint, Fault, FaultPlan
from ninefifteen.simulator.disaster.outcome import Outcome
from ninefifteen.simulator.disaster.plan import draw
from ninefifteen.simulator.disaster.sessions import in_session
from ninefifteen.wiring.disaster import SHIPPED, live_through
from ninefifteen.wiring.sessions import RECONCILE_EVERY

NOTHING = FaultPlan()
SHORT = next(seed for seed in range(100) if live_through(seed, NOTHING).entries)
"""A seed whose day trades when nothing goes wrong."""


def one(kind: str, **how: int) -> FaultPlan:
    return FaultPlan(terms=(Fault(kind, **how),))


def day(seed: int, *kinds: Fault, crash: CrashPoint | None = None) -> Outcome:
    return live_through(seed, FaultPlan(terms=kinds, crashes=(crash,) if crash is not None else ()))


def test_the_same_seed_gives_the_same_day_in_another_process() -> None:
    seeds = range(40, 52)
    told = f"[live_through(s).trace for s in range({seeds.start}, {seeds.stop})]"
    code = f"from ninefifteen.wiring.disaster import live_through; print({told})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([live_through(seed).trace for seed in seeds])


def test_other_seeds_give_other_days() -> None:
    assert len({live_through(seed, NOTHING).trace for seed in range(20)}) == 20


def test_without_faults_days_trade_end_flat_and_decide_as_an_ordinary_run_does() -> None:
    lived = [live_through(seed, NOTHING) for seed in range(60)]
    assert [outcome.violations for outcome in lived if outcome.violations] == []
    assert sum(outcome.entries for outcome in lived) >= 45
    assert not any(outcome.faulty for outcome in lived)


def test_a_price_that_falls_through_the_stop_before_it_can_be_placed_is_worth_an_alarm() -> None:
    """On such a day without faults the exchange refuses the stop, and the engine leaves at once."""
    fallen = live_through(8294, NOTHING)
    assert (fallen.violations, fallen.alarms, fallen.result) == ((), 1, "traded: traded")


def test_every_session_reconciles_as_often_as_a_day_at_the_broker_does() -> None:
    lengths = set()
    for seed in range(60):
        facts = in_session(SHIPPED.templates[0].facts, seed)
        lengths.add(facts.exit_at)
        assert facts.reconcile_every == RECONCILE_EVERY
    assert len(lengths) == 3


def test_a_day_told_is_the_same_day_and_says_what_was_sent() -> None:
    plain, told = live_through(SHORT, NOTHING), live_through(SHORT, NOTHING, story=True)
    assert (plain.trace, plain.story) == (told.trace, ())
    story = "\n".join(told.story)
    assert "SENDS" in story
    assert "the day's record" in story


@pytest.mark.parametrize("kind", ["before", "torn", "after"])
def test_a_crash_anywhere_is_survived(kind: str) -> None:
    points = live_through(SHORT, NOTHING).journal_points
    assert points > 10
    for index in range(1, points + 1):
        crashed = live_through(SHORT, NOTHING, crash_at=(CrashPoint(index, kind, 2 * SECOND),))  # type: ignore[arg-type]
        assert (crashed.violations, crashed.crashes) == ((), 1), index


def test_a_crash_while_the_first_one_is_recovered_from() -> None:
    outcome = live_through(SHORT, NOTHING, crash_at=(CrashPoint(9), CrashPoint(10)))
    assert (outcome.violations, outcome.crashes) == ((), 2)
    assert "crash after a crash" in outcome.facts


def test_crashes_that_were_asked_for_come_on_top_of_the_plans() -> None:
    plan = FaultPlan(crashes=(CrashPoint(4),))
    outcome = live_through(SHORT, plan, crash_at=(CrashPoint(12),))
    assert outcome.faults.crashes == (CrashPoint(4), CrashPoint(12))
    assert outcome.crashes == 2


SEEN = {
    "reply_lost": "reply lost",
    "request_lost": "request lost",
    "pushes_lost": "push lost",
    "pushes_late": "push late",
    "reads_fail": "reads_fail",
    "no_average": "no_average",
    "odd_status": "odd_status",
    "pushes_twice": "pushes_twice",
    "pushes_hint": "pushes_hint",
    "thin_book": "thin_book",
    "refused": "refused",
}


@pytest.mark.parametrize("kind", SEEN)
def test_a_fault_that_strikes_now_and_then_is_seen_and_survived(kind: str) -> None:
    lived = [day(seed, Fault(kind, rate=400)) for seed in range(SHORT, SHORT + 6)]
    assert [outcome.violations for outcome in lived if outcome.violations] == []
    assert any(SEEN[kind] in outcome.facts for outcome in lived)


LASTING = ["writes_down", "reads_down", "reads_stale", "line_lost", "feed_silent", "feed_stale", "one_sided"]


@pytest.mark.parametrize(
    "kind", ["positions_empty", "positions_partial", *LASTING, "changes_refused", "token_dead"]
)
def test_a_fault_that_lasts_is_survived_wherever_it_lies(kind: str) -> None:
    for at in (-20 * SECOND, 1, 20 * SECOND, 14 * MINUTE):
        outcome = day(SHORT, Fault(kind, at=at, lasts=40 * SECOND, size=3 * SECOND))
        assert outcome.violations == (), at


@pytest.mark.parametrize("size", [SECOND, 8 * SECOND, 90 * SECOND])
def test_what_the_broker_takes_late_is_found_and_ended(size: int) -> None:
    outcome = day(SHORT, Fault("late", size=size))
    assert outcome.violations == ()
    assert "late order arrived" in outcome.facts


def test_a_buy_that_comes_two_hours_late_is_not_sent_again() -> None:
    outcome = day(SHORT, Fault("very_late", size=10 * MINUTE))
    assert (outcome.violations, outcome.entries) == ((), 1)


def test_a_sell_that_comes_after_it_was_proved_absent_is_ended_and_its_short_counted() -> None:
    """The protocol allows another sell after two minutes and three clean readings: this is its price."""
    lived = [day(seed, Fault("very_late_sell", rate=500, size=150 * SECOND)) for seed in range(20)]
    assert [outcome.violations for outcome in lived if outcome.violations] == []
    assert any(outcome.excused for outcome in lived)


def test_an_error_that_was_none_is_no_refusal() -> None:
    outcome = day(SHORT, Fault("timed_out_400", size=8 * SECOND))
    assert (outcome.violations, outcome.entries) == ((), 1)


def test_an_order_missing_from_the_book_is_not_gone() -> None:
    outcome = day(SHORT, Fault("hidden", size=25 * SECOND))
    assert outcome.violations == ()
    assert "order hidden from the book" in outcome.facts


PEOPLE = ["hand_sale", "hand_cancel", "hand_buy", "foreign", "halt", "pause", "flatten"]


@pytest.mark.parametrize("kind", PEOPLE)
def test_what_people_do_is_survived(kind: str) -> None:
    for seed in range(SHORT, SHORT + 4):
        for seconds in (2, 6, 20):
            assert day(seed, Fault(kind, at=seconds * SECOND, size=100)).violations == ()


def test_a_halt_file_of_the_morning_keeps_the_day_without_an_entry() -> None:
    outcome = day(SHORT, Fault("latched"))
    assert (outcome.violations, outcome.entries, outcome.result) == ((), 0, "no_trade: halted")


def test_a_halt_before_the_crash_is_a_halt_after_it() -> None:
    halted = day(SHORT, Fault("halt", at=1), crash=CrashPoint(7, "before"))
    assert halted.violations == ()


def test_a_process_that_was_overtaken_finds_the_fence() -> None:
    outcome = day(SHORT, Fault("zombie", at=2 * SECOND, size=60 * SECOND))
    assert outcome.violations == ()
    assert {"an overtaken process wakes", "fence refused a write"} <= set(outcome.facts)


def test_a_disk_that_lied_does_not_make_a_second_order() -> None:
    for index in (6, 8, 10, 12):
        crash = CrashPoint(index, "after", SECOND)
        broken = {found.invariant for found in day(SHORT, Fault("lying_card"), crash=crash).violations}
        assert not broken & {"I1", "I2", "I13"}


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of fault is called 'earthquake'"):
        live_through(1, one("earthquake"))


def test_whatever_breaks_inside_a_day_is_a_violation_with_its_place() -> None:
    def broken(*_: object) -> tuple[()]:
        raise RuntimeError("boom")

    parts = msgspec.structs.replace(SHIPPED, take=broken)
    (violation,) = live_through(SHORT, NOTHING, parts=parts).violations
    assert violation.invariant == "error"
    assert "RuntimeError" in violation.detail


def test_the_plan_of_a_seed_is_a_swarm() -> None:
    plans = [draw(seed) for seed in range(1500)]
    kinds = Counter(fault.kind for plan in plans for fault in plan.terms)
    assert set(kinds) == set(KINDS) - {"very_late_sell"}
    assert sum(plan.faulty for plan in plans) >= 0.9 * len(plans)
    assert sum(len(plan.crashes) for plan in plans) >= len(plans) / 5
    assert 0.2 < kinds["reply_lost"] / len(plans) < 0.35
    assert draw(77) == draw(77)


def test_two_hundred_drawn_days_break_nothing_and_mostly_trade() -> None:
    lived = [live_through(seed) for seed in range(200)]
    assert [outcome.violations for outcome in lived if outcome.violations] == []
    assert sum(outcome.entries for outcome in lived) >= 100
