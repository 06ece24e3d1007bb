"""What people do on a simulated day: the trader with the broker's app, and whoever presses stop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ninefifteen.domain.events import Event, Flattened, Halted, Paused, Resumed
from ninefifteen.domain.instants import SECOND, Instant

from .checks import Checks
from .faults import Term
from .world import World

_EARLIEST = 80 * SECOND
Tell = Callable[[Event], None]


class People:
    """Schedules everything people do; `tell` gives a command to the living engine, if there is one."""

    def __init__(self, world: World, checks: Checks, tell: Tell) -> None:
        self._world, self._checks, self._tell = world, checks, tell
        for kind, act in (
            ("halt", self._halt),
            ("pause", self._pause),
            ("flatten", self._flatten),
            ("hand_sale", self._sell),
            ("hand_cancel", self._cancel),
            ("hand_buy", self._buy),
            ("foreign", self._foreign),
        ):
            for term in world.troubles.of(kind):
                world.later(
                    max(term.since, world.facts.open_at - _EARLIEST), partial(self._do, kind, act, term)
                )
        if world.troubles.of("latched"):
            world.latched = True
            world.troubles.note("latched")

    def _do(self, kind: str, act: Callable[[Instant, Term], None], term: Term, at: Instant) -> None:
        self._world.troubles.note(kind)
        act(at, term)

    def _halt(self, at: Instant, term: Term) -> None:
        del term
        self._world.latched = True  # whoever halts makes the file first
        self._world.market.heat(at)
        self._note_flight("halt in flight")
        self._tell(Halted(at, source="telegram", reason="stop", command="h1"))

    def _pause(self, at: Instant, term: Term) -> None:
        self._tell(Paused(at, source="cli", reason="lunch", command="p1"))
        if term.fault.lasts:
            resume = Resumed(at + term.fault.lasts, source="cli", reason="back", command="r1")
            self._world.later(at + term.fault.lasts, lambda _: self._tell(resume))

    def _flatten(self, at: Instant, term: Term) -> None:
        del term
        self._world.market.heat(at)
        self._note_flight("flatten in flight")
        self._tell(Flattened(at, source="cli", reason="enough", command="f1"))

    def _sell(self, at: Instant, term: Term) -> None:
        exchange, world = self._world.exchange, self._world
        for name, held in self._checks.ours().items():
            lot = world.template.contracts[name].lot_size
            units = min(held, exchange.net(name)) * term.fault.size // 100 // lot * lot
            if units > 0:
                if any(order.tag for order in exchange.register.working.get(name, ())):
                    world.troubles.note("sale by hand while an order of ours works")
                sold = exchange.by_hand(at, name, "SELL", units).filled
                by_hand = self._checks.sold_by_hand
                by_hand[name] = by_hand.get(name, 0) + sold
                self._checks.hands_at = at
                world.market.heat(at)

    def _cancel(self, at: Instant, term: Term) -> None:
        del term
        world = self._world
        for orders in tuple(world.exchange.register.working.values()):
            for order in tuple(orders):
                if order.tag and order.shape.side == "SELL":
                    world.troubles.note("our sell cancelled by hand")
                    world.exchange.cancel_outside(at, order.order_id, "cancelled by the user")
                    self._checks.hands_at = at

    def _buy(self, at: Instant, term: Term) -> None:
        del term
        world = self._world
        for name in self._checks.ours():
            world.exchange.by_hand(at, name, "BUY", world.template.contracts[name].lot_size)
            world.troubles.note("the trader holds units of our contract")

    def _foreign(self, at: Instant, term: Term) -> None:
        """A position of the trader's own, and an order of theirs that rests far above."""
        del term
        world = self._world
        for name in sorted(world.market.wanted | set(self._checks.ours())):
            lot = world.template.contracts[name].lot_size
            bought = world.exchange.by_hand(at, name, "BUY", lot)
            if bought.filled:
                price = world.market.quote_now(name, at).ask * 3
                world.exchange.by_hand(at + SECOND // 100, name, "SELL", lot, price)
                world.troubles.note("a foreign order rests beside ours")

    def _note_flight(self, fact: str) -> None:
        if self._world.now - self._world.planes.last_write < SECOND:
            self._world.troubles.note(fact)
