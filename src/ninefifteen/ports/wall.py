"""The promise of a wall clock: what time it is at the exchange, and waiting until a time there.

In a real home this is the machine's clock. In a rehearsal home it follows the clock of the simulated
exchange, which may run faster or jump over a night: so nothing outside an adapter may turn a
difference of instants into seconds of this machine.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from ninefifteen.domain.instants import Instant


class WallClock(Protocol):
    """Tells and awaits instants of the exchange."""

    def now(self) -> Instant:
        """The instant it is now."""

    async def sleep_until(self, until: Instant) -> None:
        """Return when `now()` is at or after `until`, never before; at once when that is past."""

    def working(self) -> AbstractContextManager[None]:
        """Inside, something of this moment is still being done outside the loop: an answer, a disk.

        Time goes on by itself on every clock but one: a simulated exchange that advances only when its
        client is done waits until nobody is inside.
        """
