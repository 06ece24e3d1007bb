"""The clock of our own simulated exchange, asked over its private address and followed.

Only rehearsal homes use it. At a speed the clock is followed by this machine's; in lockstep
(`--speed max`) time stands still while anything is being done and then leaps to whatever is due next,
here or at the exchange (`design/interfaces.md`, "Clock of the exchange").
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Literal

import aiohttp
import msgspec

from ninefifteen.domain.instants import SECOND, Instant

from .wall import FollowedWall

_PATIENCE = aiohttp.ClientTimeout(total=5)
_FOLLOW_S = 0.5
_AGREE_S = 0.3
_QUIET_TURNS = 12
_FRAME_S = 2.0
_RECONNECTS_S = 15.0
"""A ticker that is gone longer than this machine's seconds is not waited for: time goes on without it."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the exchange says of itself: its instant, its speed, and which synthetic day it plays."""

    at: Instant
    speed: float | Literal["max"]
    date: str
    seed: int | None = None
    synthetic: bool = True


class NotThere(Exception):
    """Nothing answers at the address; `args[0]` is one line."""


async def ask(rest: str) -> Told | None:
    """What the exchange at this address tells; None when it is a simulator that does not tell.

    Raises NotThere when nobody answers.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE, trust_env=False) as session,
            session.get(f"{rest.rstrip('/')}/ninefifteen/clock") as reply,
        ):
            if reply.status != 200:  # noqa: PLR2004
                return None
            return msgspec.json.decode(await reply.read(), type=Told)
    except msgspec.MsgspecError:
        return None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NotThere(f"nothing answers at {rest} ({type(error).__name__})") from None


async def follow(rest: str, clock: FollowedWall) -> None:
    """Keep the clock with the exchange's, which may leap over a night; ends only by being cancelled."""
    while True:
        await asyncio.sleep(_FOLLOW_S)
        try:
            told = await ask(rest)
        except NotThere:
            continue
        if told is not None and told.speed != "max":
            apart = abs(told.at - clock.now()) / SECOND
            if apart > _AGREE_S * max(told.speed, 1.0) or told.speed != clock.speed:
                clock.show(told.at, told.speed)


class LockstepWall:
    """Time that moves only when everybody waits: to the next instant anybody waits for, here or there."""

    def __init__(self, at: Instant, rest: str) -> None:
        self._at = at
        self._rest = rest.rstrip("/")
        self._sleepers: list[tuple[Instant, int, asyncio.Future[None]]] = []
        self._count = 0
        self._inside = 0
        self._shown = asyncio.Event()
        self._stepping: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self.listening = False
        """Whether a ticker is connected, which hears of every step after what was pushed in it."""
        self.coming_back = 0.0
        """Until when (the loop's seconds) time waits for a ticker that is connecting again."""

    def now(self) -> Instant:
        """The instant it is now."""
        return self._at

    async def sleep_until(self, until: Instant) -> None:
        """Return when the clock shows `until`; asks the exchange to go on when nothing else is to do."""
        if until <= self._at:
            return
        self._count += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (until, self._count, woken))
        if self._stepping is None or self._stepping.done():
            self._stepping = asyncio.create_task(self._step())
        failed = self._stepping
        try:
            await asyncio.wait({woken, failed}, return_when=asyncio.FIRST_COMPLETED)
            if not woken.done():
                failed.result()
        finally:
            woken.cancel()  # whoever gives up waiting is not waited for

    @contextmanager
    def working(self) -> Iterator[None]:
        """Inside, time stands still."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def show(self, at: Instant) -> None:
        """The exchange has said, behind everything it pushed, that it is `at`."""
        self._at = max(self._at, at)
        self._shown.set()

    def listen(self, *, live: bool, waits: bool = False) -> None:
        """A ticker is connected, or it is not; `waits`: it is about to be again, in this machine's time."""
        self.listening = live
        now = asyncio.get_running_loop().time()
        self.coming_back = now + _RECONNECTS_S if waits and not live else 0.0

    async def close(self) -> None:
        """Let go of the connection."""
        if self._stepping is not None:
            self._stepping.cancel()
        if self._session is not None:
            await self._session.close()

    async def _step(self) -> None:
        while self._sleepers:
            await self._quiet()
            until = self._next()
            if until is None:
                return
            if until > self._at:
                await self._advance(until)
            while self._sleepers and self._sleepers[0][0] <= self._at:
                woken = heappop(self._sleepers)[2]
                if not woken.done():
                    woken.set_result(None)

    def _next(self) -> Instant | None:
        """The earliest instant that is still waited for."""
        while self._sleepers and self._sleepers[0][2].done():
            heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def _quiet(self) -> None:
        """Return when nobody is inside and everything that could run has run."""
        turns = 0
        while turns < _QUIET_TURNS:
            if self._inside or asyncio.get_running_loop().time() < self.coming_back:
                turns = 0
                await asyncio.sleep(0.0002)
            else:
                turns += 1
                await asyncio.sleep(0)

    async def _advance(self, until: Instant) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_PATIENCE, trust_env=False)
        self._shown.clear()
        address = f"{self._rest}/ninefifteen/advance"
        try:
            async with self._session.post(address, json={"until": until}) as reply:
                at = msgspec.json.decode(await reply.read(), type=dict[str, Instant])["at"]
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError, KeyError) as error:
            raise NotThere(f"the exchange at {self._rest} has gone ({type(error).__name__})") from None
        while self.listening and self._at < at:
            try:
                await asyncio.wait_for(self._shown.wait(), _FRAME_S)
            except TimeoutError:
                break  # the ticker was cut in this very moment: what was pushed is lost, as at a real one
            self._shown.clear()
        self._at = max(self._at, at)
