"""An emergency performed: the HALT latch, the fence, then look, act and look again until flat is proved.

Used by `halt --direct`, the watchdog and `drill`. Nothing here needs a database, a feed or a disk: the
latch, the fence and the audit line are attempted, and what cannot be written is told and passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, Protocol

import msgspec

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.rules import load_rules
from ninefifteen.adapters.zerodha.errors import BrokerProblem, LoggedOut
from ninefifteen.domain.instants import SECOND, Instant, day_of, iso_ms
from ninefifteen.domain.order_limits import OrderLimits
from ninefifteen.engine.emergency import Emergency
from ninefifteen.engine.emergency_acts import Act, Answer, Held, Line, Reading, Stake, in_words
from ninefifteen.errors import BadInput
from ninefifteen.home import Home, Latch
from ninefifteen.ports.wall import WallClock

from .epochs import take_number

LONGEST: Instant = 120 * SECOND
"""One attempt; whoever asked is told then, and may ask again."""

Ended = Literal["proved", "not_proved", "fenced", "logged_out", "unreachable"]
"""How an attempt ended; `unreachable` and `logged_out` say that not one whole look was possible."""


class Broker(Protocol):
    """What an emergency needs of a broker (`.emergency_broker.EmergencyBroker`)."""

    requests: int

    async def reading(self) -> Reading:
        """One whole look; raises BrokerProblem."""

    async def perform(self, act: Act) -> tuple[Answer, str]:
        """Ask for it once; what became of it, and the broker's words."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt came to, as the last whole look showed it. `took` is nanoseconds of the exchange."""

    ended: Ended
    took: Instant
    held: tuple[Held, ...]
    others: tuple[Stake, ...]
    other_orders: tuple[Line, ...]
    living: tuple[Line, ...]
    in_doubt: tuple[str, ...]
    problem: str

    @property
    def proved(self) -> bool:
        """Whether two looks have shown that nothing of ours is held, open or in doubt."""
        return self.ended == "proved"


