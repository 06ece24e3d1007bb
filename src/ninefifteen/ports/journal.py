"""The promise of the journal: append-only, in order, durable when it says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event


class Journal(Protocol):
    """Every event that entered the engine, with the effects it caused."""

    def record(self, event: Event, effects: Sequence[Effect]) -> None:
        """Append one step. Returns only when durable if the effects hold a broker request."""

    def write(self, event: Event, effects: Sequence[Effect]) -> bool:
        """Append one step; True when `make_durable` must return before a broker request of it leaves."""

    def make_durable(self) -> None:
        """Wait for the disk. The only call that may be made from another thread."""

    def close(self) -> None:
        """Make everything durable and let go of the file."""
