"""A day as it happens: events are pushed when they come, timers wait for the clock of the exchange.

The line is the runner's own: step, journal, perform, tell. Here the journal's disk is waited for in a
thread, so that the loop goes on reading sockets meanwhile; an event that comes in that time waits for
its turn. Around the opening the loop polls instead of sleeping: a timer is never early and late by
microseconds only (`reference/performance.md` W3).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.record import DayRecord
from ninefifteen.ports.wall import WallClock

from .runner import Runner, enters, without_entries

_LOOK_S = 0.1
"""Seconds of this machine between two looks at the halt file, the screen and a request to stop."""
_POLLED = 2 * MILLISECOND
"""The last stretch before a precise instant is polled, not slept."""
_CLEAR = 50 * MILLISECOND
"""In the precise stretch nobody looks when an instant is nearer than this."""
_EXIT_WAITS_S = 0.25
"""An exit waits that long for the disk and then leaves all the same (I18)."""


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
    about ten times a second, in that stretch only while no instant is near.
    """

    def __init__(
        self,
        runner: Runner,
        pushed: Pushed,
        clock: WallClock,
        *,
        precise: tuple[Instant, Instant],
        idle: Callable[[Instant], None],
    ) -> None:
        self._runner = runner
        self._pushed = pushed
        self._clock = clock
        self._precise = precise
        self._idle = idle
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._syncs: list[asyncio.Future[None]] = []
        self._looked = 0.0
        self.late_syncs = 0

    async def run(self) -> DayRecord:
        """Take event after event until the record; raises OSError when the journal cannot be written."""
        inbox = self._runner.inbox
        self._disk.submit(_nothing)  # the thread is there before the first order needs it
        try:
            while self._runner.record is None:
                await self._until_due()
                inbox.now = max(inbox.now, self._clock.now())
                await self.take(inbox.pop())
            await self._settled()
        finally:
            self._disk.shutdown(wait=True)
        return self._runner.record

    async def take(self, event: Event) -> tuple[Effect, ...]:
        """One event through the whole line; what it asks of the broker leaves when the disk has the step."""
        runner, journal = self._runner, self._runner.journal
        effects = runner.step(event)
        try:
            if journal is not None and journal.write(event, effects):
                await self._durable(effects)
        except OSError:
            runner.perform(event, without_entries(effects))
            raise
        runner.perform(event, effects)
        if enters(effects):
            await asyncio.sleep(0)  # the order leaves before anybody is told of it
        runner.tell(event, effects)
        return effects

    async def _durable(self, effects: Sequence[Effect]) -> None:
        journal = self._runner.journal
        if journal is None:
            return
        self._known()
        syncing = asyncio.get_running_loop().run_in_executor(self._disk, journal.make_durable)
        self._syncs.append(syncing)
        with self._clock.working():
            if enters(effects):
                await syncing
            else:
                await asyncio.wait({syncing}, timeout=_EXIT_WAITS_S)
        if not syncing.done():
            self.late_syncs += 1
        self._known()

    def _known(self) -> None:
        """Raise what any sync has ended with, one that nobody waited for any more included.

        The system reports a failed write once: a sync behind it succeeds and has stored nothing of it.
        """
        ended = [sync for sync in self._syncs if sync.done()]
        self._syncs = [sync for sync in self._syncs if not sync.done()]
        for sync in ended:
            sync.result()

    async def _settled(self) -> None:
        if self._syncs:
            await asyncio.wait(self._syncs)
        self._known()

    async def _until_due(self) -> None:
        """Return when the inbox has an event whose time has come."""
        while True:
            due, now = self._runner.inbox.next_at(), self._clock.now()
            precise = self._is_precise(now)
            if not precise or due is None or due - now > _CLEAR:
                self._look(now)
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


def _nothing() -> None:
    """What a thread is started with."""


def hot_window(open_at: Instant) -> tuple[Instant, Instant]:
    """The stretch around the opening in which the line is precise: 10 s before until 5 s after."""
    return open_at - 10 * SECOND, open_at + 5 * SECOND