class Witness:
    """Tells people, and writes `logs/audit.log` (alarms `errors.log` too) where that is possible.

    `say` takes one line for people. A file that cannot be written is told once and never stops anything.
    """

    def __init__(self, home: Home, clock: WallClock, say: Callable[[str], None]) -> None:
        self._folder = home.logs_dir
        self._clock = clock
        self._say_it = say
        self._synthetic = home.rehearsal
        self._told_file = False

    def __call__(self, kind: str, text: str, **data: Any) -> None:
        """One line of this kind; `data` goes into the file only."""
        self._say(f"{kind}: {text}")
        line = {"at": iso_ms(self._clock.now()), "kind": kind, "text": text, **data}
        if self._synthetic:
            line["synthetic"] = True
        encoded = msgspec.json.encode(line) + b"\n"
        for name in ("audit.log", "errors.log") if kind == "alarm" else ("audit.log",):
            self._append(name, encoded)

    def _say(self, text: str) -> None:
        with suppress(OSError):  # a full disk under a log, a terminal that has gone
            self._say_it(text)

    def _append(self, name: str, encoded: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(descriptor, encoded)
            finally:
                os.close(descriptor)
        except OSError as error:
            if not self._told_file:
                self._told_file = True
                self._say(f"alarm: {self._folder / name} cannot be written ({error.strerror}): going on")


def latch(home: Home, at: Instant, source: str, reason: str) -> str:
    """Make the home's HALT file, which stops every start until `unlock`; what was wrong, "" for nothing.

    One that names its cause already is left as it is: it holds who halted first.
    """
    try:
        home.latch(Latch(at=iso_ms(at), source=source, reason=reason))
    except OSError as error:
        return f"{home.halt_file} cannot be made ({error.strerror or error})"
    return ""


def take_fence(home: Home) -> tuple[Fence | None, str]:
    """Raise the home's epoch above every engine's; None and what was wrong where that cannot be written."""
    fence = Fence(home.path / "epoch")
    try:
        take_number(home, fence)
    except OSError as error:
        return None, f"{fence.path} cannot be written ({error.strerror or error})"
    except BadInput as problem:
        return None, str(problem)
    return fence, ""


def order_limits(home: Home, at: Instant) -> OrderLimits:
    """The figures of the day, by the home's rules; by the program's own where those cannot be read."""
    try:
        return load_rules(home.rules_dir).order_limits.on(day_of(at))
    except (BadInput, OSError, ValueError):
        return load_rules().order_limits.on(day_of(at))


def new_core(
    home: Home, clock: WallClock, fence: Fence | None, *, everything: bool = False, expected: bool = False
) -> Emergency:
    """A fresh emergency core of today; without a fence its tags carry the epoch 0, which no engine has."""
    now = clock.now()
    return Emergency(
        order_limits(home, now),
        day_number=day_of(now).toordinal(),
        epoch=fence.number if fence is not None else 0,
        longest=LONGEST,
        everything=everything,
        expected=expected,
    )


async def flatten(
    core: Emergency, broker: Broker, clock: WallClock, fence: Fence | None, tell: Callable[..., None]
) -> Outcome:
    """Look, act and look again until the core says that it is over, or another has raised the fence."""
    return await _Attempt(core, broker, clock, fence, tell).run()


class _Attempt:
    """One attempt. `fence` None: it could not be raised, so that nothing can be held against it."""

    def __init__(
        self,
        core: Emergency,
        broker: Broker,
        clock: WallClock,
        fence: Fence | None,
        tell: Callable[..., None],
    ) -> None:
        self._core, self._broker, self._clock, self._fence, self._tell = core, broker, clock, fence, tell
        self._told: dict[str, object] = {}

    async def run(self) -> Outcome:
        """The whole attempt."""
        core, began = self._core, self._clock.now()
        ended: Ended | None = None
        while ended is None and not core.over(self._clock.now()):
            ended = await self._round()
            if ended is None and not core.proved:
                await self._clock.sleep_until(core.next_at)
        if ended is None:
            ended = "proved" if core.proved else "not_proved" if core.last is not None else "unreachable"
        return outcome_of(core, ended, self._clock.now() - began)

    async def _round(self) -> Ended | None:
        """One look and what it asks for; how it ended, None while it goes on."""
        core = self._core
        try:
            reading = await self._broker.reading()
        except BrokerProblem as problem:
            core.failed(self._clock.now(), str(problem))
            self._once("broker", str(problem), kind="alarm")
            return "logged_out" if isinstance(problem, LoggedOut) and core.last is None else None
        acts = core.look(reading)
        self._tell_state()
        for act in acts:
            if self._fence is not None and not self._fence.holds():
                self._tell("alarm", "another start has raised the fence meanwhile: this one stops here")
                return "fenced"
            answer, words = await self._broker.perform(act)
            core.answered(act, answer)
            self._tell("emergency", f"{in_words(act)}: {answer.replace('_', ' ')}{': ' * bool(words)}{words}")
        return None

    def _tell_state(self) -> None:
        """What has changed since it was told last."""
        core = self._core
        self._once("broker", core.doubt, kind="alarm" if core.doubt else "emergency")
        if core.doubt:
            return
        for held in core.held:
            owner = "the bot's" if not core.everything else "the account's"
            units = held.ours if not core.everything else held.net
            if units or held.name in self._told:
                self._once(held.name, f"{held.name} {held.product}: {owner} {units} units held")
        for held in core.short:
            self._once(
                f"short {held.name}", f"{held.name} is short by {-held.net}: not touched", kind="alarm"
            )

    def _once(self, key: str, text: str, *, kind: str = "emergency") -> None:
        """Tell it unless it was the last thing told under this key; an empty text only after another."""
        if self._told.get(key, "") != text:
            self._told[key] = text
            self._tell(kind, text or "the broker answers as it should again")


def ours_of(reading: Reading) -> tuple[int, int]:
    """Units of ours that are held, over all contracts, and how many orders of ours are open."""
    own = [line for line in reading.lines if line.tag]
    nets = {stake.key: stake.net for stake in reading.stakes}
    units = 0
    for key in {line.key for line in own}:
        filled = [line for line in own if line.key == key]
        ours = sum(line.filled if line.side == "BUY" else -line.filled for line in filled)
        units += max(0, min(nets.get(key, ours), ours))
    return units, sum(line.living for line in own)


def outcome_of(core: Emergency, ended: Ended, took: Instant) -> Outcome:
    """The outcome as the core's last whole look shows it."""
    lines = core.last.lines if core.last is not None else ()
    return Outcome(
        ended=ended,
        took=took,
        held=core.held,
        others=core.foreign,
        other_orders=core.foreign_orders,
        living=tuple(line for line in lines if line.living and line.tag),
        in_doubt=tuple(core.sent),
        problem=core.doubt,
    )
