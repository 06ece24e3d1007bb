"""A broker whose three planes fail apart: writing, reading, pushing. Behind it is the shipped exchange.

What the planes give the engine is what the shipped adapter would make of it: a placing without a
trustworthy answer is `OutcomeUnknown`, a change without one is no answer at all and a reading of the book.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

import msgspec

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import (
    ChangeAnswered,
    Event,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    OutcomeUnknown,
    PositionsRead,
)
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.order import ApprovedOrder, OrderRequest
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.wire import ReadBook, ReadHoldings

from .faults import Term
from .readings import Readings
from .trouble import Troubles

_TIMEOUT = 4 * SECOND
_ROUND_TRIP = 150 * MILLISECOND
_PROVED_ABSENT = 120 * SECOND
_LATEST = 5 * SECOND
_BLIND_ASKS = 15 * SECOND
_OUTAGE_DOES = 500  # per mille of what is sent into an outage that is done all the same

Write = OrderRequest | Modify | Cancel


class Line:
    """The connection of one start of the engine; what is under way on it dies with the process.

    `ports.source.Source` for the inbox of that start: answers in the order in which they come.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.alive = True
        self._due: list[tuple[Instant, int, Event]] = []
        self._count = 0

    def deliver(self, at: Instant, event: Event) -> None:
        """The event comes at `at`."""
        if self.alive:
            self._count += 1
            if event.at != at:
                event = msgspec.structs.replace(event, at=at)
            heappush(self._due, (at, self._count, event))

    def next_at(self) -> Instant | None:
        """When the next one comes."""
        return self._due[0][0] if self._due else None

    def pop(self) -> Event:
        """Take the next one."""
        return heappop(self._due)[2]

    def cut(self) -> None:
        """The process is gone, and with it whatever was under way to it."""
        self.alive = False
        self._due.clear()


class Watcher(Protocol):
    """Who sees each write as it leaves the engine."""

    def on_write(self, at: Instant, line: Line, write: Write) -> None:
        """A write leaves for the broker."""

    def on_outside(self, at: Instant) -> None:
        """What is held or offered changes in a way that no engine could know of."""


