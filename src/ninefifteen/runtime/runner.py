"""Take one event, let the market see it, step the engine, journal, perform. Nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ninefifteen.domain import effects as ef
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import Role
from ninefifteen.domain.record import DayRecord
from ninefifteen.engine import Engine
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.feed import Feed
from ninefifteen.ports.journal import Journal

from .inbox import Inbox

_REQUESTS = (ef.Submit, ef.Modify, ef.Cancel, ef.ReadOrders, ef.ReadPositions, ef.EndDay)
Observer = Callable[[Event], None]
Witness = Callable[[Event, Sequence[Effect]], None]


class Runner:
    """One engine with its world: every effect goes to the port it is meant for.

    `observers` see a market event before the engine does (the simulated exchange is one, a recorder
    another); witnesses see each step after it was journaled (logs, screen). Neither can change it.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        inbox: Inbox,
        feed: Feed,
        broker: Broker,
        journal: Journal | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        self.engine = engine
        self.inbox = inbox
        self.journal = journal
        self.record: DayRecord | None = None
        self.events = 0
        self._observers = tuple(observers)
        self._witnesses: list[Witness] = []
        self._perform: dict[type, Callable[[Instant, Any], None]] = {
            ef.AskPreOpen: lambda at, _: feed.ask_pre_open(at),
            ef.AskChains: lambda at, e: feed.ask_chains(at, e.symbols, e.expiry),
            ef.Subscribe: lambda at, e: feed.subscribe(at, e.names),
            ef.Unsubscribe: lambda at, e: feed.unsubscribe(at, e.names),
            ef.SubscribeStocks: lambda at, _: feed.subscribe_stocks(at),
            ef.Submit: lambda at, e: broker.submit(at, e.order),
            ef.Modify: broker.modify,
            ef.Cancel: broker.cancel,
            ef.ReadOrders: lambda at, _: broker.read_orders(at),
            ef.ReadPositions: lambda at, _: broker.read_positions(at),
            ef.StartTimer: lambda _, e: inbox.start_timer(e.timer, e.due),
            ef.EndDay: lambda _, e: self._day_ended(e.record),
        }

    def watch(self, witness: Witness) -> None:
        """From now on show this witness every step that is taken."""
        self._witnesses.append(witness)

    def take_next(self) -> Event:
        """Take the next event of the inbox through the whole line; IndexError when there is none."""
        event = self.inbox.pop()
        self.take(event)
        return event

    def take(self, event: Event) -> tuple[Effect, ...]:
        """One event through the whole line: observed, stepped, journaled, performed, told.

        Raises OSError when the journal cannot be written; what leaves a position has then been sent all
        the same (I18), and nothing that enters one (I4).
        """
        effects = self.step(event)
        try:
            if self.journal is not None:
                self.journal.record(event, effects)
        except OSError:
            self.perform(event, without_entries(effects))
            raise
        self.perform(event, effects)
        self.tell(event, effects)
        return effects

    def relive(self, event: Event) -> tuple[Effect, ...]:
        """The same for an event that is in the journal already: not written and not told again."""
        effects = self.step(event)
        self.perform(event, effects)
        return effects

    def step(self, event: Event) -> tuple[Effect, ...]:
        """Show the event to the observers and step the engine: the first third of `take`."""
        for observe in self._observers:
            observe(event)
        self.events += 1
        return self.engine.step(event)

    def perform(self, event: Event, effects: Sequence[Effect]) -> None:
        """Give each effect to the port it is meant for; the journal has the step by now."""
        for effect in effects:
            perform = self._perform.get(type(effect))
            if perform is not None:
                perform(event.at, effect)

    def perform_requests(self, event: Event, effects: Sequence[Effect]) -> None:
        """Give only broker requests and the record to where they go: how a day is lived again."""
        self.perform(event, [effect for effect in effects if isinstance(effect, _REQUESTS)])

    def tell(self, event: Event, effects: Sequence[Effect]) -> None:
        """Show the step to the witnesses."""
        for witness in self._witnesses:
            witness(event, effects)

    def _day_ended(self, record: DayRecord) -> None:
        self.record = record


def enters(effects: Sequence[Effect]) -> bool:
    """Whether anything here would open or enlarge a position."""
    return any(_enters(effect) for effect in effects)


def entry_tags(effects: Sequence[Effect]) -> list[str]:
    """The tags of orders here that would open or enlarge a position."""
    return [
        effect.order.request.tag for effect in effects if isinstance(effect, ef.Submit) and _enters(effect)
    ]


def without_entries(effects: Sequence[Effect]) -> list[Effect]:
    """What may leave although the journal could not take the step (I18, I4)."""
    return [effect for effect in effects if not _enters(effect)]


def _enters(effect: Effect) -> bool:
    """A buy, or a change of one: an entry is only ever changed to pay more.

    A change does not tell its side; the last letter of a tag is the role of its order.
    """
    if isinstance(effect, ef.Modify):
        return effect.tag[-1:] == Role.ENTRY[0]
    return isinstance(effect, ef.Submit) and effect.order.request.side == "BUY"
