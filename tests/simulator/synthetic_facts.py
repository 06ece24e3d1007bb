"""Facts of a synthetic day for tests: the shipped rules of the market, read once."""

from __future__ import annotations

from datetime import date
from functools import cache

from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.domain.instants import at
from ninefifteen.domain.market import DayFacts

ROLL_DAYS = 4


@cache
def rules() -> RuleBook:
    """The packaged rules."""
    return load_rules()


@cache
def facts_of(day: date) -> DayFacts:
    """What the rules say about `day`, marked synthetic."""
    book = rules()
    calendar = book.calendar
    session = calendar.session(day)
    assert session is not None
    previous, expiry = calendar.previous(day), calendar.traded_expiry(day, ROLL_DAYS)
    return DayFacts(
        date=day,
        previous_day=previous,
        special=session.special,
        preopen_final_at=at(day, session.preopen_final),
        open_at=at(day, session.open),
        exit_at=at(day, session.exit_at),
        close_at=at(day, session.derivatives_close),
        last_observation_at=at(day, session.last_observation),
        expiry=expiry,
        days_left=calendar.days_left(day, expiry),
        calendar_days_left=(expiry - day).days,
        calendar_days_left_previous=(expiry - previous).days,
        rates=book.charges.on(day, "options"),
        limits=book.order_limits.on(day),
        universe=book.membership.on(day),
        free_cash=10_000_000,
        price_source="quotes",
        synthetic=True,
    )