class Planes:
    """The broker as seen from outside; `port(line)` is the broker port of one start."""

    def __init__(
        self,
        exchange: Exchange,
        troubles: Troubles,
        later: Callable[[Instant, Callable[[Instant], None]], None],
        watcher: Watcher,
    ) -> None:
        self._exchange, self._troubles, self._later, self._watcher = exchange, troubles, later, watcher
        self._readings = Readings(exchange, troubles)
        self._muted: dict[tuple[str, str], int] = {}
        self._asked: dict[tuple[str, str], Line] = {}
        self._reads: deque[Line] = deque()
        self.line: Line | None = None
        self.last_write: Instant = 0

    def port(self, line: Line) -> Port:
        """The broker port of this start."""
        return Port(self, line)

    # ---- writing

    def write(self, at: Instant, line: Line, write: Write) -> None:
        """A write leaves: what becomes of it, and of its answer."""
        self._watcher.on_write(at, line, write)
        self.last_write = at
        kind, tag = _kind(write), write.tag
        hit = self._troubles.hit
        if hit("token_dead", at):
            self._answer_no(
                at, line, write, "Incorrect `api_key` or `access_token`. (TokenException, HTTP 403)"
            )
        elif (down := hit("writes_down", at)) is not None:
            self._no_word(at + _TIMEOUT, line, write)
            if down.chance.random() * 1000 < _OUTAGE_DOES:
                self._send(at, line, write, muted=True)
        elif hit("request_lost", at):
            self._troubles.note("request lost")
            self._no_word(at + _TIMEOUT, line, write)
        elif (late := hit("late", at) or _very_late(write, at, hit)) is not None:
            self._no_word(at + _TIMEOUT, line, write)
            self._send_late(at, late.fault.size, line, write)
        elif (doubt := hit("timed_out_400", at)) is not None:
            self._no_word(at + _ROUND_TRIP, line, write)
            self._send_late(at, doubt.fault.size, line, write)
        elif kind == "place" and hit("refused", at):
            self._answer_no(at, line, write, "Insufficient funds. Required margin is not available.")
        elif kind == "modify" and hit("changes_refused", at):
            self._answer_no(at, line, write, "Order cannot be modified at this time.")
        elif hit("reply_lost", at):
            self._troubles.note("reply lost")
            self._no_word(at + _TIMEOUT, line, write)
            self._send(at, line, write, muted=True)
        else:
            self._asked[kind, tag] = line
            self._send(at, line, write, muted=False)

    def _send(self, at: Instant, line: Line, write: Write, *, muted: bool) -> None:
        if muted:
            key = _kind(write), write.tag
            self._muted[key] = self._muted.get(key, 0) + 1
        del line
        self._exchange.request(at, write)

    def _send_late(self, at: Instant, delay: Instant, line: Line, write: Write) -> None:
        order = isinstance(write, OrderRequest)

        def arrive(now: Instant) -> None:
            if order and delay > _PROVED_ABSENT:
                self._watcher.on_outside(now)
            self._troubles.note("late order arrived" if order else "late change arrived")
            self._troubles.trouble(now)
            self._send(now, line, write, muted=True)

        self._later(at + delay, arrive)

    def _no_word(self, at: Instant, line: Line, write: Write) -> None:
        """Nothing trustworthy comes back: what the adapter tells the engine then."""
        self._troubles.trouble(at)
        if isinstance(write, OrderRequest):
            line.deliver(at, OutcomeUnknown(at, tag=write.tag, detail="timed out after 4 s"))
        else:
            self._later(at, lambda now: self.read(now, line, ReadBook()))

    def _answer_no(self, at: Instant, line: Line, write: Write, words: str) -> None:
        at += _ROUND_TRIP
        self._troubles.trouble(at)
        if isinstance(write, OrderRequest):
            line.deliver(at, OrderRefused(at, tag=write.tag, message=words))
        else:
            line.deliver(
                at, ChangeAnswered(at, tag=write.tag, change=_kind(write), taken=False, message=words)
            )

    # ---- reading

    def read(self, at: Instant, line: Line, what: ReadBook | ReadHoldings) -> None:
        """A reading is asked for."""
        if not line.alive:
            return
        hit = self._troubles.hit
        down = hit("token_dead", at) or hit("reads_down", at)
        if down or hit("reads_fail", at):
            failed = at + _ROUND_TRIP
            # Who has been blind for long asks every 15 s: until then nobody can know that reads work again.
            lasts = failed if down is None else min(down.until, failed + _BLIND_ASKS) + _ROUND_TRIP
            self._troubles.trouble(lasts)
            empty: Event = OrdersRead(failed, ok=False, reports=())
            if isinstance(what, ReadHoldings):
                empty = PositionsRead(failed, ok=False, holdings=())
            line.deliver(failed, empty)
            return
        self._reads.append(line)
        self._exchange.request(at, what)

    # ---- answers of the exchange

    def on_answer(self, event: Event) -> None:
        """The exchange has said something: whether, when and how it reaches the engine."""
        if isinstance(event, OrderUpdate):
            self._push(event)
        elif isinstance(event, OrdersRead | PositionsRead):
            line = self._reads.popleft()
            if line.alive:
                line.deliver(event.at, self._readings.shown(event))
        elif isinstance(event, OrderAccepted | OrderRefused | ChangeAnswered):
            kind = event.change if isinstance(event, ChangeAnswered) else "place"
            key = kind, event.tag
            if self._muted.get(key, 0):
                self._muted[key] -= 1
            elif (asked := self._asked.get(key)) is not None:
                asked.deliver(event.at, event)

    def _push(self, event: OrderUpdate) -> None:
        line, at = self.line, event.at
        if line is None or not line.alive or not event.report.tag:
            return
        hit, note = self._troubles.hit, self._troubles.note
        if hit("token_dead", at) or hit("line_lost", at) or hit("pushes_lost", at):
            note("push lost")
            self._troubles.trouble(at)
            return
        if hit("pushes_hint", at):
            self.read(at, line, ReadBook())
            return
        shown = self._readings.pushed(event)
        if hit("pushes_twice", at):
            line.deliver(at + 20 * MILLISECOND, shown)
        late = hit("pushes_late", at)
        due = at if late is None else at + late.chance.randrange(_LATEST)
        if late is not None:
            note("push late")
            self._troubles.trouble(due)
        line.deliver(due, shown)


class Port:
    """`ports.broker.Broker` of one start."""

    def __init__(self, planes: Planes, line: Line) -> None:
        self._planes, self._line = planes, line

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        """Send the order once."""
        self._planes.write(at, self._line, order.request)

    def modify(self, at: Instant, change: Modify) -> None:
        """Ask for the whole new shape."""
        self._planes.write(at, self._line, change)

    def cancel(self, at: Instant, change: Cancel) -> None:
        """Ask for the cancelling."""
        self._planes.write(at, self._line, change)

    def read_orders(self, at: Instant) -> None:
        """Read the day's book."""
        self._planes.read(at, self._line, ReadBook())

    def read_positions(self, at: Instant) -> None:
        """Read what the account holds."""
        self._planes.read(at, self._line, ReadHoldings())


def _very_late(write: Write, at: Instant, hit: Callable[[str, Instant], Term | None]) -> Term | None:
    if not isinstance(write, OrderRequest):
        return None
    return hit("very_late" if write.side == "BUY" else "very_late_sell", at)


def _kind(write: Write) -> str:
    if isinstance(write, OrderRequest):
        return "place"
    return "modify" if isinstance(write, Modify) else "cancel"
