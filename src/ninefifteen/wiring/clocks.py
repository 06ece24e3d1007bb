"""Which clock a home goes by: the machine's, or in a rehearsal home that of its simulated exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ninefifteen.adapters.clocks.exchange import LockstepWall, Told, ask, follow
from ninefifteen.adapters.clocks.wall import FollowedWall, SystemWall
from ninefifteen.domain.settings import Settings

Wall = SystemWall | FollowedWall | LockstepWall


class HomeClock:
    """The clock, and what the simulated exchange has told of itself (None at a real broker)."""

    def __init__(self, wall: Wall, told: Told | None = None) -> None:
        self.wall = wall
        self.told = told

    @property
    def seed(self) -> int | None:
        """Which synthetic day the exchange plays; None at a real broker."""
        return self.told.seed if self.told is not None else None

    @property
    def words(self) -> str:
        """The speed as people read it; empty for a real clock."""
        if self.told is None:
            return ""
        if self.told.speed == "max":
            return "lockstep"
        return "real time" if self.told.speed == 1 else f"x{self.told.speed:g}"

    def show(self, at: int) -> None:
        """The exchange has said what time it is there."""
        if isinstance(self.wall, FollowedWall | LockstepWall):
            self.wall.show(at)

    def listens(self, *, on: bool, waits: bool = False) -> None:
        """Whether a ticker is connected over which the exchange tells its time, or is about to be again."""
        if isinstance(self.wall, LockstepWall):
            self.wall.listen(live=on, waits=waits)


@asynccontextmanager
async def home_clock(settings: Settings) -> AsyncIterator[HomeClock]:
    """The clock of a home with these settings, kept with the exchange's while it is used.

    Raises `exchange_clock.NotThere` when a simulated exchange is named and does not answer.
    """
    endpoint = settings.broker_endpoint
    told = await ask(endpoint.rest) if endpoint is not None else None
    if endpoint is None or told is None:
        yield HomeClock(SystemWall())
    elif told.speed == "max":
        lockstep = LockstepWall(told.at, endpoint.rest)
        try:
            yield HomeClock(lockstep, told)
        finally:
            await lockstep.close()
    else:
        followed = FollowedWall(told.at, told.speed)
        following = asyncio.create_task(follow(endpoint.rest, followed))
        try:
            yield HomeClock(followed, told)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
