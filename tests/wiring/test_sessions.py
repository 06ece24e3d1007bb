"""Days ready to run: the facts the rules give, and a day that is a function of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.calendar import NoCalendarData
from ninefifteen.domain.charges import NoChargeData
from ninefifteen.domain.events import DayOpened
from ninefifteen.domain.instants import clock_of
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.settings import OpeningRange, Settings, Trading
from ninefifteen.errors import BadInput
from ninefifteen.research.backtest import run_to_the_end
from ninefifteen.wiring import (
    UNKNOWN,
    Account,
    day_facts,
    fresh_account,
    require_rules,
    strategies_of,
    synthetic_session,
)
from ninefifteen.wiring.demo import DEMO_SEED, synthetic_day_session

RULES = load_rules()
DAY = date(2026, 12, 4)


def facts_of(day: date, account: Account | None = None) -> DayFacts:
    """Facts of a synthetic day."""
    return day_facts(
        day,
        rules=RULES,
        settings=Settings(),
        account=account or Account(free_cash=1),
        universe=RULES.membership.on(day),
        price_source="quotes",
        seed=DEMO_SEED,
    )


def test_the_facts_of_a_day_are_those_of_the_dated_rules() -> None:
    facts = facts_of(DAY, Account(free_cash=123, losing_streak=3))
    assert (facts.previous_day, facts.expiry, facts.special) == (date(2026, 12, 3), date(2026, 12, 29), False)
    assert facts.days_left == len(RULES.calendar.trading_days(date(2026, 12, 5), facts.expiry))
    assert (facts.calendar_days_left, facts.calendar_days_left_previous) == (25, 26)
    times = [facts.preopen_final_at, facts.open_at, facts.exit_at]
    assert [f"{clock_of(one):%H:%M:%S}" for one in times] == ["09:12:00", "09:15:00", "15:10:00"]
    assert (facts.free_cash, facts.losing_streak) == (123, 3)
    assert (facts.synthetic, facts.seed, len(facts.universe)) == (True, DEMO_SEED, 50)


def test_before_the_closing_auction_the_square_off_is_a_quarter_past_three() -> None:
    assert f"{clock_of(facts_of(date(2026, 7, 1)).exit_at):%H:%M}" == "15:15"


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="2026-11-22 is not a trading day"):
        facts_of(date(2026, 11, 22))


def test_a_day_beyond_the_rules_is_refused_before_it_begins() -> None:
    require_rules(RULES, DAY, 4)
    with pytest.raises(NoCalendarData, match="2027"):
        require_rules(RULES, date(2026, 12, 28), 4)
    with pytest.raises(NoChargeData, match="2020-01-06"):
        require_rules(RULES, date(2020, 1, 6), 4)
    assert issubclass(NoCalendarData, UNKNOWN)


def test_the_first_account_is_the_paper_capital_in_paise() -> None:
    settings = Settings(trading=Trading(paper_capital=Decimal("123456.78")))
    assert fresh_account(settings) == Account(free_cash=12_345_678, losing_streak=0)


def test_the_second_strategy_joins_only_when_it_is_switched_on() -> None:
    assert [one.name for one in strategies_of(Settings())] == ["nine_fifteen"]
    both = strategies_of(Settings(opening_range=OpeningRange(enabled=True)))
    assert [one.name for one in both] == ["nine_fifteen", "opening_range"]


def test_the_same_facts_and_settings_give_the_same_record() -> None:
    sessions = [synthetic_day_session(Settings(), RULES, DAY, DEMO_SEED) for _ in range(2)]
    records = [run_to_the_end(session.runner) for session in sessions]
    assert records[0] == records[1]
    assert all(session.flat for session in sessions)
    assert [session.facts.seed for session in sessions] == [DEMO_SEED] * 2


def test_with_both_strategies_a_day_ends_flat_within_its_limits() -> None:
    settings = Settings(opening_range=OpeningRange(enabled=True))
    for seed in range(4):
        session = synthetic_day_session(settings, RULES, DAY, seed)
        record = run_to_the_end(session.runner)
        assert session.flat
        assert record.flat
        assert len(record.trades) <= settings.risk.max_trades
        assert len({trade.strategy for trade in record.trades}) == len(record.trades)


def test_an_invented_day_needs_a_seed() -> None:
    facts = msgspec.structs.replace(facts_of(DAY), seed=None)
    with pytest.raises(BadInput, match="needs a seed"):
        synthetic_session(DayOpened(facts.open_at, facts=facts), Settings(), RULES)
