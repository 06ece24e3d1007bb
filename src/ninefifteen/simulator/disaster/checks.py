"""The invariants of a day, checked at the exchange while it goes on: its truth, not the engine's belief.

What each is: `reference/reliability.md` section 2 and `docs/safety.md`. The first violation is enough: the
day stops there. Where an invariant gives the engine time "while the broker answers", the time is counted
from the last thing that was in fact disturbed.
"""

from __future__ import annotations

from ninefifteen.domain.effects import Alert, Effect
from ninefifteen.domain.events import Event, Flattened, Halted, Paused, Quote, Resumed, StockTicks, Unlocked
from ninefifteen.domain.instants import MINUTE, SECOND, Instant, clock_of
from ninefifteen.domain.order import OrderState
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.orders import HeldOrder

from .journal import MemoryJournal
from .outcome import Violation
from .planes import Line, Write
from .template import Template
from .trouble import Troubles
from .writes import WriteChecks

_NEVER: Instant = -1
_REACTS = 6 * SECOND
"""Five seconds of I7, and one for the way there and back."""
_EXIT_STARTS = 15 * SECOND
_ALARM_LASTS = 2 * MINUTE
_READS_SETTLE = 15 * SECOND
"""An older reading is no more than ten seconds old, and one more is asked for in five."""
_FLAT_BY = 5 * MINUTE
_ALARM_FROM = 4 * MINUTE - SECOND


