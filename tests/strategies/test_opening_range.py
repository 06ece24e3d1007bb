"""The opening-range breakout: its timetable, and when it enters."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import MINUTE
from ninefifteen.engine.strategy import Enter, EntryView, ScanView, StockBar, Wait
from ninefifteen.strategies.opening_range import OpeningRange
from tests.engine.builders import CALL, LOT, chain, clock, facts, pre_open, settings

RULES = OpeningRange(settings(opening_range={"enabled": True, "lots": 2}))
OPEN = clock("09:15:00")
QUOTE = Quote(clock("09:31:00"), CALL, clock("09:31:00"), 4_950, 500, 5_000, 500)
BARS = tuple(StockBar(OPEN + n * MINUTE, 100, 100 + n, 99, 100) for n in range(16))


def the_candidate() -> Candidate:
    return RULES.scan(ScanView(facts(), RULES.rank(facts(), pre_open()), {"AAA": chain("AAA", put_oi=0)}))[0]


def verdict(**changes: Any) -> Enter | Wait:
    given: dict[str, Any] = {
        "at": QUOTE.at,
        "facts": facts(),
        "candidate": the_candidate(),
        "price": QUOTE.ask,
        "quote": QUOTE,
        "stock_price": 115,
        "stock_bars": BARS,
    } | changes
    return RULES.enter(EntryView(**given))


def test_the_put_call_ratio_does_not_matter_to_it():
    assert the_candidate().code == "ok"
    assert RULES.quantity(the_candidate(), 5_000) == 2 * LOT
    assert RULES.quantity(msgspec.structs.replace(the_candidate(), instrument=None), 5_000) == 0


def test_it_enters_between_the_end_of_the_range_and_its_last_entry():
    hours = RULES.hours(facts())
    assert (hours.entry_at, hours.cutoff_at) == (clock("09:30:00"), clock("11:00:00"))
    assert hours.exit_at == facts().exit_at
    assert RULES.prepared() == 0


def test_it_enters_above_the_high_of_the_range():
    assert verdict() == Enter(5_050)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stock_price": 114}, "inside_range"),
        ({"stock_bars": ()}, "no_range"),
        ({"stock_bars": BARS[15:]}, "no_range"),
        ({"stock_bars": BARS[1:]}, "range_incomplete"),
        ({"quote": None}, "no_range"),
    ],
)
def test_otherwise_it_waits_and_says_why(changes: dict[str, Any], reason: str):
    assert verdict(**changes) == Wait(reason)
