"""The way to the exchange and back: requests arrive and answers come in the order they were sent.

Both directions keep their order, as one connection does; a layer around the exchange may break
that on purpose. Nothing here waits: an instant is computed, and the item is there at that instant.
"""

from __future__ import annotations

from collections import deque
from random import Random

import msgspec

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import OrderRequest


class ReadBook(msgspec.Struct, frozen=True):
    """The request to read the whole order book of the day."""


class ReadHoldings(msgspec.Struct, frozen=True):
    """The request to read what the account holds."""


Request = OrderRequest | Modify | Cancel | ReadBook | ReadHoldings
"""Everything that can be asked of the exchange, as data."""


class Latency(msgspec.Struct, frozen=True):
    """Nanoseconds to the exchange, back from it, and what chance may add to each (0: nothing)."""

    request: Instant = 0
    answer: Instant = 0
    jitter: Instant = 0


class Arrival(msgspec.Struct, frozen=True):
    """A request with the instant it reaches the exchange and the time its answer will take."""

    at: Instant
    answer_in: Instant
    request: Request


class Wire:
    """Requests under way and answers under way. Chance comes from `chance` alone."""

    __slots__ = ("_answers", "_chance", "_last_answer", "_last_arrival", "_latency", "_requests")

    def __init__(self, latency: Latency, chance: Random) -> None:
        self._latency = latency
        self._chance = chance
        self._requests: deque[Arrival] = deque()
        self._answers: deque[Event] = deque()
        self._last_arrival: Instant = 0
        self._last_answer: Instant = 0

    def send(self, at: Instant, request: Request) -> None:
        """A request leaves for the exchange at `at`.

        Reading draws no luck: a look, as after a restart, leaves the latencies of all orders as they were.
        """
        reads = isinstance(request, ReadBook | ReadHoldings)
        luck, answer_in = (0, self._latency.answer) if reads else (self._luck(), self.answer_in())
        self._last_arrival = max(self._last_arrival, at + self._latency.request + luck)
        self._requests.append(Arrival(self._last_arrival, answer_in, request))

    def answer_in(self) -> Instant:
        """How long the next answer takes."""
        return self._latency.answer + self._luck()

    def due(self, at: Instant, answer_in: Instant) -> Instant:
        """The instant at which an answer sent at `at` is there; never before an earlier one."""
        self._last_answer = max(self._last_answer, at + answer_in)
        return self._last_answer

    def answer(self, event: Event) -> None:
        """An answer is under way; its `at` is what `due` said."""
        self._answers.append(event)

    def arrived(self, until: Instant) -> Arrival | None:
        """The next request that has reached the exchange by `until`, taken off the wire."""
        return self._requests.popleft() if self._requests and self._requests[0].at <= until else None

    def next_arrival(self) -> Arrival:
        """The next request, taken off the wire; IndexError when there is none."""
        return self._requests.popleft()

    def next_at(self) -> Instant | None:
        """When the next answer will be there: every request has exactly one, its updates follow it."""
        if self._answers:
            return self._answers[0].at
        if self._requests:
            head = self._requests[0]
            return max(self._last_answer, head.at + head.answer_in)
        return None

    @property
    def answers(self) -> deque[Event]:
        """The answers under way, the next one first."""
        return self._answers

    def _luck(self) -> Instant:
        jitter = self._latency.jitter
        return self._chance.randrange(jitter + 1) if jitter else 0
