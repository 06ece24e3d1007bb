"""Days of stored data ready to run. Apart from the others: they load a table library."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ninefifteen.adapters.recorded import RecordedFolder
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.domain.events import DayOpened
from ninefifteen.domain.instants import at
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Settings
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import ObservedFills

from .sessions import Account, DaySession, day_facts, session_of

_NEVER_SHORT_OF_CASH: Paise = 10**15
"""On recorded days affordability is decided on the estimate (F2), not again at the fill."""


def recorded_opening(
    day: date, settings: Settings, rules: RuleBook, folder: RecordedFolder, account: Account
) -> DayOpened:
    """The first event of a stored day, at the scan: what the rules say, and the price source it has (D3)."""
    facts = day_facts(
        day,
        rules=rules,
        settings=settings,
        account=account,
        universe=folder.universe(day),
        price_source=folder.price_source(day) or "",
    )
    return DayOpened(at(day, settings.strategy.scan_time), facts=facts)


def recorded_session(
    opening: DayOpened,
    settings: Settings,
    folder: RecordedFolder,
    *,
    slippage: Decimal = Decimal(1),
) -> DaySession:
    """A day of stored data, read as it is asked for; orders fill as seen, worsened by `slippage` percent."""
    facts = opening.facts
    exchange = Exchange(
        open_at=facts.open_at,
        close_at=facts.last_observation_at,
        fills=ObservedFills(slippage),
        free_cash=_NEVER_SHORT_OF_CASH,
        limits=facts.limits,
    )
    world = folder.day(facts, settings.recorded.last_entry)
    return session_of(opening, settings, world, exchange, (exchange.observe,))
