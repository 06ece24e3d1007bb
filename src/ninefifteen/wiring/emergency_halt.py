"""`halt --direct` in one home: the latch, what there is of an engine, then the emergency core or the engine.

An engine that lives is never fought: it obeys the HALT file by itself, and here it is only watched until
flat is proved. One that is silent, or falls silent meanwhile, is fenced off first.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Self

import msgspec

from ninefifteen.adapters.clocks.exchange import NotThere
from ninefifteen.adapters.clocks.wall import SystemWall
from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.zerodha.errors import BrokerProblem, LoggedOut
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import SECOND, Instant, day_of, iso_ms
from ninefifteen.engine.emergency import Emergency
from ninefifteen.engine.emergency_acts import Send
from ninefifteen.errors import Unreachable
from ninefifteen.home import Home
from ninefifteen.ports.wall import WallClock

from .clocks import home_clock
from .emergency import (
    LONGEST,
    Ended,
    Outcome,
    Witness,
    flatten,
    latch,
    new_core,
    ours_of,
    outcome_of,
    take_fence,
)
from .emergency_broker import EmergencyBroker
from .heartbeat import Engine, engine_of, onlooker_clock, pulse_of, try_lock
from .proved import FlatNote, keep_flat

_LOST: Instant = 5 * SECOND
"""An engine that has lived when the halt was asked for, and is silent so long, is taken over."""


class Halted(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a halt. `fence` is the number taken, 0 for none; `latched`: the HALT file is there."""

    engine: Engine
    latched: bool
    fence: int
    requests: int
    outcome: Outcome


