"""`simulate --crash-sweep` and `--shrink`: what they print and how they end."""

from __future__ import annotations

import pytest

from ninefifteen.cli import simulate_crashes
from ninefifteen.simulator.disaster.faults import CrashPoint, Fault, FaultPlan
from ninefifteen.simulator.disaster.outcome import Violation
from ninefifteen.simulator.disaster.shrink import Case, NothingBroken, read
from ninefifteen.simulator.disaster.sweep import Sweep
from tests.cli.command_line import command

PLAN = FaultPlan((Fault("reply_lost", rate=100),), (CrashPoint(3, "torn"),))
BROKEN = Sweep(
    days=1, points=3, runs=9, crashes=8, violations=(Violation(5, "I2", "250 short"),), broken=(PLAN,)
)


def simulate(*arguments: str):
    return command("simulate", *arguments)


def test_a_sweep_of_one_day_counts_points_runs_and_crashes():
    answer = simulate("--crash-sweep", "1", "--seed", "2", "--jobs", "1", "--json")
    assert answer.code == 0
    document = answer.document
    assert document["violations"] == []
    assert document["runs"] > 3 * document["points"] > 0
    assert document["crashes"] >= document["runs"] - 1


def test_a_sweep_tells_people_in_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        simulate_crashes, "sweep_days", lambda *_: Sweep(days=2, points=9, runs=29, crashes=27)
    )
    answer = simulate("--crash-sweep", "2")
    assert answer.code == 0
    assert "2 days crashed at each of 9 journal points" in answer.err
    assert "no invariant was violated" in answer.err


def test_a_sweep_that_breaks_something_ends_with_1_and_gives_the_faults(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(simulate_crashes, "sweep_days", lambda *_: BROKEN)
    answer = simulate("--crash-sweep", "1", "--json")
    assert answer.code == 1
    (row,) = answer.document["violations"]
    assert (row["seed"], row["invariant"]) == (5, "I2")
    assert row["faults"]["crashes"] == [{"index": 3, "kind": "torn"}]
    assert "VIOLATED I2 in seed 5: 250 short" in simulate("--crash-sweep", "1").err


def test_progress_is_told_while_somebody_looks(monkeypatch: pytest.MonkeyPatch):
    lines: list[str] = []

    class Screen:
        is_terminal = True

        def print(self, text: str) -> None:
            lines.append(text)

    monkeypatch.setattr(simulate_crashes, "console", Screen)
    told = simulate_crashes._progress(20)
    for days in range(1, 5):
        told(Sweep(days=days, runs=100 * days))
    assert lines == ["2 of 20 days, 200 runs", "4 of 20 days, 400 runs"]


def test_a_day_that_breaks_nothing_is_not_shrunk(monkeypatch: pytest.MonkeyPatch):
    def nothing(seed: int) -> Case:
        raise NothingBroken(f"seed {seed} breaks no invariant")

    monkeypatch.setattr(simulate_crashes, "shrunk", nothing)
    answer = simulate("--shrink", "5")
    assert (answer.code, answer.out) == (0, "")
    assert "seed 5 breaks no invariant" in answer.err


def test_the_smallest_case_is_printed_as_the_tests_keep_it(monkeypatch: pytest.MonkeyPatch):
    case = Case(5, "I2", PLAN, "250 short")
    monkeypatch.setattr(simulate_crashes, "shrunk", lambda _: case)
    answer = simulate("--shrink", "5")
    assert answer.code == 1
    assert read(answer.out) == case


def test_a_seed_that_is_none_is_refused():
    assert simulate("--shrink", "-1").code == 2
