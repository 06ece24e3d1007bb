"""Broken machinery around the engine: journal, restart, fence, reconciliation. Swapped as `Parts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.fence import Fence
from ninefifteen.ports.journal import Journal
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.disaster.parts import Parts, Steps

Change = Callable[[Parts], Parts]


def send_before_journal(parts: Parts) -> Parts:
    """What is asked for is sent first and written down afterwards."""

    def take(runner: Runner, event: Event) -> tuple[Effect, ...]:
        effects = runner.step(event)
        runner.perform(event, effects)
        if runner.journal is not None:
            runner.journal.record(event, effects)
        runner.tell(event, effects)
        return effects

    return msgspec.structs.replace(parts, take=take)


def nothing_is_durable(parts: Parts) -> Parts:
    """The journal writes and never waits for the disk."""
    return msgspec.structs.replace(parts, durable=lambda event, effects: False)


def answers_not_journaled(parts: Parts) -> Parts:
    """What the broker answers is not written down, since it can be read again."""
    shipped = parts.take

    def take(runner: Runner, event: Event) -> tuple[Effect, ...]:
        if not isinstance(event, ev.OrderAccepted | ev.OrderUpdate | ev.ChangeAnswered):
            return shipped(runner, event)
        effects = runner.step(event)
        runner.perform(event, effects)
        runner.tell(event, effects)
        return effects

    return msgspec.structs.replace(parts, take=take)


def no_reconcile(parts: Parts) -> Parts:
    """Once an order is out, neither orders nor positions are read again: the pushes will tell."""
    return _without(parts, ef.ReadOrders, ef.ReadPositions)


def positions_never_read(parts: Parts) -> Parts:
    """Once an order is out, positions are not read again: our own orders are the truth."""
    return _without(parts, ef.ReadPositions)


def _without(parts: Parts, *kinds: type) -> Parts:
    shipped = parts.engine

    class Silent(Engine):
        """An engine that does not ask any more."""

        def step(self, event: Event) -> tuple[Effect, ...]:
            effects = super().step(event)
            if not self.state.orders.by_tag:
                return effects
            return tuple(effect for effect in effects if not isinstance(effect, kinds))

    def engine(settings: Settings) -> Engine:
        made = shipped(settings)
        made.__class__ = Silent
        return made

    return msgspec.structs.replace(parts, engine=engine)


def no_fence(parts: Parts) -> Parts:
    """Who was overtaken does not look, and goes on sending and writing."""

    def fence(broker: Broker, _: Fence) -> Broker:
        return broker

    def fence_journal(journal: Journal, _: Fence) -> Journal:
        return journal

    return msgspec.structs.replace(parts, fence=fence, fence_journal=fence_journal)


def _relive(runner: Runner, steps: Steps, kept: Callable[[Event], bool]) -> None:
    for event, _ in steps:
        if kept(event):
            runner.inbox.now = max(runner.inbox.now, event.at)
            runner.step(event)


def lost_halt(parts: Parts) -> Parts:
    """A restart begins afresh: a halt of before is not remembered and its file not looked for."""
    start = parts.start

    def recover(runner: Runner, steps: Steps) -> None:
        _relive(runner, steps, lambda event: not isinstance(event, ev.Halted))

    def begin(at: Instant, epoch: int, _: bool, opening: ev.DayOpened | None) -> tuple[Event, ...]:
        return start(at, epoch, False, opening)

    return msgspec.structs.replace(parts, recover=recover, start=begin)


def starts_afresh(parts: Parts) -> Parts:
    """A restart remembers the day and not what it did in it: orders of before are nobody's."""
    ours = (ev.OrderAccepted, ev.OrderUpdate, ev.OrdersRead, ev.ChangeAnswered, ev.OutcomeUnknown)

    def recover(runner: Runner, steps: Steps) -> None:
        early = next((n for n, (_, effects) in enumerate(steps) if _sends(effects)), len(steps))
        _relive(runner, steps[:early], lambda event: not isinstance(event, ours))

    return msgspec.structs.replace(parts, recover=recover)


def _sends(effects: Sequence[Effect]) -> bool:
    return any(isinstance(effect, ef.Submit) for effect in effects)


def last_step_forgotten(parts: Parts) -> Parts:
    """The last whole record is dropped with the torn one behind it."""
    shipped = parts.recover

    def recover(runner: Runner, steps: Steps) -> None:
        shipped(runner, steps[:-1])

    return msgspec.structs.replace(parts, recover=recover)


def sending_forgotten(parts: Parts) -> Parts:
    """A restart does not tell the engine that it was away: what was in flight counts as being so still."""
    start = parts.start

    def begin(at: Instant, epoch: int, latched: bool, opening: ev.DayOpened | None) -> tuple[Event, ...]:
        return start(at, epoch, latched, opening) if opening is not None else ()

    return msgspec.structs.replace(parts, start=begin)
