"""The watchdog: an own process and connection that sees to it that a silent engine leaves nothing open.

While the engine's heart beats it only looks: at the file, and now and then at the broker, so that it
knows in time when it could not. After `silence` without a beat it looks at the broker; where something of
ours is held or open it alarms, raises the fence, latches HALT and runs the emergency core. It never logs
in by itself (that would end the engine's session) and never touches anything of a living engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Literal

import msgspec

from ninefifteen.adapters.clocks.exchange import NotThere
from ninefifteen.adapters.clocks.wall import SystemWall
from ninefifteen.adapters.zerodha.errors import BrokerProblem
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import SECOND, Instant, iso_ms
from ninefifteen.engine.emergency_acts import Send
from ninefifteen.home import Home
from ninefifteen.ports.wall import WallClock

from .clocks import home_clock
from .emergency import Outcome, Witness, flatten, latch, new_core, ours_of, outcome_of, take_fence
from .emergency_broker import EmergencyBroker
from .heartbeat import Pulse, onlooker_clock, pulse_of, try_lock
from .proved import FlatNote, keep_flat

_LOOK_S = 0.25
_AGAIN: Instant = 30 * SECOND
"""Of this machine, between two attempts that did not come to proof."""
_GONE: Instant = 60 * SECOND
"""An exchange of our own that has been gone so long does not come back: a rehearsal is over."""

_LEFT: Instant = 5 * SECOND
"""A run that goes on has its heartbeat back by then."""

State = Literal["beats", "nothing_held", "flat", "not_flat", "unknown"]
"""What the watchdog last found: the engine lives; it is silent and nothing is held; the silence was dealt
with, or not; or the broker could not be asked."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """The last finding; `silence` is nanoseconds of this machine, `units` what was held of ours then."""

    state: State
    silence: Instant
    units: int = 0
    open_orders: int = 0
    problem: str = ""
    outcome: Outcome | None = None


class Watchdog:
    """Watches one home. `silence` and `every` are nanoseconds of this machine; `stopped` ends `run`."""

    def __init__(
        self,
        home: Home,
        loaded: LoadedConfig,
        say: Callable[[str], None],
        *,
        silence: Instant,
        every: Instant,
    ) -> None:
        self._home, self._loaded, self._say = home, loaded, say
        self._silence, self._every = silence, every
        self.pulse: Pulse = pulse_of(home)
        self.found = Watched(state="beats", silence=0)
        self._told = ""
        self._was_silent = False
        self._next_at: Instant = 0
        self._doubts: dict[str, Send] = {}
        self._gone_since: Instant | None = None

    async def run(self, stopped: Callable[[], bool]) -> Watched:
        """Watch until somebody asks for the end; the last finding."""
        while not stopped() and not self._nothing_left() and not self._ended_in_order():
            await self.turn()
            await asyncio.sleep(_LOOK_S)  # seconds of this machine: so is the life of a process
        return self.found

    def _nothing_left(self) -> bool:
        """Whether the home has been removed, or the exchange of a rehearsal has gone for good."""
        gone = self._gone_since is not None and self.pulse.now - self._gone_since >= _GONE
        return (gone and self._home.rehearsal) or not self._home.path.is_dir()

    def _ended_in_order(self) -> bool:
        """Whether the engine that was seen to live has put its heartbeat away and left the home."""
        if not self.pulse.beats or self.pulse.last is not None:
            return False
        if self.pulse.silence < _LEFT:
            return False
        with ExitStack() as stack:
            return try_lock(self._home, stack)

    async def once(self) -> Watched:
        """One finding: as soon as a beat is seen, or when the silence has lasted long enough."""
        beats = self.pulse.beats
        while self.pulse.beats == beats and self.pulse.silence < self._silence:
            await asyncio.sleep(_LOOK_S)
            self.pulse.look()
        await self.turn()
        return self.found

    async def turn(self) -> None:
        """One look at the file, and what follows from it."""
        self.pulse.look()
        silence = self.pulse.silence
        silent = silence >= self._silence
        if silent != self._was_silent:
            self._was_silent, self._next_at = silent, 0
        if self.pulse.now < self._next_at:
            return
        self._next_at = self.pulse.now + self._every
        try:
            async with self._onlooker() as (broker, tell):
                units, count = ours_of(await broker.reading(priced=False))
                acts = silent and bool(units or count)
                self._tell_of(tell, silent=silent, silence=silence, held=(units, count))
        except (BrokerProblem, NotThere) as found:
            if isinstance(found, NotThere) and self._gone_since is None:
                self._gone_since = self.pulse.now
            self._blind(str(found), silence)
        else:
            self._gone_since = None
            if acts:
                await self._act(silence, units, count)
            else:
                state: State = "nothing_held" if silent else "beats"
                self.found = Watched(state=state, silence=silence, units=units, open_orders=count)

    def _tell_of(self, tell: Witness, *, silent: bool, silence: Instant, held: tuple[int, int]) -> None:
        """What has changed since it was told last."""
        what = f"{held[0]} units of the bot's held and {held[1]} of its orders open"
        if not silent:
            beats = "the engine's heart beats: hands off" if self.pulse.beats else "waiting for a heartbeat"
            self._tell_change(tell, "watchdog", beats)
        elif any(held):
            tell("alarm", f"no heartbeat for {silence / SECOND:.0f} s with {what}: the watchdog acts")
        else:
            self._tell_change(tell, "alarm", f"the engine is silent; {what}: nothing to do")

    def _blind(self, problem: str, silence: Instant) -> None:
        """The broker cannot be asked: an alarm, with the machine's own clock."""
        told = Witness(self._home, SystemWall(), self._say)
        words = f"no heartbeat for {silence / SECOND:.0f} s, and " if self._was_silent else ""
        self._tell_change(told, "alarm", f"{words}the watchdog cannot ask the broker: {problem}")
        self.found = Watched(state="unknown", silence=silence, problem=problem)

    async def _act(self, silence: Instant, units: int, count: int) -> None:
        """Fence the engine off unless it is back, then flatten."""
        self._told = ""
        try:
            async with home_clock(self._loaded.settings) as clock:
                tell = Witness(self._home, clock.wall, self._say)
                with ExitStack() as stack:
                    free = try_lock(self._home, stack)
                    self.pulse.look()
                    if self.pulse.silence < self._silence:
                        tell("watchdog", "the engine is back: hands off")
                        return
                    outcome = await self._flatten(clock.wall, tell, silence, free=free)
                tell("alarm", f"the watchdog {_verdict(outcome)}")
                if outcome.proved:
                    keep_flat(self._home, FlatNote(at=iso_ms(clock.wall.now()), by="the watchdog"))
        except NotThere as gone:
            self._blind(str(gone), silence)
            return
        self._next_at = self.pulse.now + _AGAIN
        self.found = Watched(
            state="flat" if outcome.proved else "not_flat",
            silence=silence,
            units=units,
            open_orders=count,
            problem=outcome.problem,
            outcome=outcome,
        )

    async def _flatten(self, wall: WallClock, tell: Witness, silence: Instant, *, free: bool) -> Outcome:
        """Raise the fence, latch, and run the emergency core; `free`: nobody keeps the home's lock."""
        fence, wrong = take_fence(self._home)
        reason = f"no heartbeat for {silence / SECOND:.0f} s with a position open"
        unlatched = latch(self._home, wall.now(), "watchdog", reason)
        for problem in filter(None, (wrong, unlatched)):
            tell("alarm", problem)
        last = self.pulse.last
        core = new_core(self._home, wall, fence, expected=last is not None and last.holding)
        if wrong and not free:
            tell("alarm", "a silent process keeps this home and cannot be fenced off: end it (kill -9)")
            return outcome_of(core, "fenced", 0)
        core.sent.update(self._doubts)
        broker = EmergencyBroker(self._home, self._loaded, wall)
        try:
            return await flatten(core, broker, wall, fence, tell)
        finally:
            self._doubts = dict(core.sent)
            await broker.close()

    @asynccontextmanager
    async def _onlooker(self) -> AsyncIterator[tuple[EmergencyBroker, Witness]]:
        """A connection for one look that turns no clock."""
        wall = await onlooker_clock(self._loaded.settings)
        broker = EmergencyBroker(self._home, self._loaded, wall)
        try:
            yield broker, Witness(self._home, wall, self._say)
        finally:
            await broker.close()

    def _tell_change(self, tell: Witness, kind: str, text: str) -> None:
        """A standing state is told once, however often it is found."""
        if text != self._told:
            self._told = text
            tell(kind, text)


def _verdict(outcome: Outcome) -> str:
    if outcome.proved:
        return f"has made the bot flat, proved by two looks ({outcome.took / SECOND:.1f} s); HALT is latched"
    if outcome.ended == "fenced":
        return "stopped: another start has taken over, or one here cannot be fenced off"
    return f"could not prove flat ({outcome.problem or 'see the broker'}): act in the broker's app"
