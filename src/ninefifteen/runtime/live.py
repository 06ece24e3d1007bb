"""A day as it happens: events are pushed when they come, timers wait for the clock of the exchange.

The line is the runner's own: step, journal, perform, tell. Here the journal's disk is waited for in a
thread, so that the loop goes on reading sockets meanwhile; an event that comes in that time waits for
its turn. Around the opening the loop polls instead of sleeping: a timer is never early and late by
microseconds only (`reference/performance.md` W3).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event, OrderRefused
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.record import DayRecord
from ninefifteen.ports.wall import WallClock

from .exposed import exposed
from .line_disk import LineDisk
from .runner import Runner, enters, entry_tags, without_entries

_LOOK_S = 0.1
"""Seconds of this machine between two looks at the halt file, the screen and a request to stop."""
_POLLED = 2 * MILLISECOND
"""The last stretch before a precise instant is polled, not slept."""
_CLEAR = 50 * MILLISECOND
"""In the precise stretch nobody looks when an instant is nearer than this."""
_OVERDUE = SECOND
"""Unless it has passed long ago: this process was asleep, and whoever watches has to know first."""
NOT_WRITTEN = "nothing was sent: the journal cannot be written"
"""The engine's answer to an entry that was held back because its step is nowhere on a disk (I4)."""


class Pushed:
    """A source that others push into; `ports.source.Source` for the inbox."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._waiter: asyncio.Future[None] | None = None

    def push(self, event: Event) -> None:
        """Hand in an event; its `at` is the instant it came."""
        self._events.append(event)
        self.wake()

    def wake(self) -> None:
        """Let whoever waits look again: the inbox has changed."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def arrival(self) -> None:
        """Return when something is handed in, at once when something waits already."""
        if self._events:
            return
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def next_at(self) -> Instant | None:
        """When the first one came."""
        return self._events[0].at if self._events else None

    def pop(self) -> Event:
        """Take the first one."""
        return self._events.popleft()


class LiveLine:
    """Runs one day's runner against the clock until the day has its record.

    `precise` bounds the stretch of the day in which instants are met to the microsecond. `idle` is called
    about ten times a second, in that stretch only while no instant is near. A `disk` with an emergency file
    lets a day that holds something outlive its journal.
    """

    def __init__(
        self,
        runner: Runner,
        pushed: Pushed,
        clock: WallClock,
        *,
        precise: tuple[Instant, Instant],
        idle: Callable[[Instant], None],
        disk: LineDisk | None = None,
    ) -> None:
        self._runner = runner
        self._pushed = pushed
        self._clock = clock
        self._precise = precise
        self._idle = idle
        self._looked = 0.0
        self.disk = disk if disk is not None else LineDisk(runner, clock)

    async def run(self) -> DayRecord:
        """Take event after event until the record.

        Raises OSError when the journal cannot be written; with an emergency file only once nothing is held
        and before the record: whoever closes the journal behind the record hears of it then.
        """
        inbox = self._runner.inbox
        self.disk.begin()
        try:
            while self._runner.record is None:
                await self._until_due()
                inbox.now = max(inbox.now, self._clock.now())
                await self.take(inbox.pop())
            await self._settled()
        finally:
            self.disk.close()
        return self._runner.record

    async def _settled(self) -> None:
        try:
            await self.disk.settled()
        except OSError:
            if not self.disk.can_do_without:
                raise

    async def take(self, event: Event) -> tuple[Effect, ...]:
        """One event through the whole line; what it asks of the broker leaves when the disk has the step."""
        runner = self._runner
        effects = runner.step(event)
        try:
            await self.disk.keep(event, effects)
        except OSError as problem:
            runner.perform(event, without_entries(effects))
            self._without_disk(event, effects, problem)
        else:
            runner.perform(event, effects)
        if enters(effects):
            await asyncio.sleep(0)  # the order leaves before anybody is told of it
        runner.tell(event, effects)
        return effects

    def _without_disk(self, event: Event, effects: tuple[Effect, ...], problem: OSError) -> None:
        """Go on in memory while something is held; raises the problem where nothing is, or nothing can."""
        for tag in entry_tags(effects):
            self._pushed.push(OrderRefused(event.at, tag, NOT_WRITTEN))
        if not self.disk.can_do_without or not exposed(self._runner.engine.state):
            raise problem
        self.disk.without(problem)

    async def _until_due(self) -> None:
        """Return when the inbox has an event whose time has come."""
        while True:
            due, now = self._runner.inbox.next_at(), self._clock.now()
            precise = self._is_precise(now)
            if not precise or due is None or due - now > _CLEAR or now - due > _OVERDUE:
                self._look(now)
                due = self._runner.inbox.next_at()  # whoever looked may have put a command in
            if due is not None and due <= now:
                return
            if precise:
                await self._approach(due, now)
            else:
                await self._sleep(due)

    def _look(self, now: Instant) -> None:
        seconds = asyncio.get_running_loop().time()
        if seconds - self._looked >= _LOOK_S:
            self._looked = seconds
            self._idle(now)

    def _is_precise(self, now: Instant) -> bool:
        since, until = self._precise
        return since <= now < until

    async def _approach(self, due: Instant | None, now: Instant) -> None:
        """Sleep to shortly before the instant, then poll: every turn lets the loop read its sockets."""
        if due is None or due - now > _POLLED:
            await self._sleep(None if due is None else due - _POLLED)
        else:
            await asyncio.sleep(0)

    async def _sleep(self, until: Instant | None) -> None:
        """Return at that instant, or as soon as something is pushed, or when it is time to look."""
        waits = [asyncio.ensure_future(self._pushed.arrival())]
        if until is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep_until(until)))
        try:
            done, _ = await asyncio.wait(waits, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        for wait in done:
            wait.result()


def hot_window(open_at: Instant) -> tuple[Instant, Instant]:
    """The stretch around the opening in which the line is precise: 10 s before until 5 s after."""
    return open_at - 10 * SECOND, open_at + 5 * SECOND
