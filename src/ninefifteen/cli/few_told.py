"""How many refusals a minute a log is told: whoever sends commands without end fills no disk with them."""

from __future__ import annotations

from ninefifteen.domain.instants import MINUTE, Instant

A_MINUTE = 60


class FewTold:
    """Counts by the minute of the machine's clock."""

    def __init__(self, most: int = A_MINUTE) -> None:
        self._most = most
        self._minute, self._count = -1, 0

    def more(self, now: Instant) -> str | None:
        """What to add to this line, mostly nothing; None where it is not told at all."""
        if now // MINUTE != self._minute:
            self._minute, self._count = now // MINUTE, 0
        self._count += 1
        if self._count > self._most:
            return None
        return " (further ones of this minute are not told)" if self._count == self._most else ""
