"""The promise of a second place for steps that the journal's disk does not take in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event


class Emergency(Protocol):
    """Steps beside the journal; may be called from another thread, one call at a time."""

    def keep(self, number: int, event: Event, effects: Sequence[Effect]) -> None:
        """Append the step with its number in the journal. Raises OSError."""