class DirectHalt:
    """A halt of one home. Use as a context manager: it keeps the home's lock where nobody else has it.

    `patience` is how long, in nanoseconds of this machine, a living engine is given to become flat.
    """

    def __init__(
        self,
        home: Home,
        loaded: LoadedConfig,
        say: Callable[[str], None],
        source: str,
        *,
        patience: Instant = LONGEST,
    ) -> None:
        self._patience = patience
        self._home, self._loaded, self._say, self._source = home, loaded, say, source
        self._pulse = pulse_of(home)
        self._stack = ExitStack()
        self._fence: Fence | None = None
        self._engine: Engine = "none"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    async def ours(self, reason: str) -> Halted:
        """Latch, then see the bot's own orders and positions gone; raises Unreachable, BadInput."""
        try:
            wall = await onlooker_clock(self._loaded.settings)
        except NotThere as nobody:
            wrong = latch(self._home, SystemWall().now(), self._source, reason)
            raise Unreachable(f"{nobody}: nothing could be asked; {wrong or 'HALT is latched'}") from None
        tell = Witness(self._home, wall, self._say)
        wrong = latch(self._home, wall.now(), self._source, reason)
        tell("alarm" if wrong else "halt", wrong or f"HALT is latched: {reason}")
        self._engine = await engine_of(self._home, self._stack, self._pulse)
        if self._engine == "living":
            told = await self._watch(wall, tell)
            if told is not None:
                return told
        told = await self._act(everything=False)
        if told.outcome.proved:
            keep_flat(self._home, FlatNote(at=iso_ms(wall.now()), by=f"`{self._source}`"))
        return told

    async def rest(self) -> Halted:
        """Close what others hold and cancel what others ordered in NFO, by the same rules."""
        return await self._act(everything=True)

    def _told(self, outcome: Outcome, broker: EmergencyBroker | None) -> Halted:
        return Halted(
            engine=self._engine,
            latched=self._home.halt_file.exists(),
            fence=self._fence.number if self._fence is not None else 0,
            requests=broker.requests if broker is not None else 0,
            outcome=outcome,
        )

    async def _act(self, *, everything: bool) -> Halted:
        """Nobody else acts here: raise the fence, then do it."""
        try:
            async with home_clock(self._loaded.settings) as clock:
                wall = clock.wall
                tell = Witness(self._home, wall, self._say)
                if everything:
                    tell("halt", "closing every other NFO position of the account, confirmed twice")
                elif not self._fenced_off(tell):
                    return self._told(outcome_of(new_core(self._home, wall, None), "fenced", 0), None)
                core = new_core(
                    self._home, wall, self._fence, everything=everything, expected=self._expected()
                )
                broker = EmergencyBroker(self._home, self._loaded, wall)
                try:
                    return self._told(await flatten(core, broker, wall, self._fence, tell), broker)
                finally:
                    await broker.close()
        except NotThere as nobody:
            raise Unreachable(f"{nobody}: HALT is latched, what is held is as it was") from None

    def _fenced_off(self, tell: Witness) -> bool:
        """Raise the fence; False where something may wake that could not be fenced off."""
        self._fence, wrong = take_fence(self._home)
        if self._engine == "none":
            tell("halt", "no engine works here: acting at the broker")
        elif not wrong:
            tell("halt", "the engine here is silent: it is fenced off")
        if wrong:
            tell("alarm", wrong)
        if wrong and self._engine != "none":
            last = self._pulse.last
            pid = f" ({last.pid})" if last is not None else ""
            tell(
                "alarm",
                f"a process{pid} keeps this home and cannot be fenced off: end it (kill -9), halt again",
            )
            return False
        return True

    def _expected(self) -> bool:
        """Whether an engine told today, by this machine's clock, that it holds something."""
        last = self._pulse.last
        return last is not None and last.holding and day_of(last.at) == day_of(SystemWall().now())

    async def _watch(self, wall: WallClock, tell: Witness) -> Halted | None:
        """The engine lives and obeys the HALT file: prove what it does; None where it dies meanwhile."""
        tell("halt", "an engine works here and obeys the HALT file: it is left to do so, and watched")
        broker = EmergencyBroker(self._home, self._loaded, wall)
        core, began = new_core(self._home, wall, None), wall.now()
        until = self._pulse.now + self._patience  # of this machine: it is a process that is waited for
        try:
            while self._pulse.now < until:
                problem = await _observe(core, broker, wall)
                if isinstance(problem, LoggedOut) and core.last is None:
                    return self._told(outcome_of(core, "logged_out", wall.now() - began), broker)
                if core.proved:
                    break
                await wall.sleep_until(core.next_at)
                if self._gone():
                    tell("alarm", "the engine has gone while it was halting: taking over")
                    return None
        finally:
            await broker.close()
        ended: Ended = "proved" if core.proved else "not_proved" if core.last is not None else "unreachable"
        if ended == "not_proved":
            tell(
                "alarm", "the engine lives and is not flat: act in the broker's app, or end it and halt again"
            )
        return self._told(outcome_of(core, ended, wall.now() - began), broker)

    def _gone(self) -> bool:
        """Whether the engine has let go of the home, or has been silent for long."""
        self._pulse.look()
        if try_lock(self._home, self._stack):
            self._engine = "none"
        elif self._pulse.silence >= _LOST:
            self._engine = "silent"
        return self._engine != "living"


async def held_now(home: Home, loaded: LoadedConfig) -> tuple[int, int]:
    """Units of the bot's that are held, and how many of its orders are open; it only looks.

    Raises BrokerProblem, NotThere or BadInput.
    """
    broker = EmergencyBroker(home, loaded, await onlooker_clock(loaded.settings))
    try:
        return ours_of(await broker.reading(priced=False))
    finally:
        await broker.close()


async def _observe(core: Emergency, broker: EmergencyBroker, wall: WallClock) -> BrokerProblem | None:
    """One look that only looks: nothing of what the core would do is done."""
    try:
        reading = await broker.reading(priced=False)
    except BrokerProblem as problem:
        core.failed(wall.now(), str(problem))
        return problem
    for act in core.look(reading):
        if isinstance(act, Send):
            core.answered(act, "not_sent")
    return None
