"""A desk at a broker that can lose answers: its two books are answered a tenth of a second after the asking.

The test sets the truth (`net`, `sold`, `sell_value` of `CALL`, `rows` of the order book) and can take either
book away or hold it back; the engine only hears of it by readings.
"""

from __future__ import annotations

from typing import Any

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.order import Holding, OrderReport

from .builders import CALL, LOT, Desk, clock

EVERY = 5 * SECOND
_ROUND_TRIP = 100 * MILLISECOND


class CarefulDesk(Desk):
    """Readings answer by themselves; everything else is told by the test as at any desk."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**changes)
        self.net = self.sold = self.sell_value = 0
        self.listed = True
        self.others: tuple[Holding, ...] = ()
        self.orders_readable = self.positions_readable = True
        self.strangers: list[OrderReport] = []
        self.told_rows: dict[str, OrderReport] = {}
        self.waiting: list[tuple[Instant, type[Effect]]] = []

    def step(self, event: ev.Event) -> tuple[Effect, ...]:
        """One event; what it asks of the books is answered later."""
        if isinstance(event, ev.OrderUpdate):
            self.told_rows[event.report.tag] = event.report
        effects = super().step(event)
        for effect in effects:
            if isinstance(effect, ef.ReadOrders | ef.ReadPositions):
                self.waiting.append((event.at + _ROUND_TRIP, type(effect)))
        return effects

    def go(self, until: str | Instant) -> CarefulDesk:
        """Let time pass; timers and answers come at their instants on the way."""
        end = clock(until) if isinstance(until, str) else until
        while self.waiting and self.waiting[0][0] <= end:
            due, kind = self.waiting.pop(0)
            super().go(due - 1)
            self.now = due
            self.answer(kind)
        timers = self.engine.state.timers
        if timers and min(timers.values()) <= end:
            super().go(max(self.now, min(timers.values())))
            return self.go(end)
        self.now = end
        return self

    def answer(self, kind: type[Effect]) -> None:
        """What one of the books shows at this moment."""
        if kind is ef.ReadOrders:
            rows = (*self.told_rows.values(), *self.strangers)
            self.read(*(rows if self.orders_readable else ()), ok=self.orders_readable)
        elif not self.positions_readable:
            self.positions(ok=False)
        elif self.listed:
            self.holds(self.net, sold=self.sold, sell_value=self.sell_value)
        else:
            self.positions(*self.others)

    # ---- stories

    def begun(self) -> CarefulDesk:
        """The day has begun and the books were read."""
        self.open(reconcile_every=EVERY)
        self.wait(0.2)
        return self

    def armed(self, *chains: Any) -> CarefulDesk:
        """The scan is done; the books agree."""
        self.begun().scan(*chains)
        return self

    def guarded(self, price: int = 5_000) -> CarefulDesk:
        """Bought at `price`, the stop rests, and readings have shown both."""
        self.entering()
        units = self.entry.quantity
        self.net += units
        self.report("complete", units, average=price)
        self.accept().report("trigger_pending")
        self.wait(11)
        return self

    def by_hand(self, units: int = LOT, price: int = 5_100) -> CarefulDesk:
        """Somebody sells in the broker's app."""
        self.net -= units
        self.sold += units
        self.sell_value += units * price
        return self


def held(units: int, name: str = CALL) -> Holding:
    """So many units of a contract at the broker."""
    return Holding(name=name, net=units)
