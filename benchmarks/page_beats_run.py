"""`run --demo` in real time from shortly before the opening, noting what its loop uses between two looks.

`python -m benchmarks.page_beats_run FILE SECONDS run --demo ...` is the product's own process in every
other respect. From 09:15:05 on it notes for so many seconds how much processor time the thread that trades
has used between two looks at the control line; then it writes the notes into FILE as JSON: `us`, microseconds
each, and `cpu_pct`, per cent of a core that the whole process has used meanwhile.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from datetime import time as clock_time
from pathlib import Path

from ninefifteen.adapters.system_clock import SystemClock
from ninefifteen.cli import main, run
from ninefifteen.cli.control_desk import ControlDesk
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.runtime.pace import Leg, Pace
from ninefifteen.wiring.demo import STARTS_AT

QUICK = 30.0
"""How fast the time before passes."""
REAL_FROM, FROM = clock_time(9, 14, 55), clock_time(9, 15, 5)


class Notes:
    """Processor time of this thread between two looks."""

    def __init__(self, told: Path, seconds: float) -> None:
        self._told, self._seconds = told, seconds
        self._from: Instant = 0
        self._last: int | None = None
        self._us: list[float] = []
        self._began = (0.0, 0.0)

    def begins(self, day: date) -> None:
        """This day is lived."""
        self._from = at(day, FROM)

    def look(self, now: Instant) -> None:
        """One more look, at this exchange time."""
        if not self._from or now < self._from:
            return
        used = time.thread_time_ns()
        if self._last is None:
            self._began = (time.process_time(), time.perf_counter())
        else:
            self._us.append((used - self._last) / 1000)
        self._last = used
        if now >= self._from + int(self._seconds * SECOND):
            self._from = 0
            self._write()

    def _write(self) -> None:
        cpu, wall = self._began
        pct = 100 * (time.process_time() - cpu) / (time.perf_counter() - wall)
        made = self._told.with_suffix(".new")
        made.write_text(json.dumps({"us": self._us, "cpu_pct": pct}), encoding="utf-8")
        made.rename(self._told)


def begin(told: Path, seconds: float) -> None:
    """Run the command line with these notes."""
    notes, look = Notes(told, seconds), ControlDesk.look

    def pace_of(day: date, speed: str | None, pace: str | None) -> Pace:  # noqa: ARG001 - always this one
        notes.begins(day)
        return Pace([Leg(at(day, STARTS_AT), QUICK), Leg(at(day, REAL_FROM), 1.0)], SystemClock())

    def noted(desk: ControlDesk, now: Instant, *, quiet: bool = False) -> bool:
        notes.look(now)
        return look(desk, now, quiet=quiet)

    run.pace_of = pace_of  # type: ignore[attr-defined]
    ControlDesk.look = noted  # type: ignore[method-assign,assignment]
    main()


if __name__ == "__main__":
    file, stretch = Path(sys.argv.pop(1)), float(sys.argv.pop(1))
    begin(file, stretch)
