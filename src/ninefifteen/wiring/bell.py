"""What makes the opening quick: no garbage collection around it (`reference/performance.md` W3)."""

from __future__ import annotations

import gc

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.ports.wall import WallClock

BEFORE = 10 * SECOND
AFTER = 35 * SECOND


async def quiet_bell(clock: WallClock, open_at: Instant) -> None:
    """Collect shortly before the open, then not again until the entry window has closed.

    A collection of a large heap stops everything for 70 ms; what was collected just before is set aside,
    so that switching it on again does not cost that either.
    """
    if clock.now() >= open_at + AFTER:
        return
    await clock.sleep_until(open_at - BEFORE)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        await clock.sleep_until(open_at + AFTER)
    finally:
        gc.enable()
        gc.unfreeze()
