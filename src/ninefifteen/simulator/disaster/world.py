"""Everything around the engine on one simulated day: market, exchange, broker, people; in virtual time.

Time is whatever comes next. What is due at one instant goes in a fixed order: the market, then answers of
the exchange, then what was set for later. What the engine gets waits on the lines of its current start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

import msgspec

from ninefifteen.domain.events import DayClosed, Event, Quote, Reconnected, StockTicks
from ninefifteen.domain.instants import MILLISECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.order import OrderState
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.simulator.wire import Latency

from .checks import Checks
from .faults import Term
from .market import Market
from .paths import Path
from .planes import Line, Planes
from .template import Template
from .trouble import Troubles

NETWORK = Latency(request=90 * MILLISECOND, answer=60 * MILLISECOND)
"""The way to the broker and back. Without jitter: what comes late comes late by a fault."""

FIRST = 1
"""The number of the first start of a day."""

Happening = Callable[[Instant], None]


class Prices:
    """The market data of one start of the engine; a source for its inbox."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()

    def push(self, event: Event) -> None:
        """A price has come."""
        self._events.append(event)

    def next_at(self) -> Instant | None:
        """When the first one came."""
        return self._events[0].at if self._events else None

    def pop(self) -> Event:
        """Take the first one."""
        return self._events.popleft()


class World:
    """One day's world. `line` and `prices` lead to the living start of the engine; None while none lives."""

    def __init__(self, seed: int, path: Path, template: Template, troubles: Troubles, checks: Checks) -> None:
        self.facts: DayFacts = template.facts
        self.template, self.troubles, self.checks = template, troubles, checks
        self.exchange = new_exchange(template)
        self.market = Market(
            market_chance(seed),
            path,
            template,
            self._kept,
            troubles=troubles,
        )
        self.planes = Planes(self.exchange, troubles, self.later, checks)
        self.epoch = FIRST
        self.latched = False
        self.line: Line | None = None
        self.prices: Prices | None = None
        self.now: Instant = 0
        self._later: list[tuple[Instant, int, Happening]] = []
        self._count = 0
        self._frozen: dict[str, Quote] = {}
        self._cancels_stops = troubles.one("stop_cancelled")
        checks.exchange = self.exchange
        self.later(self.facts.close_at, lambda at: self.exchange.observe(DayClosed(at)))
        for term in troubles.of("line_lost"):
            self.later(term.until, self._line_is_back)

    # ---- time

    def later(self, at: Instant, happening: Happening) -> None:
        """Have this happen at `at`."""
        self._count += 1
        heappush(self._later, (at, self._count, happening))

    def next_at(self) -> Instant | None:
        """When the next thing happens out here; None when nothing will."""
        found = self.market.next_at()
        answer = self.exchange.next_at()
        if answer is not None and (found is None or answer < found):
            found = answer
        if self._later and (found is None or self._later[0][0] < found):
            found = self._later[0][0]
        return found

    def advance(self, at: Instant) -> None:
        """Let happen what is next; it is due at `at`, which `next_at` has told."""
        self.now = max(self.now, at)
        if self.market.next_at() == at:
            self._market_moves(self.market.pop())
        elif self.exchange.next_at() == at:
            self.planes.on_answer(self.exchange.pop())
        else:
            heappop(self._later)[2](self.now)
        self.checks.look(self.now)

    # ---- who is connected

    def connect(self, line: Line, prices: Prices) -> None:
        """From now on this start of the engine is the one that lives."""
        self.line, self.prices = line, prices
        self.planes.line = line

    def disconnect(self) -> None:
        """The engine is gone: nothing reaches it any more."""
        if self.line is not None:
            self.line.cut()
        self.line = self.prices = self.planes.line = None

    # ---- the market

    def _kept(self, name: str) -> bool:
        return self.exchange.register.works_or_holds(name)

    def _market_moves(self, event: Event) -> None:
        if isinstance(event, Quote):
            if self._cancels_stops is not None:
                self._cancel_touched(event)
            self.exchange.observe(event)
        if self.prices is None:
            return
        if isinstance(event, Quote | StockTicks):
            shown = self._as_shown(event)
            if shown is None or (isinstance(event, Quote) and event.name not in self.market.wanted):
                return
            self.prices.push(shown)
        else:
            self.exchange.observe(event)
            self.prices.push(event)

    def _as_shown(self, event: Quote | StockTicks) -> Quote | StockTicks | None:
        """What the feed makes of a price: nothing while it is silent, an old one while it is stale."""
        hit, at = self.troubles.hit, event.at
        if hit("feed_silent", at) or hit("line_lost", at):
            self.troubles.trouble(at)
            return None
        stale = hit("feed_stale", at)
        if stale is None:
            return event
        self.troubles.trouble(at)
        if isinstance(event, StockTicks):
            return msgspec.structs.replace(event, exchange_at=stale.since)
        old = self._frozen.setdefault(event.name, event)
        return msgspec.structs.replace(old, at=at, exchange_at=min(stale.since, at))

    def _line_is_back(self, at: Instant) -> None:
        self.troubles.trouble(at)
        if self.line is not None:
            self.line.deliver(at, Reconnected(at))

    def _cancel_touched(self, quote: Quote) -> None:
        term = self._cancels_stops
        if term is None or not quote.last:
            return
        for order in tuple(self.exchange.register.working.get(quote.name, ())):
            waits = order.status is OrderState.TRIGGER_PENDING and quote.last <= order.shape.trigger
            if waits and order.tag and term.hits(quote.at):
                self.troubles.note("stop_cancelled")
                self.troubles.trouble(quote.at)
                words = "Cancelled by the exchange on trigger: outside the limit price protection range"
                self.exchange.cancel_outside(quote.at, order.order_id, words)

    def windows_over(self) -> Instant:
        """When the last window of a fault has closed."""
        kinds = ("writes_down", "reads_down", "changes_refused", "line_lost", "feed_silent", "reads_stale")
        ends = [term.until for kind in kinds for term in self.troubles.of(kind)]
        return max(ends, default=0)

    def terms(self, kind: str) -> list[Term]:
        """The terms of a kind."""
        return self.troubles.of(kind)


def market_chance(seed: int) -> Random:
    """The generator of a day's prices."""
    return Random(f"{seed}:market")  # noqa: S311 - invented prices


def new_exchange(template: Template) -> Exchange:
    """The shipped exchange for this day, its contracts and their theoretical prices known."""
    facts = template.facts
    exchange = Exchange(
        open_at=facts.open_at,
        close_at=facts.close_at,
        fills=DepthFills(),
        free_cash=facts.free_cash,
        limits=facts.limits,
        latency=NETWORK,
    )
    exchange.list_instruments(template.contracts.values(), template.models)
    return exchange
