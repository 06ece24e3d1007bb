"""How often the server answers: Kite's rate limits, on the clock of the exchange.

Source: Kite Connect v3, "Exceptions", and Zerodha's forum (52882): quotes one a second, history three,
placing orders ten, everything else ten; orders 400 a minute and 5,000 a day whatever the kind.
"""

from __future__ import annotations

from collections import defaultdict, deque

from ninefifteen.domain.instants import MINUTE, SECOND, Instant

from .envelope import NETWORK, TOO_MANY, KiteError

_DAY: Instant = 24 * 60 * MINUTE
WINDOWS: dict[str, tuple[tuple[int, Instant], ...]] = {
    "quote": ((1, SECOND),),
    "historical": ((3, SECOND),),
    "order": ((10, SECOND), (400, MINUTE), (5000, _DAY)),
    "other": ((10, SECOND),),
}
"""Requests let through in any window of that length, by family."""


class RateLimits:
    """Counts what it lets through. `tolerance` forgives that much of a window (see `ExchangeClock`)."""

    def __init__(self, tolerance: Instant = 0) -> None:
        self._tolerance = tolerance
        self._passed: dict[tuple[str, int], deque[Instant]] = defaultdict(deque)

    def take(self, family: str, at: Instant) -> None:
        """Let one request of `family` through; raises KiteError with code 429 when there were too many."""
        queues = [(self._queue(family, index), *window) for index, window in enumerate(WINDOWS[family])]
        for passed, most, length in queues:
            while passed and at - passed[0] >= length - self._tolerance:
                passed.popleft()
            if len(passed) >= most:
                raise KiteError("Too many requests", NETWORK, TOO_MANY)
        for passed, _, _ in queues:
            passed.append(at)

    def _queue(self, family: str, index: int) -> deque[Instant]:
        return self._passed[(family, index)]
