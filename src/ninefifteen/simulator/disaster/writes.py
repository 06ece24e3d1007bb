"""What holds for every single write of the engine: checked as it leaves, before any fault hits it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ninefifteen.domain.effects import Cancel, Effect, Modify, Submit
from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.instants import at as instant_at
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import OrderRequest
from ninefifteen.domain.order_limits import price_range

from .journal import MemoryJournal
from .planes import Line, Write
from .template import Template

if TYPE_CHECKING:
    from .checks import Checks

FRESH = 3 * SECOND
OUR_MODIFICATIONS = 23
WRITES_A_SECOND = 5
WRITES_A_DAY = 120


class WriteChecks:
    """I1, I3 to I5, I8, I10, I11, I13, I16, I17. `stopped`: why no entry may leave, and since when."""

    def __init__(self, checks: Checks, template: Template) -> None:
        self.quotes: dict[str, Quote] = {}
        self.stocks_at: Instant = 0
        self.stopped: dict[str, Instant] = {}
        self.epoch = 0
        self._checks, self._template = checks, template
        self._tags: set[str] = set()
        self._entries: list[str] = []
        self._modified: dict[str, int] = {}
        self._recent: deque[Instant] = deque(maxlen=WRITES_A_SECOND)
        self._count = 0
        entry = template.settings.entry
        date = template.facts.date
        self._from = instant_at(date, template.settings.strategy.entry_time)
        self._until = instant_at(date, entry.cutoff)
        self._bell = entry.when == "bell"

    def check(self, at: Instant, line: Line, write: Write, journal: MemoryJournal | None) -> None:
        """One write; whatever it breaks is told to the checks."""
        broken = self._checks.broken
        if line.epoch < self.epoch:
            broken(at, "I13", f"start {line.epoch} sends {write.tag} while start {self.epoch} is at work")
        if journal is not None and not any(_is(write, effect) for effect in journal.writes):
            broken(at, "I4", f"{type(write).__name__} {write.tag} leaves before its record is durable")
        self._often(at)
        if isinstance(write, OrderRequest):
            self._placing(at, write)
        else:
            self._change(at, write)

    def _often(self, at: Instant) -> None:
        recent = self._recent
        self._count += 1
        if len(recent) == WRITES_A_SECOND and at - recent[0] < SECOND:
            self._checks.broken(at, "I17", f"more than {WRITES_A_SECOND} writes in one second")
        if self._count == WRITES_A_DAY:
            self._checks.broken(at, "I17", f"{WRITES_A_DAY} writes today")
        recent.append(at)

    def _placing(self, at: Instant, order: OrderRequest) -> None:
        broken = self._checks.broken
        if order.tag in self._tags:
            broken(at, "I1", f"tag {order.tag} is sent a second time")
        self._tags.add(order.tag)
        self._shape(at, order.instrument.name, order.quantity, order.limit, order.trigger)
        if order.side == "BUY":
            self._entry(at, order)

    def _entry(self, at: Instant, order: OrderRequest) -> None:
        broken, settings = self._checks.broken, self._template.settings
        self._entries.append(order.tag)
        if len(self._entries) > 1 and not self._checks.may_have_forgotten(at, self._entries[0]):
            broken(at, "I1", f"a second entry today: {self._entries}")
        for why, since in self.stopped.items():
            broken(at, "I5", f"buy {order.tag} leaves after {why} was durable at {since}")
        if not self._from <= at <= self._until:
            broken(at, "I8", f"buy {order.tag} leaves outside the entry window")
        most = int(settings.risk.max_position_value * 100)
        if self._committed() + order.quantity * order.limit > most:
            broken(at, "I3", f"buy {order.tag}: {self._committed()} committed already, {most} allowed")
        quote = self.quotes.get(order.instrument.name)
        by_bell = self._bell and at - self._from <= SECOND
        if not by_bell and (quote is None or at - quote.exchange_at > FRESH or at - self.stocks_at > FRESH):
            broken(at, "I11", f"buy {order.tag} on prices that are older than 3 s")

    def _committed(self) -> Paise:
        """What is held, and what open buys of ours may still cost, in paise."""
        exchange = self._checks.exchange
        held = exchange.register.orders.values()
        mine = [order for order in held if order.tag]
        bought = sum(o.value if o.shape.side == "BUY" else -o.value for o in mine)
        open_buys = sum(o.remaining * o.shape.limit for o in mine if o.shape.side == "BUY" and not o.final)
        return max(bought, 0) + open_buys

    def _shape(self, at: Instant, name: str, quantity: int, limit: Paise, trigger: Paise) -> None:
        """I10: whole lots, prices on the grid and inside the bands as they can be known when it leaves."""
        broken, contract = self._checks.broken, self._template.contracts[name]
        if type(quantity) is not int or quantity <= 0 or quantity % contract.lot_size:
            broken(at, "I10", f"{quantity} of {name}, whose lot is {contract.lot_size}")
        if limit <= 0 or limit % contract.tick or trigger < 0 or trigger % contract.tick:
            broken(at, "I10", f"limit {limit}, trigger {trigger} of {name}, whose tick is {contract.tick}")
        if contract.band_high and not contract.band_low <= limit <= contract.band_high:
            broken(at, "I10", f"limit {limit} of {name} outside its band")
        if trigger and limit < price_range(trigger, self._template.facts.limits)[0]:
            broken(at, "I10", f"stop {limit} from {trigger} of {name} would be cancelled when it triggers")

    def _change(self, at: Instant, change: Modify | Cancel) -> None:
        broken = self._checks.broken
        order = self._checks.exchange.register.orders.get(change.order_id)
        if order is None or not order.tag:
            broken(at, "I16", f"{type(change).__name__} of {change.order_id or 'nothing'}: no order of ours")
            return
        if isinstance(change, Cancel):
            return
        count = self._modified[change.order_id] = self._modified.get(change.order_id, 0) + 1
        if count > OUR_MODIFICATIONS and not self._checks.disk_lied:
            broken(at, "I17", f"modification {count} of order {change.order_id}")
        self._shape(at, order.name, change.quantity, change.limit, change.trigger)
        if order.shape.side == "BUY":
            if "Halted" in self.stopped or "Flattened" in self.stopped:
                broken(at, "I5", f"entry {change.tag} is raised after a stop was durable")
            return
        quote = self.quotes.get(order.name)
        if change.order_type == "LIMIT" and quote is not None and at - quote.exchange_at <= FRESH:
            low = price_range(quote.bid or quote.last, self._template.facts.limits)[0]
            if change.limit < low * 95 // 100:
                broken(at, "I10", f"exit at {change.limit} of {order.name}, protected below {low}")


def _is(write: Write, effect: Effect) -> bool:
    if isinstance(effect, Submit):
        return isinstance(write, OrderRequest) and effect.order.request == write
    return effect == write
