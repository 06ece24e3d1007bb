"""What slows a guesser down: after some failures each further try has to wait, longer and longer.

Nobody is locked out for ever: the longest wait is a minute, and tries that come too early do not
lengthen it. An address from which this person has logged in before is not slowed by others' failures.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from ninefifteen.domain.instants import MINUTE, SECOND, Instant

LONGEST_WAIT_S = 60
_FORGET: Instant = 15 * MINUTE
_MOST_KEYS = 4096

Key = tuple[str, ...]


class Limits:
    """Failures by key. `free` of them cost nothing, then each doubles the wait."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._failures: OrderedDict[Key, tuple[int, Instant]] = OrderedDict()

    def wait_s(self, keys: Iterable[tuple[Key, int]]) -> int:
        """Seconds until another try is looked at, for keys with their free failures; 0: now."""
        now = self._clock()
        return max((self._wait(key, free, now) for key, free in keys), default=0)

    def failed(self, keys: Iterable[Key]) -> None:
        """Count a failure for each of these."""
        now = self._clock()
        for key in keys:
            count, _ = self._now(key, now)
            self._failures[key] = (count + 1, now)
            self._failures.move_to_end(key)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def forget(self, keys: Iterable[Key]) -> None:
        """It worked: these start anew."""
        for key in keys:
            self._failures.pop(key, None)

    def _now(self, key: Key, now: Instant) -> tuple[int, Instant]:
        count, at = self._failures.get(key, (0, now))
        return (0, now) if now - at > _FORGET else (count, at)

    def _wait(self, key: Key, free: int, now: Instant) -> int:
        count, at = self._now(key, now)
        if count < free:
            return 0
        wait = min(1 << min(count - free, 10), LONGEST_WAIT_S)
        left = at + wait * SECOND - now
        return max(-(-left // SECOND), 0)
