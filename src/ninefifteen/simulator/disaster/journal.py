"""The journal of a simulated day: in memory, with a disk that may keep less than it was given.

What is durable survives every crash but that of a lying card. What was written behind it survives wholly,
partly, or not at all. A torn record is dropped by whoever reads it, so it never counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from ninefifteen.domain.effects import (
    Cancel,
    Effect,
    Modify,
    ReadOrders,
    ReadPositions,
    StartTimer,
    Submit,
)
from ninefifteen.domain.events import Event

from .faults import CrashPoint
from .parts import Parts

_LOOKING = (StartTimer, ReadOrders, ReadPositions)


class Crashed(Exception):
    """The process has died at this journal point."""

    def __init__(self, point: CrashPoint) -> None:
        super().__init__(f"journal point {point.index}, {point.kind}")
        self.point = point


class Points:
    """The journal points of the whole day, over all its starts, and where it crashes."""

    def __init__(self, crashes: Sequence[CrashPoint]) -> None:
        self.count = 0
        self._crashes = {point.index: point for point in crashes}

    def reach(self) -> CrashPoint | None:
        """The next point is reached; how the process dies there, if it does."""
        self.count += 1
        return self._crashes.pop(self.count, None)


class MemoryJournal:
    """The `Journal` port. `steps` is what was written; the first `durable` of them are on the disk."""

    def __init__(self, parts: Parts, points: Points, on_durable: Callable[[Event], None]) -> None:
        self.steps: list[tuple[Event, tuple[Effect, ...]]] = []
        self.durable = 0
        self.writes: list[Effect] = []
        """The broker's writes in the step that was made durable last: nothing else may leave (I4)."""
        self._parts, self._points = parts, points
        self._on_durable = on_durable

    def record(self, event: Event, effects: Sequence[Effect]) -> None:
        """Append one step. Returns only when durable if the effects hold a broker request; raises Crashed."""
        if self.write(event, effects):
            self.make_durable()

    def write(self, event: Event, effects: Sequence[Effect]) -> bool:
        """Append one step; True when it has to be made durable before it is acted on. Raises Crashed."""
        self.writes = []
        step = event, effects if type(effects) is tuple else tuple(effects)
        if not _is_point(effects):
            self.steps.append(step)
            return self._parts.durable(event, effects)
        point = self._points.reach()
        if point is not None and point.kind != "after":
            raise Crashed(point)
        self.steps.append(step)
        durable = self._parts.durable(event, effects)
        if point is not None:
            self.make_durable()
            raise Crashed(point)
        return durable

    def make_durable(self) -> None:
        """Everything written so far is on the disk."""
        for event, effects in self.steps[self.durable :]:
            self._on_durable(event)
            self.writes.extend(e for e in effects if isinstance(e, Submit | Modify | Cancel))
        self.durable = len(self.steps)

    def close(self) -> None:
        """Nothing to let go of."""

    def survive(self, chance: Random, lost: int) -> int:
        """The process is gone: keep what its disk has kept, without the last `lost` of what it promised.

        Returns how many steps were lost.
        """
        before = len(self.steps)
        tail = before - self.durable
        kept = self.durable + chance.choice((0, tail, chance.randint(0, tail)))
        if lost:
            kept = max(0, self.durable - lost)
        del self.steps[kept:]
        self.durable = kept
        self.writes = []
        return before - kept

    def fork(self) -> MemoryJournal:
        """The same file as another process has it open: what it writes, this one does not see."""
        other = MemoryJournal(self._parts, Points(()), _unheard)
        other.steps = self.steps[:]
        other.durable = self.durable
        return other


def _is_point(effects: Sequence[Effect]) -> bool:
    """Whether anything but looking and waiting was asked for: elsewhere a crash differs only in its time."""
    return any(not isinstance(effect, _LOOKING) for effect in effects)


def _unheard(event: Event) -> None:
    """Nobody listens to the journal of a process that was overtaken."""
    del event
