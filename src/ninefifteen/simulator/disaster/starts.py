"""One start of the engine on a simulated day: its runner, its inbox, its lines to the world."""

from __future__ import annotations

from datetime import date

from ninefifteen.domain.events import DayClosed
from ninefifteen.domain.instants import Instant
from ninefifteen.ports.broker import Broker
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.runner import Runner

from .journal import MemoryJournal
from .market import Market
from .parts import Parts
from .planes import Line
from .world import Prices, World


class EpochFence:
    """`ports.fence.Fence`: holds until another start has taken a higher number."""

    def __init__(self, world: World, epoch: int) -> None:
        self._world, self._epoch = world, epoch

    def holds(self) -> bool:
        """Whether this start's number is still the highest."""
        return self._world.epoch == self._epoch


class Asked:
    """The feed of one start; questions of a start that is gone reach nobody."""

    def __init__(self, market: Market, line: Line) -> None:
        self._market, self._line = market, line

    def ask_pre_open(self, at: Instant) -> None:
        """As the market's."""
        self._market.ask_pre_open(at)

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        """As the market's."""
        self._market.ask_chains(at, symbols, expiry)

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """As the market's."""
        if self._line.alive:
            self._market.subscribe(at, names)

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """As the market's."""
        if self._line.alive:
            self._market.unsubscribe(at, names)

    def subscribe_stocks(self, at: Instant) -> None:
        """As the market's."""
        self._market.subscribe_stocks(at)


class Start:
    """A process of ours: it has taken a number, and lives until it dies or is overtaken."""

    def __init__(self, world: World, parts: Parts, journal: MemoryJournal) -> None:
        self.epoch = world.epoch
        self.journal = journal
        self.line, self.prices = Line(self.epoch), Prices()
        self.inbox = Inbox((self.prices, self.line))
        self.inbox.schedule(DayClosed(world.facts.close_at))
        self.fence = EpochFence(world, self.epoch)
        broker: Broker = world.planes.port(self.line)
        self.engine = parts.engine(world.template.settings)
        self.runner = Runner(
            engine=self.engine,
            inbox=self.inbox,
            feed=Asked(world.market, self.line),
            broker=parts.fence(broker, self.fence),
        )
        self._journaled = parts.fence_journal(journal, self.fence)

    def write(self) -> None:
        """From now on every step is journaled."""
        self.runner.journal = self._journaled
