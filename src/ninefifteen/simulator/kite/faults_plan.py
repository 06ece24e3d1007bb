"""Faults that were written down beforehand, each done when its time has come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ninefifteen.domain.instants import SECOND, Instant, at, clock_of, day_of, midnight

from .faults import Faults, Handle, Payload
from .faults_feed import Updates, is_update, seen_at
from .faults_file import Fault
from .faults_replies import Circumstances, Work, reset, spoiled

if TYPE_CHECKING:
    from .server import KiteServer
    from .tickers import Ticker

_BY_ITSELF = {("session", "killed"), ("feed", "dropped")}
_NO_FRAMES = ("frozen", "silent")


class PlannedFaults(Faults):
    """The faults of a file. Where several fit, the first in the file that is not used up happens.

    Whether a fault with a `chance` happens follows from the seed and how often it could have happened.
    """

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = tuple(faults)
        self._draws = [Random(f"{seed}|fault|{number}") for number in range(len(faults))]  # noqa: S311 - no secret
        self._happened: Counter[tuple[int, date]] = Counter()
        self._late: list[tuple[Instant, int, asyncio.Event]] = []
        self._numbers = count()
        self._updates = Updates()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cut: list[Ticker] = []
        self._working = 0
        self._rested = asyncio.Event()
        self._acted_until: Instant = 0

    def attach(self, server: KiteServer) -> None:
        """Everything is counted from the server's first day on."""
        self._server = server
        self._first = day_of(server.clock.now())
        self._acted_until = server.clock.now() - 1
        self._circumstances = Circumstances(server, self._later, self._beside)

    # ------------------------------------------------------------------------- what happens at a time of day

    def next_at(self) -> Instant | None:
        """The next late order, dropped socket or killed token."""
        planned = [instant for fault in self._faults for instant in self._instants(fault)]
        late = [due for due, _, _ in self._late[:1]]
        return min([*planned, *late], default=None)

    def act(self, now: Instant) -> None:
        """Let late requests through, drop sockets, kill tokens."""
        due = [fault for fault in self._faults for instant in self._instants(fault) if instant <= now]
        self._acted_until = max(now, self._acted_until)
        for fault in due:
            if fault.place == "session":
                self._server.sessions.kill()
                self._server.poke()
            else:
                self._cut = list(self._server.tickers.open)
                for ticker in self._cut:
                    reset(ticker.transport)
                    ticker.drop()
        while self._late and self._late[0][0] <= now:
            self._working += 1
            heappop(self._late)[2].set()

    async def settled(self) -> None:
        """Return when every request that `act` let through has been done, and cut tickers are gone."""
        while any(ticker in self._server.tickers.open for ticker in self._cut):  # noqa: ASYNC110 - two turns
            await asyncio.sleep(0)
        while self._working:
            self._rested.clear()
            await self._rested.wait()

    def _instants(self, fault: Fault) -> list[Instant]:
        """When this fault acts by itself next, after what has been done; empty: never again."""
        if (fault.place, fault.what) not in _BY_ITSELF:
            return []
        today = day_of(self._acted_until)
        days = [today, today + timedelta(days=1)]
        if fault.day is not None:
            days = [self._first + timedelta(days=fault.day - 1)]
        apart = round((1.0 if fault.seconds is None else fault.seconds) * SECOND)
        for day in days:
            for number in range(fault.most or 1):
                instant = at(day, fault.begins) + number * apart
                if instant > self._acted_until:
                    return [instant]
        return []

    async def _later(self, seconds: float, work: Work) -> None:
        """Do something when that time has passed at the exchange."""
        event = asyncio.Event()
        due = self._server.clock.now() + round(seconds * SECOND)
        heappush(self._late, (due, next(self._numbers), event))
        self._server.poke()
        await event.wait()
        try:
            await work()
        finally:
            self._working -= 1
            self._rested.set()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------------------------- what passes through here

    async def reply(self, request: web.Request, handle: Handle) -> web.StreamResponse:
        """The honest reply, or what the first fault that fits makes of it."""
        if request.path == "/":
            fault = self._take(lambda one: one.place == "handshake")
        else:
            fault = self._take(lambda one: one.meets(request.method, request.path))
        if fault is None:
            return await handle(request)
        return await spoiled(fault, request, handle, self._circumstances)

    async def push(self, ticker: Ticker, payload: Payload) -> Sequence[Payload]:
        """Frames of now or of another instant, or none; updates as they come, twice, late or not at all."""
        feed = self._feed()
        if isinstance(payload, bytes):
            if feed is None:
                return (payload,)
            return () if feed.what in _NO_FRAMES else (self._seen(payload, feed),)
        if not is_update(payload):
            return (payload,)
        if feed is not None and feed.what == "silent":
            return ()
        return self._updates.pushed(ticker, payload, self._take(lambda one: one.place == "updates"))

    def beats(self, ticker: Ticker) -> bool:  # noqa: ARG002 - one promise
        """No heartbeat goes out while the feed is silent."""
        feed = self._feed()
        return feed is None or feed.what != "silent"

    def _seen(self, payload: bytes, fault: Fault) -> bytes:
        venue = self._server.venue
        instant = midnight(venue.day.date)
        if fault.what == "stale":
            instant = at(day_of(self._server.clock.now()), fault.begins)
        return seen_at(venue.market, payload, instant)

    def _feed(self) -> Fault | None:
        """What is wrong with the feed now."""
        now = self._server.clock.now()
        wrong = (one for one in self._faults if one.place == "feed" and one.what != "dropped")
        return next((one for one in wrong if self._is_now(one, now)), None)

    def _take(self, fits: Callable[[Fault], bool]) -> Fault | None:
        """The first fault that fits, is due and not used up; it has happened once more."""
        now = self._server.clock.now()
        today = day_of(now)
        for number, fault in enumerate(self._faults):
            if not (fits(fault) and self._is_now(fault, now)):
                continue
            if fault.most is not None and self._happened[number, today] >= fault.most:
                continue
            if fault.chance is not None and self._draws[number].random() >= fault.chance:
                continue
            self._happened[number, today] += 1
            return fault
        return None

    def _is_now(self, fault: Fault, now: Instant) -> bool:
        day = (day_of(now) - self._first).days + 1
        return fault.day in (None, day) and fault.begins <= clock_of(now) < fault.ends
