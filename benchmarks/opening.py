"""An opening to measure with: a synthetic day up to the moment its exchange opens, as often as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

import msgspec

from ninefifteen.adapters.rules import load_rules
from ninefifteen.adapters.zerodha.catalogue import Catalogue, Listed
from ninefifteen.domain.effects import Effect, StartTimer, Submit
from ninefifteen.domain.events import Chains, DayOpened, Event, Quote, StockTicks
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.market import CallRow, ChainFacts, DayFacts
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.feed import Feed
from ninefifteen.ports.journal import Journal
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.live import Pushed
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.kite.packets import frame
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.strategies.chosen import strategies_of
from ninefifteen.wiring.demo import synthetic_day_session
from ninefifteen.wiring.exchange import synthetic_days

from .kite_frames import PACKET

SEED = 5
"""A synthetic day whose first quote of the candidate is one to buy at, and whose bell is one, too."""
_OPTIONS = 2


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that reached the engine before the exchange opened.

    The timer of the opening is what comes next, and waits in the inbox of each line. `stocks` are the
    shares' first prices and `quote` is the one that is bought at, both None where the bell itself is.
    `contract` is what is bought, as the broker lists it.
    """

    settings: Settings
    facts: DayFacts
    events: tuple[Event, ...]
    stocks: StockTicks | None
    quote: Quote | None
    contract: Listed

    def line(self, *, feed: Feed, broker: Broker, journal: Journal, pushed: Pushed) -> Runner:
        """A fresh engine that has lived all of it, with the timers that are still to come."""
        inbox = Inbox((pushed,))
        runner = Runner(
            engine=Engine(self.settings, strategies_of(self.settings)),
            inbox=inbox,
            feed=feed,
            broker=broker,
            journal=journal,
        )
        for event in self.events:
            effects = runner.step(event)
            journal.record(event, effects)
            for effect in effects:
                if isinstance(effect, StartTimer):
                    inbox.start_timer(effect.timer, effect.due)
        while (due := inbox.next_at()) is not None and due <= self.events[-1].at:
            inbox.pop()  # it is among the events
        journal.make_durable()
        inbox.now = self.events[-1].at
        return runner


def opening(when: Literal["first_quote", "bell"]) -> Opening:
    """The day of the seed up to its order; the broker's names stand in place of the simulator's."""
    settings = Settings()
    settings = msgspec.structs.replace(settings, entry=msgspec.structs.replace(settings.entry, when=when))
    rules = load_rules()
    day = demo_date(SEED, rules.calendar)
    runner = synthetic_day_session(settings, rules, day, SEED).runner
    events: list[Event] = []
    stocks: StockTicks | None = None
    while True:
        event = runner.inbox.pop()
        order = _order_in(runner.take(event))
        if order is not None:
            break
        if event.at < runner.engine.state.day.open_at:
            events.append(event)
        elif isinstance(event, StockTicks):
            stocks = event
    made = synthetic_days(settings, rules, SEED)(day)
    first = events[0]
    if made is None or not isinstance(first, DayOpened):
        raise RuntimeError("the day of the seed is no trading day any more")
    listed = made.market.by_token.values()
    names = {row.label: row.symbol for row in listed}
    row = next(each for each in listed if each.label == order.order.request.instrument.name)
    contract = Listed(
        token=row.token,
        symbol=row.symbol,
        root=row.root,
        kind=row.kind,
        expiry=row.expiry,
        strike=row.strike,
        tick=row.tick,
        lot_size=row.lot_size,
        exchange="NFO",
        segment="NFO-OPT",
    )
    quote = msgspec.structs.replace(event, name=row.symbol) if isinstance(event, Quote) else None
    renamed = tuple(_renamed(each, names) for each in events)
    return Opening(
        settings=settings,
        facts=first.facts,
        events=renamed,
        stocks=stocks,
        quote=quote,
        contract=contract,
    )


def _order_in(effects: Sequence[Effect]) -> Submit | None:
    return next((each for each in effects if isinstance(each, Submit)), None)


def _renamed(event: Event, names: dict[str, str]) -> Event:
    if not isinstance(event, Chains):
        return event

    def call(row: CallRow) -> CallRow:
        return msgspec.structs.replace(row, name=names[row.name])

    def chain(one: ChainFacts) -> ChainFacts:
        return msgspec.structs.replace(one, calls=tuple(map(call, one.calls)))

    return msgspec.structs.replace(event, chains=tuple(map(chain, event.chains)))


def contracts_of(opened: Opening) -> Catalogue:
    """The one contract as a list of the broker."""
    return Catalogue("NFO", opened.facts.date, [opened.contract])


def opening_frame(opened: Opening, packets: int, *, one_sided: bool = False) -> bytes:
    """A frame of full packets in the middle of which the contract's quote stands; the others are made up."""
    quote = opened.quote
    if quote is None:
        raise RuntimeError("the bell has no quote")
    chance = Random(SEED)  # noqa: S311 - made-up market data
    stamp = quote.exchange_at // SECOND
    found = [made_up((900_000 + number) << 8 | _OPTIONS, chance, stamp) for number in range(packets - 1)]
    bids = [] if one_sided else [(quote.bid, quote.bid_quantity), *quote.more_bids]
    asks = [(quote.ask, quote.ask_quantity), *quote.more_asks]
    figures = [opened.contract.token, *([quote.ask] * 10), stamp, *([0] * 3), stamp]
    found.insert(packets // 2, PACKET.pack(*figures, *_levels(bids), *_levels(asks)))
    return frame(found)


def made_up(token: int, chance: Random, stamp: int) -> bytes:
    """A full packet of figures that mean nothing, stamped by the exchange in epoch seconds."""
    figures = [token, *(chance.randrange(1, 10**6) for _ in range(15))]
    figures[11] = figures[15] = stamp
    return PACKET.pack(*figures, *(chance.randrange(1, 60_000) for _ in range(30)))


def _levels(levels: Sequence[tuple[int, int]]) -> list[int]:
    flat = [figure for price, quantity in levels[:5] for figure in (quantity, price, 1)]
    return flat + [0] * (15 - len(flat))


def silent(_kind: str, _text: str) -> None:
    """Nobody is told anything."""
