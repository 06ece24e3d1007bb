"""The loop of a backtest: days in order, each from a clean start, with the net so far."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.settings import Settings
from ninefifteen.research.backtest import backtest, run_to_the_end
from ninefifteen.wiring import DaySession
from ninefifteen.wiring.demo import synthetic_day_session

RULES = load_rules()
SEED = 5
DAYS = (date(2026, 12, 8), date(2026, 12, 9), date(2026, 12, 10))


def session(day: date) -> DaySession:
    """A synthetic day stands for a stored one: the loop does not know the difference."""
    return synthetic_day_session(Settings(), RULES, day, SEED)


def test_every_day_gives_its_record_and_hears_the_net_of_those_before() -> None:
    heard: list[tuple[date, Fraction]] = []

    def open_day(day: date, net: Fraction) -> DaySession:
        heard.append((day, net))
        return session(day)

    found = list(backtest(DAYS, open_day))
    assert [record.date for _, record in found] == list(DAYS)
    assert [facts.date for facts, _ in found] == list(DAYS)
    assert [day for day, _ in heard] == list(DAYS)
    net = Fraction(0)
    for (_, told), (_, record) in zip(heard, found, strict=True):
        assert told == net
        for trade in record.trades:
            net += trade.gross - Fraction(trade.charges.total, UNITS_PER_PAISA)
    assert net != 0


def test_days_are_run_only_as_far_as_somebody_asks() -> None:
    opened: list[date] = []

    def open_day(day: date, _: Fraction) -> DaySession:
        opened.append(day)
        return session(day)

    days = backtest(DAYS, open_day)
    next(days)
    assert opened == [DAYS[0]]


def test_no_days_give_no_records() -> None:
    assert list(backtest((), lambda day, net: session(day))) == []


def test_a_day_with_nothing_left_to_do_is_closed_early_with_the_record_of_the_whole_day() -> None:
    early, late = session(DAYS[0]).runner, session(DAYS[0]).runner
    record = run_to_the_end(early)
    while late.record is None:
        late.take_next()
    assert record == late.record
    assert early.events < late.events
    assert early.inbox.now < late.inbox.now
