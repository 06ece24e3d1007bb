"""Going on with a day that was stopped: live it again from its journal, then take the next event.

The world of a simulated day is a function of what was asked of it, so reliving the journal rebuilds
exchange and engine together. Every event and every effect is compared with what was written: a
journal that this program would not have written is refused instead of guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ninefifteen.domain.effects import Effect, EndDay
from ninefifteen.domain.events import (
    ChangeAnswered,
    Event,
    Flattened,
    Halted,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    Paused,
    PositionsRead,
    Restarted,
    Resumed,
    Unlocked,
)
from ninefifteen.ports.source import Source

from .runner import Runner

_FROM_OUTSIDE = (Flattened, Halted, Paused, Restarted, Resumed, Unlocked)
"""Events no world produces: they are taken from the journal where they stand."""


_ANSWERS = (ChangeAnswered, OrderAccepted, OrderRefused, OrdersRead, OrderUpdate, PositionsRead)


class JournalDiffers(Exception):
    """The journal holds another event or other effects than this program gives at that place."""

    def __init__(self, step: int) -> None:
        super().__init__(f"step {step}")
        self.step = step


def relive(runner: Runner, steps: Iterable[tuple[Event, tuple[Effect, ...]]]) -> int:
    """Take the journaled steps again without journaling them; returns the next restart's number.

    Raises JournalDiffers at the first step that does not come out the same.
    """
    restarts = 0
    for number, (event, effects) in enumerate(steps, 1):
        if isinstance(event, _FROM_OUTSIDE):
            restarts += isinstance(event, Restarted)
            # It came from no source, so nothing else sets the clock to it.
            runner.inbox.now = max(runner.inbox.now, event.at)
        elif runner.inbox.next_at() is None or runner.inbox.pop() != event:
            raise JournalDiffers(number)
        if runner.relive(event) != effects:
            raise JournalDiffers(number)
    return restarts + 1


def relive_at_the_exchange(
    runner: Runner, exchange: Source, steps: Iterable[tuple[Event, tuple[Effect, ...]]]
) -> int:
    """The same for a day whose market came from outside and whose orders went to a simulated exchange.

    Market data, timers and commands are taken from the journal where they stand; the exchange sees the
    same market and the same requests again, so its answers must be the ones that were written (when each
    was taken is the journal's). Nothing is asked of the feed and no timer is set: the engine asks for both
    again when it is told that it is back. Returns the next restart's number; raises JournalDiffers.
    """
    restarts = 0
    for number, (event, effects) in enumerate(steps, 1):
        restarts += isinstance(event, Restarted)
        if isinstance(event, _ANSWERS):
            answer = exchange.pop() if exchange.next_at() is not None else None
            if answer is None or msgspec.structs.replace(answer, at=event.at) != event:
                raise JournalDiffers(number)
        runner.inbox.now = max(runner.inbox.now, event.at)
        if runner.step(event) != effects:
            raise JournalDiffers(number)
        runner.perform_requests(event, effects)
    return restarts + 1


def relive_alone(runner: Runner, steps: Iterable[tuple[Event, tuple[Effect, ...]]]) -> int:
    """The same for a day at a broker: every event is the journal's, the effects are compared.

    Nothing is asked of anybody: what became of the orders meanwhile, the engine looks up at the broker when
    it is told that it is back. Returns how often the engine was told so; raises JournalDiffers.
    """
    starts = 0
    for number, (event, effects) in enumerate(steps, 1):
        starts += isinstance(event, Restarted)
        runner.inbox.now = max(runner.inbox.now, event.at)
        if runner.step(event) != effects:
            raise JournalDiffers(number)
        runner.perform(event, [effect for effect in effects if isinstance(effect, EndDay)])
    return starts
