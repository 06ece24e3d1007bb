"""One journal lived again as far as it has been written, and on from there at the next look."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from threading import Lock

import msgspec

from ninefifteen.adapters.journal import Header, JournalTail, Step, settings_of
from ninefifteen.domain.effects import Alert, EndDay, Note
from ninefifteen.domain.events import DayOpened, Restarted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.engine.state import EngineState
from ninefifteen.runtime.unfinished import record_so_far
from ninefifteen.strategies.chosen import strategies_of

from .candles import Candles
from .orders import OrderLives

KEPT_EVENTS = 600
"""Lines of a day that are kept for a page; a day of alarms tells the newest."""
MOST_STEPS = 400_000
"""Steps taken in at one look, some seconds' worth: the next look goes on."""


class Told(msgspec.Struct, frozen=True):
    """One line the engine told; `severity` is that of an alarm, else ""."""

    at: Instant
    kind: str
    severity: str
    text: str


class LevelsAt(msgspec.Struct, frozen=True):
    """Where the exits of a contract stood from an instant on, in paise; 0 where there is none."""

    at: Instant
    target: Paise
    stop: Paise


class DayBook:
    """A day as its journal tells it. `look` first; one thread at a time, which `lock` is for.

    Raises BadInput when the journal cannot be read. Nothing is ever written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = Lock()
        self._tail = JournalTail(path)
        self.header: Header = self._tail.header
        self.settings: Settings = settings_of(self.header)
        self._engine = Engine(self.settings, strategies_of(self.settings))
        self.candles = Candles()
        self.orders = OrderLives()
        self.told: deque[Told] = deque(maxlen=KEPT_EVENTS)
        self.told_in_all = 0
        self.levels: dict[str, list[LevelsAt]] = {}
        self.record: DayRecord | None = None
        self.until: Instant | None = None
        self.restarts = 0
        self.catching_up = False
        """The last look has not come to the journal's end."""

    @property
    def state(self) -> EngineState:
        """What the engine remembers where the reading stands."""
        return self._engine.state

    @property
    def steps(self) -> int:
        """How many steps have been read."""
        return self._tail.steps

    @property
    def offset(self) -> int:
        """Bytes that have been read."""
        return self._tail.offset

    @property
    def so_far(self) -> DayRecord | None:
        """The record of the day, or what it would be now; None before a scan."""
        return self.record or record_so_far(self.state)

    def look(self, most: int = MOST_STEPS) -> None:
        """Take in what has been written since the last look. Raises BadInput for a damaged step."""
        self.catching_up = False
        for count, step in enumerate(self._tail.more(), start=1):
            self._take(step)
            if count >= most:
                self.catching_up = True
                return

    def _take(self, step: Step) -> None:
        event = step.event
        self.until = event.at
        if isinstance(event, DayOpened):
            self.candles.universe(event.facts.universe)
            self.orders.open_at(event.facts.open_at)
        elif isinstance(event, Restarted):
            self.restarts = event.epoch
        self.candles.take(event)
        self._engine.step(event)
        self.orders.take(event, step.effects)
        for effect in step.effects:
            if isinstance(effect, Note):
                self._note(event.at, effect)
            elif isinstance(effect, Alert):
                self._tell(Told(event.at, "alarm", effect.severity, effect.text))
            elif isinstance(effect, EndDay):
                self.record = effect.record
        self._watch_levels(event.at)

    def _note(self, at: Instant, note: Note) -> None:
        self._tell(Told(at, note.kind, "", note.text))
        if note.kind in {"plan", "no_trade"}:
            self._follow_candidates()
        elif note.kind == "exit" and "reason" in note.data:
            for run in self.state.runs:
                if run.position is not None and run.leaving is not None and run.leaving.began == at:
                    self.orders.left(run.position.instrument.name, at)

    def _tell(self, told: Told) -> None:
        self.told.append(told)
        self.told_in_all += 1

    def _follow_candidates(self) -> None:
        """The shares a chart can show: those that may be bought, else the first of the ranking."""
        for run in self.state.runs:
            found = run.selection.candidates
            picked = [found[place].symbol for place in run.selection.picks]
            self.candles.follow(picked or [one.symbol for one in found[:1]])

    def _watch_levels(self, at: Instant) -> None:
        for run in self.state.runs:
            position = run.position
            if position is None:
                continue
            held = position.net > 0
            levels = LevelsAt(at, position.target if held else 0, position.stop if held else 0)
            past = self.levels.setdefault(position.instrument.name, [])
            before = (past[-1].target, past[-1].stop) if past else (0, 0)
            if before != (levels.target, levels.stop):
                past.append(levels)
