"""How often somebody does something."""

from __future__ import annotations

from collections import deque

from ninefifteen.domain.instants import SECOND, Instant

_IN_A_WHILE: Instant = 10 * SECOND


class Pace:
    """How often each person has sent commands of late."""

    def __init__(self) -> None:
        self._times: dict[str, deque[Instant]] = {}

    def too_fast(self, name: str, most: int, now: Instant) -> bool:
        """Count one more; whether it is one too many."""
        times = self._times.setdefault(name, deque())
        while times and now - times[0] > _IN_A_WHILE:
            times.popleft()
        if len(times) >= most:
            return True
        times.append(now)
        return False
