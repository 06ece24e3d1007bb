"""Finished bars: what they tell of shares, and when a close may enter."""

from __future__ import annotations

from decimal import Decimal

from benchmarks.replay import share_facts
from ninefifteen.domain.candidate import Candidate, Selection
from ninefifteen.domain.events import Bar, MinuteBars
from ninefifteen.domain.instants import MINUTE, SECOND, Instant, day_of
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import bars
from ninefifteen.engine.state import EngineState, Phase, Run
from ninefifteen.engine.strategy import Enter, EntryView, ExitRules, Hours, StockBar, Wait
from ninefifteen.strategies.nine_fifteen import NineFifteen

OPEN: Instant = 1_700_000_100 * SECOND - 1_700_000_100 * SECOND % MINUTE
HOURS = Hours(scan_at=OPEN, entry_at=OPEN, cutoff_at=OPEN + MINUTE, exit_at=OPEN + MINUTE)
SHARE = Instrument(name="INFY", symbol="INFY", kind="EQ", lot_size=1, tick=5)


class Asked(NineFifteen):
    """Waits, and keeps the prices it was asked at."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.exits = ExitRules(target_pct=Decimal(1), stop_pct=Decimal(1))
        self.prices: list[int] = []

    def enter(self, view: EntryView) -> Enter | Wait:
        self.prices.append(view.price)
        return Wait("not_yet")


def watching(asked: Asked) -> EngineState:
    """A state in which a strategy waits for INFY, and TCS is another share of the universe."""
    state = EngineState(Settings())
    state.facts = share_facts(day_of(OPEN), day_of(OPEN), "quotes")
    state.stock_index, state.stock_prices = {"INFY": 0, "TCS": 1}, [0, 0]
    state.stock_bars = {"INFY": []}
    run = Run(asked, HOURS)
    run.phase = Phase.WATCHING
    candidate = Candidate(rank=1, symbol="INFY", price=100, prev_close=99, code="ok", instrument=SHARE)
    run.selection = Selection(candidates=(candidate,), picks=(0,))
    state.runs.append(run)
    return state


def test_a_shares_bar_is_its_price_and_its_minute() -> None:
    state = watching(Asked())
    bars.on_bar(state, Bar(OPEN + MINUTE, "INFY", 100, 103, 98, 101))
    bars.on_bar(state, Bar(OPEN + MINUTE, "TCS", 200, 200, 200, 200))
    assert state.stock_prices == [101, 200]
    assert state.stock_bars == {"INFY": [StockBar(OPEN, 100, 103, 98, 101)]}


def test_a_finished_bar_replaces_the_minute_made_from_ticks() -> None:
    alone, together = watching(Asked()), watching(Asked())
    for state in (alone, together):
        bars.add_tick(state.stock_bars["INFY"], OPEN + SECOND, 102)
    bars.on_bar(alone, Bar(OPEN + MINUTE, "INFY", 100, 103, 98, 101))
    bars.on_minute(together, MinuteBars(OPEN + MINUTE, ("INFY",), (100,), (103,), (98,), (101,)))
    expected = {"INFY": [StockBar(OPEN, 100, 103, 98, 101)]}
    assert alone.stock_bars == together.stock_bars == expected


def test_ticks_make_a_bar_of_each_minute() -> None:
    made: list[StockBar] = []
    for after, price in ((0, 100), (20 * SECOND, 104), (59 * SECOND, 97), (MINUTE, 99)):
        bars.add_tick(made, OPEN + after, price)
    assert made == [StockBar(OPEN, 100, 104, 97, 97), StockBar(OPEN + MINUTE, 99, 99, 99, 99)]


def test_the_close_of_the_awaited_contracts_bar_is_an_observation_that_may_enter() -> None:
    asked = Asked()
    state = watching(asked)
    bars.on_bar(state, Bar(OPEN + MINUTE, "TCS", 200, 200, 200, 200))
    bars.on_bar(state, Bar(OPEN + MINUTE, "INFY", 100, 103, 98, 101))
    assert asked.prices == [101]


def test_the_bar_of_the_entry_price_itself_never_enters() -> None:
    asked = Asked()
    bars.on_bar(watching(asked), Bar(OPEN + MINUTE, "INFY", 100, 103, 98, 101, opening=True))
    assert asked.prices == []


def test_a_minute_asks_for_the_awaited_contract_and_moves_every_price() -> None:
    asked = Asked()
    state = watching(asked)
    both = MinuteBars(OPEN + MINUTE, ("TCS", "NIFTY", "INFY"), (1, 2, 3), (9, 9, 9), (1, 1, 1), (5, 6, 7))
    bars.on_minute(state, both)
    assert state.stock_prices == [7, 5]
    assert asked.prices == [7]


def test_a_strategy_without_a_candidate_is_not_asked() -> None:
    asked = Asked()
    state = watching(asked)
    state.runs[0].selection = Selection(candidates=())
    bars.on_minute(state, MinuteBars(OPEN + MINUTE, ("INFY",), (1,), (1,), (1,), (1,)))
    assert asked.prices == []
    assert state.stock_prices == [1, 0]
