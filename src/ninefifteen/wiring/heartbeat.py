"""Whether an engine lives in a home: its lock, and its heartbeat, which it writes once a second.

A heartbeat is judged by whether the file changes, on a clock of this machine that only goes forward:
neither a step of the wall clock nor the clock of a rehearsal makes an engine look dead or alive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from ninefifteen.adapters.clocks.exchange import ask
from ninefifteen.adapters.clocks.wall import FollowedWall, SystemWall, steady
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput, HomeLocked
from ninefifteen.home import Home
from ninefifteen.ports.wall import WallClock

HEARTBEAT = "heartbeat.json"
"""Its name in the home."""
_BEATS_WITHIN: Instant = 3 * SECOND
_LOOK_S = 0.1

Engine = Literal["none", "living", "silent"]
"""none: the home's lock is free; living: its heart beats; silent: it keeps the lock, and nothing else."""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine writes: the machine's wall clock (ns), its process, its epoch, and what it holds."""

    at: Instant
    pid: int
    epoch: int
    holding: bool = False
    contract: str = ""


class Pulse:
    """Watches one heartbeat file. `look` often; nanoseconds of this machine."""

    def __init__(self, path: Path, clock: Callable[[], Instant] = steady) -> None:
        self._path = path
        self._clock = clock
        self._content = self._read()
        self.since = clock()
        """When a beat was seen last, or the watch began; on the clock of this machine."""
        self.beats = 0
        """How often it was seen to change."""

    def look(self) -> None:
        """Notice whether it has changed; a file that has gone is no beat."""
        content = self._read()
        if content != self._content:
            self._content = content
            if content is not None:
                self.since = self._clock()
                self.beats += 1

    @property
    def now(self) -> Instant:
        """The clock that silence is measured on."""
        return self._clock()

    @property
    def silence(self) -> Instant:
        """How long no beat has been seen, from the beginning of the watch on."""
        return self._clock() - self.since

    @property
    def last(self) -> Heartbeat | None:
        """The last beat; None where there is none or it cannot be read."""
        try:
            return msgspec.json.decode(self._content or b"", type=Heartbeat)
        except msgspec.MsgspecError:
            return None

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None


async def onlooker_clock(settings: Settings) -> WallClock:
    """The clock of a home for somebody who only looks on: it never turns an exchange in lockstep.

    Raises NotThere when a simulated exchange is named and does not answer.
    """
    endpoint = settings.broker_endpoint
    told = await ask(endpoint.rest) if endpoint is not None else None
    if told is None:
        return SystemWall()
    return FollowedWall(told.at, 1.0 if told.speed == "max" else told.speed)


def pulse_of(home: Home) -> Pulse:
    """The pulse of the home's engine, from now on."""
    return Pulse(home.path / HEARTBEAT)


def try_lock(home: Home, stack: ExitStack) -> bool:
    """Keep the home's lock until the stack ends, where nobody has it; False where somebody has.

    A disk that takes no text does not keep anybody from acting: True then, and without the lock.
    """
    try:
        stack.enter_context(home.lock())
    except HomeLocked:
        return False
    except (BadInput, OSError):
        return True
    return True


@contextmanager
def sole_watch(home: Home) -> Iterator[None]:
    """Be the only watchdog of a home; raises HomeLocked where there is one already."""
    with ExitStack() as stack:
        try:
            stack.enter_context(_WatchLock(home.path).lock())
        except HomeLocked:
            raise HomeLocked(f"{home.path}: a watchdog watches it already") from None
        except (BadInput, OSError):
            pass  # a disk that takes no lock file keeps nobody from watching
        yield


class _WatchLock(Home, frozen=True):
    """A home's lock under another name, for the watchdog beside the engine."""

    @property
    def lock_file(self) -> Path:
        return self.path / "watchdog.lock"


async def engine_of(home: Home, stack: ExitStack, pulse: Pulse) -> Engine:
    """What there is of an engine; where there is none, the home's lock is ours until the stack ends."""
    if try_lock(home, stack):
        return "none"
    return "living" if await beats(pulse, _BEATS_WITHIN) else "silent"


async def beats(pulse: Pulse, within: Instant) -> bool:
    """Whether a beat is seen within so many nanoseconds of this machine; returns with the first."""
    seen = pulse.beats
    turns = max(1, within // (round(_LOOK_S * 1000) * MILLISECOND))
    for _ in range(turns):
        await asyncio.sleep(_LOOK_S)  # seconds of this machine: so is the life of a process
        pulse.look()
        if pulse.beats > seen:
            return True
    return False
