"""A stage for the live line: a clock turned by whoever reads or sleeps, a scripted engine, a slow disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time
from types import SimpleNamespace
from typing import Any, cast

from ninefifteen.domain.effects import Cancel, Effect, Modify, StartTimer, Submit
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant, at
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import ApprovedOrder, OrderRequest, Role, Side
from ninefifteen.domain.record import DayRecord
from ninefifteen.engine import Engine
from ninefifteen.ports.feed import Feed
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.line_disk import LineDisk
from ninefifteen.runtime.live import LiveLine, Pushed
from ninefifteen.runtime.runner import Runner
from tests.patience import PATIENCE_S

DAY = date(2026, 11, 23)
OPEN = at(DAY, time(9, 15))
CALL = Instrument(name="ACME26NOV262.5CE", symbol="ACME", kind="CE", lot_size=75, tick=5)
ROLES = {"BUY": Role.ENTRY, "SELL": Role.PROTECT}


def order(tag: str, side: Side = "BUY") -> Submit:
    """One lot at Rs 45.60."""
    request = OrderRequest(
        tag=tag,
        role=ROLES[side],
        strategy="nine_fifteen",
        instrument=CALL,
        side=side,
        quantity=75,
        type="LIMIT",
        limit=4_560,
    )
    return Submit(ApprovedOrder(request, OPEN))


class HandClock:
    """It goes on by `tick` at every look, and to the instant at once when somebody sleeps until then."""

    def __init__(self, now: Instant = OPEN, tick: Instant = 0) -> None:
        self.at = now
        self.tick = tick
        self.inside = 0
        self.slept: list[Instant] = []

    def now(self) -> Instant:
        self.at += self.tick
        return self.at

    async def sleep_until(self, until: Instant) -> None:
        self.slept.append(until)
        await asyncio.sleep(0)
        self.at = max(self.at, until)

    @contextmanager
    def working(self) -> Iterator[None]:
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1


class RealClock(HandClock):
    """It goes as fast as this machine's: a thousandth of a second is one."""

    def now(self) -> Instant:
        return self.at + round(asyncio.get_running_loop().time() * SECOND)

    async def sleep_until(self, until: Instant) -> None:
        while (left := until - self.now()) > 0:  # noqa: ASYNC110 - time passes, nothing signals it
            await asyncio.sleep(left / SECOND)


class Disk:
    """A journal in memory. The next syncs take the steps of `syncs` one by one, later ones nothing."""

    def __init__(self, *syncs: Callable[[], None]) -> None:
        self.told: list[str] = []
        self.threads: set[str] = set()
        self.broken: Callable[[], None] = lambda: None
        self._syncs = list(syncs)

    def record(self, event: Event, effects: Sequence[Effect]) -> None:
        raise AssertionError("the live line writes and waits for the disk separately")

    def write(self, event: Event, effects: Sequence[Effect]) -> bool:
        self.broken()
        self.told.append(f"write {type(event).__name__}")
        return any(isinstance(effect, Submit | Modify | Cancel) for effect in effects)

    def make_durable(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self._syncs:
            self._syncs.pop(0)()
        self.told.append("durable")

    def close(self) -> None:
        """Nothing to let go of."""


def fails() -> None:
    """What a full disk says."""
    raise OSError(28, "No space left on device")


class Aside:
    """An emergency file in memory; while it is `full` it takes nothing."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.full = False

    def keep(self, number: int, event: Event, effects: Sequence[Effect]) -> None:
        if self.full:
            fails()
        self.kept.append(number)


class Gate:
    """A disk that takes its time until it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def __call__(self) -> None:
        assert self.open.wait(PATIENCE_S)


class World:
    """The broker of the stage; there is no feed: nothing here asks for data."""

    def __init__(self, told: list[str]) -> None:
        self.told = told

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        self.told.append(f"{order.request.side} {order.request.tag}")

    def modify(self, at: Instant, change: Modify) -> None:
        self.told.append(f"modify {change.tag}")

    def cancel(self, at: Instant, change: Cancel) -> None:
        self.told.append(f"cancel {change.tag}")

    def read_orders(self, at: Instant) -> None:
        self.told.append("read")

    def read_positions(self, at: Instant) -> None:
        self.told.append("read_positions")


class Scripted:
    """An engine that answers the event at a place in the day with the effects given for that place."""

    def __init__(self, *answers: Sequence[Effect]) -> None:
        self.events: list[Event] = []
        self.exposed = False
        self.state = SimpleNamespace(
            orders=SimpleNamespace(living=lambda: self.exposed),
            runs=(),
            proofs={},
            books=SimpleNamespace(orphans={}),
        )
        self._answers = list(answers)

    def step(self, event: Event) -> tuple[Effect, ...]:
        self.events.append(event)
        return tuple(self._answers.pop(0)) if self._answers else ()


class Stage:
    """One live line with everything around it; `seen` is what was taken, with the clock at that moment."""

    def __init__(
        self,
        *answers: Sequence[Effect],
        clock: HandClock | None = None,
        disk: Disk | None = None,
        precise: tuple[Instant, Instant] = (0, 0),
        ends: int | None = None,
        aside: Aside | None = None,
    ) -> None:
        self.alarms: list[str] = []
        self.clock = clock if clock is not None else HandClock()
        self.disk = disk
        self.told: list[str] = disk.told if disk is not None else []
        self.pushed = Pushed()
        self.inbox = Inbox((self.pushed,))
        self.engine = Scripted(*answers)
        self.idled: list[Instant] = []
        self.seen: list[tuple[Event, Instant]] = []
        self.runner = Runner(
            engine=cast(Engine, self.engine),
            inbox=self.inbox,
            feed=cast(Feed, None),
            broker=World(self.told),
            journal=disk,
            observers=(self._observe,),
        )
        self._ends = len(answers) if ends is None else ends
        kept = LineDisk(self.runner, self.clock, aside, self.alarms.append)
        self.line = LiveLine(self.runner, self.pushed, self.clock, precise=precise, idle=self.idle, disk=kept)

    def idle(self, now: Instant) -> None:
        self.idled.append(now)

    def _observe(self, event: Event) -> None:
        self.seen.append((event, self.clock.at))
        if len(self.seen) == self._ends:
            self.runner.record = cast(DayRecord, "the record")

    @property
    def taken(self) -> list[Event]:
        """The events in the order in which they were taken."""
        return [event for event, _ in self.seen]

    def run(self, *, seconds: float = PATIENCE_S) -> Any:
        """Live through the day."""

        async def live() -> Any:
            async with asyncio.timeout(seconds):
                return await self.line.run()

        return asyncio.run(live())


def after(name: str, wait: Instant) -> StartTimer:
    """A timer so long after the open."""
    return StartTimer(name, OPEN + wait)


def soon(milliseconds: int) -> Instant:
    """So long after the open."""
    return OPEN + milliseconds * MILLISECOND
