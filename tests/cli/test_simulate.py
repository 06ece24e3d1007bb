"""`simulate`: figures for people and scripts, one day told, and exit 1 for a violation."""

from __future__ import annotations

import pytest

from ninefifteen.cli import simulate as verb
from ninefifteen.simulator.disaster.outcome import Violation
from ninefifteen.simulator.disaster.tally import Tally
from ninefifteen.wiring.disaster_runs import live_days
from tests.cli.command_line import command, untimed

COUNTED = {"days", "faulty_days", "crashes", "entries", "violations", "alarms", "coverage"}
TIMED = {"elapsed_s", "days_per_minute"}


def test_json_is_what_scripts_rely_on_and_the_same_for_any_number_of_processes() -> None:
    words = ("simulate", "--days", "90", "--seed", "3", "--json")
    alone, shared = command(*words, "--jobs", "1"), command(*words, "--jobs", "2")
    document = alone.document
    assert document.keys() >= COUNTED | TIMED
    assert (alone.code, document["days"], document["violations"]) == (0, 90, [])
    assert document["entries"] > 45
    assert document["coverage"]["order acked>complete"] > 0
    rate = {"days_per_minute": 0}
    assert untimed(document) | rate == untimed(shared.document) | rate


def test_people_get_a_line_of_figures_on_stderr() -> None:
    said = command("simulate", "--days", "5", "--jobs", "1")
    assert said.out == ""
    assert "5 days" in said.err
    assert "no invariant was violated" in said.err


def test_one_day_is_told_step_by_step() -> None:
    said = command("simulate", "--days", "1", "--seed", "5", "--trace")
    assert "Fault(kind=" in said.err
    assert "09:15:00" in said.err
    assert "result: " in said.err


def test_a_violation_ends_with_one_and_names_seed_and_invariant(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(first: int, days: int, *_: object) -> Tally:
        tally = Tally()
        tally.days, tally.excused = days, 1
        tally.violations.append(Violation(first, "I2", "09:15:01.000 short"))
        return tally

    monkeypatch.setattr(verb, "live_days", broken)
    said = command("simulate", "--days", "3", "--seed", "8")
    assert said.code == 1
    assert "VIOLATED I2 in seed 8: 09:15:01.000 short" in said.err
    assert "1 times short" in said.err
    document = command("simulate", "--days", "3", "--seed", "8", "--json").document
    assert document["violations"] == [{"seed": 8, "invariant": "I2", "detail": "09:15:01.000 short"}]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--days", "0"), "--days 0: at least one day"),
        (("--seed", "-1"), "--seed -1: a whole number from 0"),
        (("--jobs", "0"), "--jobs 0: at least one process"),
        (("--days", "2", "--trace"), "--trace tells one day"),
    ],
)
def test_bad_numbers_are_refused_in_one_line(words: tuple[str, ...], says: str) -> None:
    said = command("simulate", *words)
    assert said.code == 2
    assert said.refusal.startswith(says)


def test_how_far_it_is_is_told_and_the_violations_are_in_order() -> None:
    heard: list[int] = []
    total = live_days(200, 90, 1, lambda tally: heard.append(tally.days))
    assert heard == [40, 80, 90]
    assert total.violations == sorted(total.violations, key=lambda violation: violation.seed)