class Checks:
    """One day's checkers. `alive_since` is None while no engine lives."""

    exchange: Exchange

    def __init__(self, seed: int, template: Template, troubles: Troubles) -> None:
        self.violations: list[Violation] = []
        self.alarms = 0
        self.excused = 0
        self.hands_at: Instant = 0
        self.sold_by_hand: dict[str, int] = {}
        self.disk_lied = False
        self.alive_since: Instant | None = None
        self.journal: MemoryJournal | None = None
        self._seed, self._facts, self._troubles = seed, template.facts, troubles
        self._writes = WriteChecks(self, template)
        self._grace = template.facts.reconcile_every + 10 * SECOND
        self._published = -1
        self._naked_since: Instant | None = None
        self._leave_since: Instant | None = None
        self._last_alarm: Instant = _NEVER
        self._names = tuple(template.contracts)
        self._alarms: dict[str, Instant] = {}
        self._naked_name = ""
        self._short_told: dict[str, int] = {}
        self._flat_checked = False

    # ---- what is seen

    @property
    def seed(self) -> int:
        """Whose day this is."""
        return self._seed

    def broken(self, at: Instant, invariant: str, detail: str) -> None:
        """An invariant does not hold."""
        text = f"{clock_of(at):%H:%M:%S.%f}"[:-3] + f" {detail}"
        self.violations.append(Violation(self._seed, invariant, text, at))

    def on_write(self, at: Instant, line: Line, write: Write) -> None:
        """A write leaves the engine for the broker."""
        self._writes.check(at, line, write, self.journal)

    def on_outside(self, at: Instant) -> None:
        """What is held or offered changes from outside: the engine has its grace to find out."""
        self.hands_at = at

    def on_price(self, event: Event) -> None:
        """The engine is shown this price."""
        if isinstance(event, Quote):
            self._writes.quotes[event.name] = event
        elif isinstance(event, StockTicks):
            self._writes.stocks_at = event.exchange_at

    def on_effects(self, event: Event, effects: tuple[Effect, ...]) -> None:
        """The engine has asked for these; that it was halted is no alarm about what it holds."""
        for effect in effects:
            if isinstance(effect, Alert):
                self.alarms += 1
                # Who has forgotten that anything is held cannot know how bad it is to see nothing.
                grave = effect.severity == "P1" or self.disk_lied
                if grave and not isinstance(event, Halted | Flattened):
                    self._last_alarm = event.at
                    self._alarm_about(event.at, effect.text)

    def _alarm_about(self, at: Instant, text: str) -> None:
        """Somebody is told about a contract: by its name, by an order of it, or that nothing can be seen."""
        for name in self._names:
            if name in text or "cannot be read" in text:
                self._alarms[name] = at
        for order in self.exchange.register.orders.values():
            if order.tag and (order.tag in text or order.order_id in text):
                self._alarms[order.name] = at

    def on_durable(self, event: Event) -> None:
        """This event is on the disk: from now on it binds (I5)."""
        if isinstance(event, Halted | Flattened):
            self._writes.stopped[type(event).__name__] = event.at
            if self._leave_since is None:
                self._leave_since = event.at
        elif isinstance(event, Paused):
            self._writes.stopped["Paused"] = event.at
        elif isinstance(event, Resumed):
            self._writes.stopped.pop("Paused", None)
        elif isinstance(event, Unlocked):
            self._writes.stopped.pop("Halted", None)

    def epoch_is(self, epoch: int) -> None:
        """A new start of the engine has taken this number."""
        self._writes.epoch = epoch

    def may_have_forgotten(self, at: Instant, tag: str) -> bool:
        """Whether a disk that lied took the record of this order, and the broker does not show it either."""
        if not self.disk_lied:
            return False
        shown = any(order.tag == tag for order in self.exchange.register.orders.values())
        self._troubles.note("a second entry after a lying disk")
        return not shown or at - self._troubles.last < _READS_SETTLE

    # ---- what is held against the truth

    def look(self, at: Instant) -> None:
        """Hold what is true now against the invariants."""
        published = self.exchange.register.published
        if published != self._published:
            self._published = published
            self._positions(at)
        if self._naked_since is not None:
            self._naked(at)
        if self._leave_since is not None:
            self._leaving(at)
        if not self._flat_checked and at >= self._facts.exit_at:
            self._square_off(at)

    def quiet_for(self, at: Instant, since: Instant) -> Instant:
        """How long the engine has had, undisturbed and alive, since `since` (ns; 0 while it is dead)."""
        if self.alive_since is None:
            return 0
        return max(0, at - max(since, self._troubles.last, self.alive_since, self.hands_at))

    def alarmed_since(self, at: Instant) -> bool:
        """Whether somebody was told since then."""
        return self._last_alarm >= at

    def _told(self, name: str, at: Instant, since: Instant) -> bool:
        """Whether an alarm about this contract has been raised since then, or not long ago."""
        return self._alarms.get(name, _NEVER) >= min(since, at - _ALARM_LASTS)

    def ours(self) -> dict[str, int]:
        """Units our own orders bought, less those they or the trader's hand sold of them, by contract."""
        held = {name: -units for name, units in self.sold_by_hand.items()}
        for order in self.exchange.register.orders.values():
            if order.tag and order.filled:
                signed = order.filled if order.shape.side == "BUY" else -order.filled
                held[order.name] = held.get(order.name, 0) + signed
        return held

    def _positions(self, at: Instant) -> None:
        register = self.exchange.register
        naked = False
        held = self.ours()
        for name in {*held, *register.working}:  # the order does not matter: each is judged by itself
            net = register.net(name)
            sells = self._own_sells(name)
            selling = sum(order.remaining for order in sells)
            if (net < 0 or selling > max(net, 0)) and (held.get(name, 0) < 0 or sells or net < 0):
                self._short(at, name, net, selling)
            mine = min(net, held.get(name, 0))
            if mine > 0 and selling < mine:
                naked, self._naked_name = True, name
        if not naked:
            self._naked_since = None
        elif self._naked_since is None:
            self._naked_since = at

    def _own_sells(self, name: str) -> list[HeldOrder]:
        working = self.exchange.register.working.get(name, ())
        return [order for order in working if order.tag and order.shape.side == "SELL"]

    def _short(self, at: Instant, name: str, net: int, selling: int) -> None:
        """I2: never short, and never more offered than is held.

        A sale by hand is seen by reading. A disk that lost what it had called durable may have lost an
        order of ours that shows later: after that only I1 has to hold (design: reliability, "lying SD
        card"). Either is counted, and has to be over in the grace.
        """
        lied = self.disk_lied and self.quiet_for(at, 0) < self._grace
        if lied or (self.hands_at and self.quiet_for(at, self.hands_at) < self._grace):
            if net < self._short_told.get(name, 0):
                self._short_told[name] = net
                self.excused += 1
                self._troubles.note(f"short after {'a disk that lied' if lied else 'a sale by hand'}")
            elif lied:
                self._troubles.note("too much offered after a disk that lied")
            self._published = -1
        elif net < self._short_told.get(name, 0) or selling > max(net, 0):
            self.broken(at, "I2", f"{name}: {net} held, {selling} offered for sale")

    def _naked(self, at: Instant) -> None:
        """I7: what is held is covered within 5 s while the broker answers, or somebody is told."""
        since = self._naked_since
        if since is None or self.quiet_for(at, since) <= _REACTS + (self._grace if self.hands_at else 0):
            return
        if not self._told(self._naked_name, at, since):
            self.broken(
                at, "I7", f"{self._naked_name} not covered since {clock_of(since):%H:%M:%S}, and no alarm"
            )
        self._naked_since = None if self._naked_since == since else self._naked_since

    def _leaving(self, at: Instant) -> None:
        """I18: after a halt, a flatten or the square-off time an exit works, whatever else is closed."""
        since = self._leave_since
        if since is None or self.quiet_for(at, since) <= _EXIT_STARTS:
            return
        self._leave_since = None
        if self.disk_lied and self.alive_since is not None:
            since = min(
                since, self.alive_since
            )  # what was forgotten is not the engine's to leave: it says so
        for name, held in self.ours().items():
            if min(held, self.exchange.net(name)) <= 0:
                continue
            works = any(order.status is OrderState.OPEN for order in self._own_sells(name))
            if not works and not self._told(name, at, since):
                self.broken(
                    at, "I18", f"{name} is to be left since {clock_of(since):%H:%M:%S}, no exit works"
                )

    def _square_off(self, at: Instant) -> None:
        """I6: flat five minutes after the square-off time, or an alarm from the fourth on."""
        exit_at = self._facts.exit_at
        if self._leave_since is None and at < exit_at + SECOND:
            self._leave_since = exit_at
        if at < exit_at + _FLAT_BY:
            return
        self._flat_checked = True
        if self.quiet_for(at, 0) == 0 or self.alarmed_since(exit_at + _ALARM_FROM):
            return
        if self.alive_since is not None and self.alive_since > exit_at + _ALARM_FROM:
            return  # it was dead when it had to speak; it has just come back
        open_orders = [
            o.order_id for orders in self.exchange.register.working.values() for o in orders if o.tag
        ]
        held = {name: n for name, n in self.ours().items() if min(n, self.exchange.net(name)) > 0}
        if held or open_orders:
            self.broken(at, "I6", f"not flat and not a word: held {held}, open {open_orders}")
