"""Days ready to run: what every day is made of, and `synthetic_session` on our own exchange."""

from __future__ import annotations

from datetime import date
from functools import partial
from random import Random
from typing import Protocol

import msgspec

from ninefifteen.adapters.rules import RuleBook
from ninefifteen.config.timetable import timetable_problem
from ninefifteen.domain.calendar import NoCalendarData, TradingCalendar
from ninefifteen.domain.events import DayClosed, DayOpened
from ninefifteen.domain.instants import MILLISECOND, SECOND, at
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.errors import BadInput
from ninefifteen.ports.feed import Feed
from ninefifteen.ports.source import Source
from ninefifteen.reports.background import FillRow
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.runner import Observer, Runner
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.simulator.synthetic import SyntheticDay, SyntheticOptions
from ninefifteen.simulator.wire import Latency
from ninefifteen.strategies.chosen import strategies_of

from .theory import OpeningTheory

NETWORK = Latency(request=90 * MILLISECOND, answer=60 * MILLISECOND, jitter=50 * MILLISECOND)
"""The way to a broker and back, where orders are simulated."""

RECONCILE_EVERY = 5 * SECOND
"""A day at a broker reconciles so often while anything is held or living (reliability notes 4a rule 11)."""


class Account(msgspec.Struct, frozen=True):
    """What a day inherits: free cash in paise, and losing trades in a row up to yesterday."""

    free_cash: Paise
    losing_streak: int = 0


def fresh_account(settings: Settings) -> Account:
    """The account of a first day: `trading.paper_capital`."""
    return Account(int(settings.trading.paper_capital * 100))


def day_facts(  # noqa: PLR0913 - a day is made of these, each by name
    day: date,
    *,
    rules: RuleBook,
    settings: Settings,
    account: Account,
    universe: tuple[str, ...],
    price_source: str,
    seed: int | None = None,
) -> DayFacts:
    """Everything the dated rules say about one trading day, ready to enter the engine.

    Raises BadInput for a day that is no trading day, NoCalendarData for a year without data.
    """
    calendar = rules.calendar
    session = calendar.session(day)
    if session is None:
        raise BadInput(f"{day} is not a trading day (calendar show --date {day} says why)")
    problem = timetable_problem(settings, session)
    if problem is not None:
        raise BadInput(problem)
    previous = calendar.previous(day)
    expiry = calendar.traded_expiry(day, settings.strategy.roll_days)
    clock = partial(at, day)
    return DayFacts(
        date=day,
        previous_day=previous,
        special=session.special,
        preopen_final_at=clock(session.preopen_final),
        open_at=clock(session.open),
        exit_at=clock(session.exit_at),
        close_at=clock(session.derivatives_close),
        last_observation_at=clock(session.last_observation),
        expiry=expiry,
        days_left=calendar.days_left(day, expiry),
        calendar_days_left=(expiry - day).days,
        calendar_days_left_previous=(expiry - previous).days,
        rates=rules.charges.on(day, "options"),
        limits=rules.order_limits.on(day),
        universe=universe,
        free_cash=account.free_cash,
        price_source=price_source,
        synthetic=seed is not None,
        seed=seed,
        losing_streak=account.losing_streak,
    )


class World(Feed, Source, Protocol):
    """A feed whose answers and prices come out as events in time order."""


class DaySession:
    """One day ready to run: the runner, its exchange and its first event."""

    def __init__(self, runner: Runner, exchange: Exchange, opening: DayOpened) -> None:
        self.runner = runner
        self.exchange = exchange
        self.opening = opening

    @property
    def facts(self) -> DayFacts:
        """The day's facts."""
        return self.opening.facts

    @property
    def flat(self) -> bool:
        """The exchange itself holds nothing of ours and no order of ours is open there."""
        return self.exchange.is_flat()

    @property
    def fills(self) -> tuple[FillRow, ...]:
        """The trades of the day at the exchange."""
        return tuple(
            FillRow(
                trade_id=fill.trade_id,
                order_id=fill.order_id,
                contract=fill.name,
                side=fill.side,
                at=fill.at,
                quantity=fill.quantity,
                price=fill.price,
            )
            for fill in self.exchange.trades_of_day()
        )


def synthetic_session(
    opening: DayOpened,
    settings: Settings,
    rules: RuleBook,
    options: SyntheticOptions | None = None,
) -> DaySession:
    """A day of our own exchange, the same for the same opening, settings and options (None: as shipped).

    The world is a function of the seed and of what was asked of it, so a stopped day is rebuilt by
    asking the same again.
    """
    facts = opening.facts
    if facts.seed is None:
        raise BadInput("a synthetic day needs a seed")
    session = rules.calendar.session(facts.date)
    stocks_close = at(facts.date, session.underlying_close) if session is not None else facts.close_at
    expiries = _next_two(rules.calendar, facts.date)
    world = SyntheticDay(facts.seed, facts, options, expiries=expiries, stocks_close_at=stocks_close)
    exchange = Exchange(
        open_at=facts.open_at,
        close_at=facts.close_at,
        fills=DepthFills(),
        free_cash=facts.free_cash,
        limits=facts.limits,
        latency=NETWORK,
        chance=Random(facts.seed),  # noqa: S311 - seeded latency, not a secret
    )
    theory = OpeningTheory(facts, exchange)
    return session_of(opening, settings, world, exchange, (exchange.observe, theory.observe))


def _next_two(calendar: TradingCalendar, day: date) -> tuple[date, ...]:
    try:
        return tuple(calendar.expiries(day, 2))
    except NoCalendarData:
        return ()  # the second lies beyond the calendar: the world chooses its own


def session_of(
    opening: DayOpened,
    settings: Settings,
    world: World,
    exchange: Exchange,
    observers: tuple[Observer, ...],
) -> DaySession:
    """A day whose world is one source of events: its line, ready to be taken event by event."""
    inbox = Inbox((world, exchange))
    inbox.put(opening)
    inbox.schedule(DayClosed(opening.facts.close_at))
    runner = Runner(
        engine=Engine(settings, strategies_of(settings)),
        inbox=inbox,
        feed=world,
        broker=exchange,
        observers=observers,
    )
    return DaySession(runner, exchange, opening)
