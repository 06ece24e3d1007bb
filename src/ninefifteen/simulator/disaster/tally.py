"""The sum of many simulated days."""

from __future__ import annotations

from collections import Counter

from .outcome import Outcome, Violation


class Tally:
    """Counts over days; `seen` is in how many days each state, transition and fact of the world was seen."""

    def __init__(self) -> None:
        self.days = 0
        self.faulty_days = 0
        self.crashes = 0
        self.entries = 0
        self.alarms = 0
        self.excused = 0
        self.steps = 0
        self.violations: list[Violation] = []
        self.seen: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """One more day."""
        self.days += 1
        self.faulty_days += outcome.faulty
        self.crashes += outcome.crashes
        self.entries += outcome.entries
        self.alarms += outcome.alarms
        self.excused += outcome.excused
        self.steps += outcome.steps
        self.violations += outcome.violations
        self.seen.update(outcome.states)
        self.seen.update(outcome.facts)

    def merge(self, other: Tally) -> None:
        """The days of another tally as well."""
        self.days += other.days
        self.faulty_days += other.faulty_days
        self.crashes += other.crashes
        self.entries += other.entries
        self.alarms += other.alarms
        self.excused += other.excused
        self.steps += other.steps
        self.violations += other.violations
        self.seen.update(other.seen)
