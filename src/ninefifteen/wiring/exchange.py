"""Our exchange as a server: synthetic days in a row, behind a broker's protocol."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from ninefifteen.adapters.rules import RuleBook
from ninefifteen.domain.calendar import NoCalendarData
from ninefifteen.domain.instants import SECOND, at
from ninefifteen.domain.market import CallRow, DayFacts
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.simulator.kite import MakeDay, TradingDay
from ninefifteen.simulator.market import Listed, MarketDay
from ninefifteen.strategies.estimate import RATE, call_estimate

from .preconditions import UNKNOWN
from .sessions import Account, day_facts

_NO_COLLAR = Decimal(0)
_YEAR = 365


def synthetic_days(settings: Settings, rules: RuleBook, seed: int) -> MakeDay:
    """What makes each trading day of the exchange: the same days that `run --demo` shows for the seed.

    Special sessions are left out. Making a day raises BadInput where the rules end.
    """

    def make(day: date) -> TradingDay | None:
        try:
            return _trading_day(settings, rules, seed, day)
        except UNKNOWN as error:
            raise BadInput(str(error)) from error

    return make


def _trading_day(settings: Settings, rules: RuleBook, seed: int, day: date) -> TradingDay | None:
    session = rules.calendar.session(day)
    if session is None or session.special:
        return None
    facts = day_facts(
        day,
        rules=rules,
        settings=settings,
        account=Account(0),
        universe=rules.membership.on(day),
        price_source="quotes",
        seed=seed,
    )
    market = MarketDay(
        seed,
        facts,
        expiries=_next_two(rules, day),
        stocks_close_at=at(day, session.underlying_close),
    )

    def exchange(cash: Paise) -> Exchange:
        return Exchange(
            open_at=facts.open_at,
            close_at=facts.close_at,
            fills=DepthFills(),
            free_cash=cash,
            limits=facts.limits,
        )

    return TradingDay(day, market, exchange, facts.rates, opening_theory(market, facts))


def opening_theory(market: MarketDay, facts: DayFacts) -> Callable[[Listed], Paise]:
    """The theoretical price of an option of the traded expiry at the open, paise; 0 for any other.

    A call is priced as the strategy estimates it (`wiring.theory`), a put by parity from the call.
    """

    def call(listed: Listed) -> Paise:
        share = market.by_key[f"NSE:{listed.root}"]
        before = market.snapshot(listed.token, facts.preopen_final_at - SECOND)
        row = CallRow(listed.label, listed.strike, before.oi, before.volume, before.close)
        opened = market.snapshot(share.token, facts.open_at - SECOND)
        return max(0, call_estimate(facts, row, opened.last, opened.close, _NO_COLLAR)[0])

    def price(listed: Listed) -> Paise:
        if listed.expiry != facts.expiry:
            return 0
        if listed.kind == "CE":
            return call(listed)
        twin = market.by_key.get(f"NFO:{listed.symbol[:-2]}CE")
        if twin is None:
            return 0
        spot = market.snapshot(market.by_key[f"NSE:{listed.root}"].token, facts.open_at - SECOND).last
        discounted = listed.strike * math.exp(-RATE * facts.calendar_days_left / _YEAR)
        return max(0, round(call(twin) - spot + discounted))

    return price


def _next_two(rules: RuleBook, day: date) -> tuple[date, ...]:
    try:
        return tuple(rules.calendar.expiries(day, 2))
    except NoCalendarData:
        return ()  # the second lies beyond the calendar: the world chooses its own
