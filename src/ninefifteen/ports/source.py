"""A source of events with their times: the other half of every simulated or recorded port."""

from __future__ import annotations

from typing import Protocol

from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant


class Source(Protocol):
    """Events in time order. Merged with others by the inbox; ties go to the source named first."""

    def next_at(self) -> Instant | None:
        """When the next event is due; None when there is none now (there may be later)."""

    def pop(self) -> Event:
        """Take the next event; only called when `next_at` is not None."""
