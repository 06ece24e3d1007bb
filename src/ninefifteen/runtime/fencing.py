"""Behind a fence: orders that leave, and records that are written, only while nobody has taken over (I13).

The look at the fence comes directly before the write it guards. A process that was stopped between the
two can still send one request; the number in its tag shows then whose it was, and that order is looked
for at the broker by whoever took over.
"""

from __future__ import annotations

from collections.abc import Sequence

from ninefifteen.domain.effects import Cancel, Effect, Modify
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import ApprovedOrder
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.fence import Fence
from ninefifteen.ports.journal import Journal


class Fenced(Exception):
    """Somebody has taken over: nothing was sent and nothing was written, and nothing will be."""

    def __init__(self) -> None:
        super().__init__(
            "another start, the watchdog or `halt --direct` has taken over: nothing leaves here any more"
        )


def guard(fence: Fence) -> None:
    """Raises Fenced unless the fence holds."""
    if not fence.holds():
        raise Fenced


class FencedBroker:
    """A broker whose writes leave only while the fence holds; they raise Fenced otherwise. Reads may go."""

    def __init__(self, broker: Broker, fence: Fence) -> None:
        self._broker, self._fence = broker, fence

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        """As the broker behind it."""
        guard(self._fence)
        self._broker.submit(at, order)

    def modify(self, at: Instant, change: Modify) -> None:
        """As the broker behind it."""
        guard(self._fence)
        self._broker.modify(at, change)

    def cancel(self, at: Instant, change: Cancel) -> None:
        """As the broker behind it."""
        guard(self._fence)
        self._broker.cancel(at, change)

    def read_orders(self, at: Instant) -> None:
        """As the broker behind it."""
        self._broker.read_orders(at)

    def read_positions(self, at: Instant) -> None:
        """As the broker behind it."""
        self._broker.read_positions(at)


class FencedJournal:
    """A journal that takes steps only while the fence holds; it raises Fenced otherwise."""

    def __init__(self, journal: Journal, fence: Fence) -> None:
        self._journal, self._fence = journal, fence

    def record(self, event: Event, effects: Sequence[Effect]) -> None:
        """As the journal behind it."""
        guard(self._fence)
        self._journal.record(event, effects)

    def write(self, event: Event, effects: Sequence[Effect]) -> bool:
        """As the journal behind it."""
        guard(self._fence)
        return self._journal.write(event, effects)

    def make_durable(self) -> None:
        """As the journal behind it."""
        self._journal.make_durable()

    def close(self) -> None:
        """As the journal behind it: what was taken is kept."""
        self._journal.close()
