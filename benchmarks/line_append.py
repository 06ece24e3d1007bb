"""P11 on the line: a step with an order in it, durable in the journal's thread before the order leaves.

`LiveLine.take` is what is timed, from the event to the moment the broker is asked. The longest
callback of the event loop meanwhile shows that the loop never waits for the disk. The naive way is
SQLite in WAL mode with synchronous=FULL, committed in the loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from asyncio.events import Handle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from ninefifteen.adapters.clocks.wall import FollowedWall
from ninefifteen.adapters.journal import FileJournal
from ninefifteen.domain.effects import Effect, StartTimer, Submit
from ninefifteen.domain.events import Event, LastPrice
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.order import ApprovedOrder
from ninefifteen.engine import Engine
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.feed import Feed
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.live import LiveLine, Pushed
from ninefifteen.runtime.runner import Runner

from .journal_append import header, order_at, remove
from .market import NAMES
from .tick_to_order import spread


class _Orders:
    """An engine whose every step is an order, and the broker that gets it: when it did is noted."""

    def __init__(self) -> None:
        self.asked = 0.0
        self._number = 0

    def step(self, event: Event) -> tuple[Effect, ...]:
        self._number += 1
        return (Submit(order_at(event.at, self._number)), StartTimer("gap:unprotected", event.at + SECOND))

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        del at, order
        self.asked = time.perf_counter()

    def __getattr__(self, name: str) -> object:
        return lambda *_: name


@contextmanager
def longest_callback() -> Iterator[list[float]]:
    """The longest callback of event loops while the block runs, in microseconds, as the list's one figure."""
    longest, run = [0.0], Handle._run  # noqa: SLF001 - there is no public way to see a callback

    def timed(handle: Handle) -> None:
        began = time.perf_counter()
        run(handle)
        longest[0] = max(longest[0], 1e6 * (time.perf_counter() - began))

    Handle._run = timed  # type: ignore[method-assign,assignment]  # noqa: SLF001
    try:
        yield longest
    finally:
        Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001


def line_appends(folder: Path, count: int) -> dict[str, object]:
    """Microseconds from an event to its order, durable; and the longest callback of the loop."""
    return asyncio.run(_line_appends(folder / "line.journal", count))


async def _line_appends(path: Path, count: int) -> dict[str, object]:
    remove(path)
    first = header()
    took: list[float] = []
    orders = _Orders()
    with FileJournal.create(path, first) as journal:
        runner = Runner(
            engine=cast(Engine, orders),
            inbox=Inbox(()),
            feed=cast(Feed, orders),
            broker=cast(Broker, orders),
            journal=journal,
        )
        clock = FollowedWall(first.started, 1)
        line = LiveLine(runner, Pushed(), clock, precise=(0, 0), idle=lambda _: None)
        for number in range(3):
            await line.take(_event(first.started, number))
        with longest_callback() as longest:
            for number in range(3, count + 3):
                event = _event(first.started, number)
                began = time.perf_counter()
                await line.take(event)
                took.append(1e6 * (orders.asked - began))
    remove(path)
    return {**spread("append", took), "longest_callback": longest[0]}


def _event(began: Instant, number: int) -> LastPrice:
    return LastPrice(began + number * SECOND, NAMES[0], 100_000 + number)


def sqlite_appends(folder: Path, count: int) -> dict[str, object]:
    """The same for a row of 900 bytes in SQLite, committed in the loop."""
    return asyncio.run(_sqlite_appends(folder / "append.sqlite", count))


async def _sqlite_appends(path: Path, count: int) -> dict[str, object]:
    remove(path)
    took: list[float] = []
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    base.execute("CREATE TABLE steps (seq INTEGER PRIMARY KEY, step TEXT)")
    with longest_callback() as longest:
        for _ in range(count):
            await asyncio.sleep(0)
            began = time.perf_counter()
            base.execute("INSERT INTO steps (step) VALUES (?)", ("x" * 900,))
            base.commit()
            took.append(1e6 * (time.perf_counter() - began))
    base.close()
    for left in path.parent.glob(path.name + "*"):
        left.unlink()
    return {**spread("append", took), "longest_callback": longest[0]}
