"""A backtest: the same engine, one stored day after the other, each from a clean start.

What a day reads is decided by what the engine asks for, so years cost seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Protocol

from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.events import DayClosed
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord
from ninefifteen.runtime.runner import Runner


class Day(Protocol):
    """One day ready to run."""

    @property
    def runner(self) -> Runner:
        """The line of the day, its first event waiting in the inbox."""

    @property
    def facts(self) -> DayFacts:
        """The day's facts."""


OpenDay = Callable[[date, Fraction], Day]
"""Makes a day ready: its date, and the net result of the run so far in exact paise."""


def backtest(days: Iterable[date], open_day: OpenDay) -> Iterator[tuple[DayFacts, DayRecord]]:
    """Run the days in order; yields each day's facts and record as soon as it is done."""
    net = Fraction(0)
    for day in days:
        session = open_day(day, net)
        record = run_to_the_end(session.runner)
        for trade in record.trades:
            net += trade.gross - Fraction(trade.charges.total, UNITS_PER_PAISA)
        yield session.facts, record


def run_to_the_end(runner: Runner) -> DayRecord:
    """Take events until the day has its record; a day with nothing left to do is closed early."""
    while runner.record is None:
        if runner.engine.finished:
            runner.take(DayClosed(runner.inbox.now))
        else:
            runner.take_next()
    return runner.record
