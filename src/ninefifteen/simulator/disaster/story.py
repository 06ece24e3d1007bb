"""A day's story for a person: what came in, what was decided, what was sent. Prices are rupees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant, clock_of
from ninefifteen.domain.money import rupees
from ninefifteen.domain.order import OrderReport

_QUIET = (ev.Quote, ev.StockTicks, ev.TimerFired)
"""Events that are told only where something was done about them."""
_READINGS = (ev.OrdersRead, ev.PositionsRead)
"""Told only where they say something new."""


class Story:
    """The lines of one day, in the order in which things happened."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._last_read: dict[type, str] = {}

    def say(self, at: Instant, text: str) -> None:
        """Something happened out in the world."""
        self.lines.append(f"{clock_of(at):%H:%M:%S.%f}"[:-3] + f"  {text}")

    def step(self, event: Event, effects: Sequence[Effect]) -> None:
        """One step of the engine; of looks that find nothing new there are too many to tell."""
        told = [line for effect in effects if (line := _effect(effect))]
        reads = [effect for effect in effects if isinstance(effect, ef.ReadOrders | ef.ReadPositions)]
        if isinstance(event, _QUIET) and not told:
            return
        if reads and not isinstance(event, ev.TimerFired):
            told.append(
                "reads the broker's book" if len(reads) == 1 else "reads the broker's book and holdings"
            )
        text = _event(event)
        if isinstance(event, _READINGS):
            if not told and self._last_read.get(type(event)) == text:
                return
            self._last_read[type(event)] = text
        self.say(event.at, text)
        self.lines += [f"{'':14}-> {line}" for line in told]


def _report(report: OrderReport) -> str:
    filled = f", {report.filled} filled at {rupees(report.average)}" if report.filled else ""
    trigger = f" from {rupees(report.trigger)}" if report.trigger else ""
    shape = f"{report.quantity} at {rupees(report.limit)}{trigger}"
    return f"{report.tag or 'not ours'} {report.status} {shape}{filled}"


_EVENTS: dict[type, Callable[[Any], str]] = {
    ev.OrderUpdate: lambda e: f"the broker pushes: {_report(e.report)}",
    ev.OrdersRead: lambda e: "; ".join(_report(r) for r in e.reports) or "the order book is empty",
    ev.PositionsRead: lambda e: ", ".join(f"{h.net} {h.name}" for h in e.holdings) or "nothing is held",
    ev.OrderAccepted: lambda e: f"{e.tag} accepted as {e.order_id}",
    ev.OrderRefused: lambda e: f"{e.tag} refused: {e.message}",
    ev.OutcomeUnknown: lambda e: f"{e.tag} outcome unknown: {e.detail}",
    ev.ChangeAnswered: lambda e: f"{e.change} of {e.tag} {'taken' if e.taken else 'refused: ' + e.message}",
    ev.TimerFired: lambda e: f"timer {e.timer}",
    ev.Quote: lambda e: f"{e.name} {rupees(e.bid)} / {rupees(e.ask)}, last {rupees(e.last)}",
    ev.DayOpened: lambda e: f"the day opens, broker reconciled every {e.facts.reconcile_every // 10**9} s",
    ev.PreOpen: lambda e: f"pre-open prices of {len(e.rows)} stocks",
    ev.Chains: lambda e: f"chains of {len(e.chains)} stocks",
    ev.Restarted: lambda e: f"the engine is back, number {e.epoch}",
}


def _event(event: Event) -> str:
    if isinstance(event, ev.OrdersRead | ev.PositionsRead) and not event.ok:
        return "a reading of the broker failed"
    tell = _EVENTS.get(type(event))
    source = getattr(event, "source", "")
    return tell(event) if tell is not None else type(event).__name__ + (f" by {source}" if source else "")


def _effect(effect: Effect) -> str:
    if isinstance(effect, ef.Note):
        return effect.text
    if isinstance(effect, ef.Alert):
        return f"ALARM {effect.severity}: {effect.text}"
    if isinstance(effect, ef.Submit):
        order = effect.order.request
        trigger = f" from {rupees(order.trigger)}" if order.trigger else ""
        shape = f"{order.quantity} {order.instrument.name}, {order.type} at {rupees(order.limit)}{trigger}"
        return f"SENDS {order.tag}: {order.side} {shape} ({order.role})"
    if isinstance(effect, ef.Modify):
        trigger = f" from {rupees(effect.trigger)}" if effect.trigger else ""
        shape = f"{effect.order_type} {effect.quantity} at {rupees(effect.limit)}{trigger}"
        return f"CHANGES {effect.tag} to {shape}"
    if isinstance(effect, ef.Cancel):
        return f"CANCELS {effect.tag}"
    return f"the day's record: {effect.record.status}" if isinstance(effect, ef.EndDay) else ""
