"""The one door in: commands, timers and every source of events, merged in time order.

At one instant commands go first, then timers, then the sources in the order they were given. The
order is a function of the instants alone, so the same day always gives the same sequence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush

import msgspec

from ninefifteen.domain.events import Event, TimerFired
from ninefifteen.domain.instants import Instant
from ninefifteen.ports.source import Source


class Inbox:
    """Timers and scheduled events of its own, and the sources it was given."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self._commands: deque[Event] = deque()
        self._timers: list[tuple[Instant, int, str]] = []
        self._due: dict[str, tuple[Instant, int]] = {}
        self._scheduled: list[tuple[Instant, int, Event]] = []
        self._count = 0
        self.now: Instant = 0

    def put(self, event: Event) -> None:
        """A command or another event of this instant: it overtakes everything that waits."""
        self._commands.append(event)

    def schedule(self, event: Event) -> None:
        """An event known in advance, delivered at its own instant after timers and sources."""
        self._count += 1
        heappush(self._scheduled, (event.at, self._count, event))

    def start_timer(self, name: str, due: Instant) -> None:
        """Deliver `TimerFired(name)` at `due`, or at once when that is past; replaces one of that name."""
        self._count += 1
        self._due[name] = (due, self._count)
        heappush(self._timers, (due, self._count, name))

    def next_at(self) -> Instant | None:
        """When the next event is due, never before the last one taken; None when nothing waits."""
        if self._commands:
            return max(self._commands[0].at, self.now)
        found = self._earliest()
        return None if found is None else max(found[0], self.now)

    def pop(self) -> Event:
        """Take the next event; IndexError when nothing waits.

        Time goes forward for whoever takes events here: one that comes late, behind a command that
        overtook it, is taken now.
        """
        event = self._commands.popleft() if self._commands else self._take()
        if event.at < self.now:
            return msgspec.structs.replace(event, at=self.now)
        self.now = event.at
        return event

    def _take(self) -> Event:
        found = self._earliest()
        if found is None:
            raise IndexError("the inbox is empty")
        place = found[1]
        if place == 0:
            due, _, name = heappop(self._timers)
            del self._due[name]
            return TimerFired(max(due, self.now), name)
        if place <= len(self._sources):
            return self._sources[place - 1].pop()
        return heappop(self._scheduled)[2]

    def _earliest(self) -> tuple[Instant, int] | None:
        """The earliest instant and the place it waits in: 0 timers, 1.. sources, last scheduled."""
        timers, due = self._timers, self._due
        while timers:
            at, count, name = timers[0]
            if due.get(name) == (at, count):
                break
            heappop(timers)  # replaced since: the newer one of that name waits further down
        earliest = timers[0][0] if timers else None
        found = 0
        for place, source in enumerate(self._sources, 1):
            head = source.next_at()
            if head is not None and (earliest is None or head < earliest):
                earliest, found = head, place
        if self._scheduled and (earliest is None or self._scheduled[0][0] < earliest):
            earliest, found = self._scheduled[0][0], len(self._sources) + 1
        return None if earliest is None else (earliest, found)
