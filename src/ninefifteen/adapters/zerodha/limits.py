"""How fast we may ask: Kite's rate limits on the clock of the exchange.

Kite counts requests per second (forum 52882): quote 1, historical 3, everything else 10; orders 10 a
second, 400 a minute, 5,000 a day over all keys of the account. It answers 429 beyond, without saying
when to come back, so the counting is ours. We count in sliding windows, not in buckets: a bucket of
ten that refills at ten a second lets nineteen through in one second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from ninefifteen.domain.instants import MINUTE, SECOND, Instant, day_of
from ninefifteen.ports.wall import WallClock

from .errors import Down

QUOTES_PER_SECOND = 1
CANDLES_PER_SECOND = 3
READS_PER_SECOND = 10

OPENING_WRITES_PER_SECOND = 3
"""Our own limit for what may open a position, far below the broker's: a runaway is stopped by it."""
WRITES_PER_SECOND = 10
WRITES_PER_MINUTE = 400
WRITES_PER_DAY = 5_000
KEPT_FOR_EXITS = 500
"""Of the day's writes, these are never used to open a position."""
LONGEST_WAIT_TO_OPEN: Instant = SECOND
"""An entry that would have to wait longer is not sent: its price would be another by then."""


class Window:
    """At most `count` requests in any stretch of `per` nanoseconds: pure state, told the time.

    A request counts from the instant its answer came, because only then has it surely been counted
    by the server, whatever the way there took; until then it holds its place.
    """

    def __init__(self, count: int, per: Instant) -> None:
        self._count, self._per = count, per
        self._stamps: deque[Instant] = deque(maxlen=count)
        self._under_way = 0

    def free_at(self, now: Instant) -> Instant | None:
        """The first instant from `now` on at which one more may leave; None: not before an answer came."""
        room = self._count - self._under_way
        if room <= 0:
            return None
        if len(self._stamps) < room:
            return now
        return max(now, self._stamps[-room] + self._per)

    def start(self) -> None:
        """A request leaves and holds its place."""
        self._under_way += 1

    def end(self, at: Instant) -> None:
        """Its answer came, or will never come."""
        self._under_way -= 1
        self._stamps.append(at)

    def take(self, at: Instant) -> None:
        """A request that counts from the instant it leaves."""
        self._stamps.append(at)


class ReadGate:
    """One family of reads: in the order of asking, each waits until the window has room for it."""

    def __init__(self, clock: WallClock, count: int) -> None:
        self._clock = clock
        self._window = Window(count, SECOND)
        self._queue = asyncio.Lock()
        self._answered = asyncio.Event()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn, and hold a place of the window until the answer is there."""
        async with self._queue:
            while (free := self._window.free_at(self._clock.now())) is None or free > self._clock.now():
                if free is None:
                    self._answered.clear()
                    await self._answered.wait()
                else:
                    await self._clock.sleep_until(free)
            self._window.start()
        try:
            yield
        finally:
            self._window.end(self._clock.now())
            self._answered.set()


class WriteLimits:
    """Orders, changes and cancels: pure state, told the time.

    What may open a position obeys all limits. Everything else (an exit, a change, a cancel) waits
    only for the broker's own limits, and the day's last writes are kept for it: so entries can never
    starve an exit. Writes count from the instant they leave: a lost answer must not block an exit.
    """

    def __init__(self) -> None:
        self._ours = Window(OPENING_WRITES_PER_SECOND, SECOND)
        self._brokers = (Window(WRITES_PER_SECOND, SECOND), Window(WRITES_PER_MINUTE, MINUTE))
        self._day: date | None = None
        self._of_day = 0

    def free_at(self, now: Instant, *, opens: bool) -> Instant | None:
        """The first instant from `now` on at which one more may leave; None: not today."""
        used = self._of_day if self._day == day_of(now) else 0
        if used >= WRITES_PER_DAY - (KEPT_FOR_EXITS if opens else 0):
            return None
        windows = (*self._brokers, self._ours) if opens else self._brokers
        return max(window.free_at(now) or now for window in windows)

    def take(self, at: Instant) -> None:
        """A write leaves now."""
        day = day_of(at)
        self._of_day = self._of_day + 1 if self._day == day else 1
        self._day = day
        for window in (*self._brokers, self._ours):
            window.take(at)


class WriteGate:
    """Lets writes out at the pace of `WriteLimits`."""

    def __init__(self, clock: WallClock) -> None:
        self._clock = clock
        self._limits = WriteLimits()

    async def turn(self, *, opens: bool) -> None:
        """Return when the write may leave; raises Down where it may not: then nothing was sent."""
        while True:
            now = self._clock.now()
            free = self._limits.free_at(now, opens=opens)
            if free is None:
                raise Down("nothing was sent: today's number of order requests is used up; call the broker")
            if free <= now:
                self._limits.take(now)
                return
            if opens and free - now > LONGEST_WAIT_TO_OPEN:
                raise Down(
                    "nothing was sent: too many order requests in a short time, by the broker's limits"
                )
            await self._clock.sleep_until(free)
