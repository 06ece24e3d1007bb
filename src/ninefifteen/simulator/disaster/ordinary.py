"""The same market without anything around it: the shipped runner, the shipped exchange, no faulty layer."""

from __future__ import annotations

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import DayClosed, DayOpened
from ninefifteen.domain.instants import SECOND
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.runner import Runner

from .market import Market
from .parts import Parts
from .paths import Path
from .template import Template
from .world import FIRST, market_chance, new_exchange


def ordinary_effects(seed: int, path: Path, template: Template, parts: Parts) -> list[tuple[Effect, ...]]:
    """What an engine asks for, step by step, on this seed's market."""
    facts = template.facts
    exchange = new_exchange(template)
    market = Market(market_chance(seed), path, template, exchange.register.works_or_holds)
    inbox = Inbox((market, exchange))
    begin = facts.open_at - 90 * SECOND
    for event in parts.start(begin, FIRST, False, DayOpened(begin, facts=facts)):  # noqa: FBT003 - as `Parts` has it
        inbox.put(event)
    inbox.schedule(DayClosed(facts.close_at))
    runner = Runner(
        engine=parts.engine(template.settings),
        inbox=inbox,
        feed=market,
        broker=exchange,
        observers=(exchange.observe,),
    )
    effects = []
    while runner.record is None and inbox.next_at() is not None:
        effects.append(runner.take(inbox.pop()))
    return effects
