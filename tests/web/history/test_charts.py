"""The chart of a day: candles, markers and levels, for stock and option, finished and running."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.events import Bar, LastPrice, MinuteBars, Quote, StockTicks
from ninefifteen.domain.instants import MINUTE, SECOND, at
from ninefifteen.web.errors import Refused
from ninefifteen.web.history.candles import Candles
from ninefifteen.web.history.charts import chart_of
from ninefifteen.web.history.day_whole import whole_day
from ninefifteen.web.history.records import Records
from ninefifteen.web.models.chart import Chart
from tests.web.history.homes import QUIET, TRADED, journal, running

NINE = at(TRADED, time(9, 15))


def chart(
    records: Records, of: str | None = None, *, name: str | None = None, since: int | None = None
) -> Chart:
    return chart_of(records, TRADED, None, of=of, name=name, since=since)


def test_the_options_candles_are_the_bids_of_the_journal(records: Records):
    made = chart(records)
    assert (made.role, made.basis, made.reason) == ("option", "bid", None)
    bids: dict[int, list[int]] = {}
    for step in read_journal(journal(records)).steps:
        if isinstance(step.event, Quote) and step.event.name == made.name and step.event.bid:
            bids.setdefault(step.event.at // MINUTE * 60, []).append(step.event.bid)
    shown = {
        one.time: [int(Decimal(price) * 100) for price in (one.open, one.high, one.low, one.close)]
        for one in made.candles
    }
    assert shown == {
        minute: [prices[0], max(prices), min(prices), prices[-1]] for minute, prices in bids.items()
    }


def test_the_stock_is_there_too_and_the_bought_option_comes_first(records: Records):
    stock = chart(records, "stock")
    assert (stock.role, stock.basis) == ("stock", "last")
    assert len(stock.candles) > 300
    assert [(one.role, one.held) for one in stock.names][:2] == [("option", True), ("stock", True)]


def test_entry_and_exit_stand_where_the_trade_says(records: Records):
    (trade,) = whole_day(records, TRADED, None).trades
    entry, leave = chart(records).markers
    assert (entry.kind, entry.at, entry.price) == ("entry", trade.entry_at, trade.entry)
    assert (leave.kind, leave.at, leave.price) == ("exit", trade.exit_at, trade.exit)
    assert leave.text.endswith("the stop was reached")
    assert entry.time % 60 == 0


def test_the_levels_begin_with_the_fill_and_end_with_the_sale(records: Records):
    (trade,) = whole_day(records, TRADED, None).trades
    target, stop = chart(records).levels
    assert (target.name, target.points[0].price) == ("target", trade.target)
    assert (stop.name, stop.points[0].price) == ("stop", trade.stop)
    assert target.points[-1].price is None
    assert stop.points[-1].time > stop.points[0].time
    assert chart(records, "stock").levels == []


def test_with_since_only_newer_candles_come(records: Records):
    whole = chart(records).candles
    assert chart(records, since=whole[100].time).candles == whole[100:]
    assert chart(records, since=whole[-1].time + 60).candles == []
    assert chart(records, since=whole[-1].time + 60).reason is None


def test_a_running_days_open_position_has_its_entry_marked(lived: Path, tmp_path: Path):
    made = chart(running(lived, tmp_path / "home", time(10, 0)))
    (entry,) = made.markers
    assert (entry.kind, made.finished) == ("entry", False)
    assert all(point.price for level in made.levels for point in level.points)
    assert made.candles[-1].time <= (at(TRADED, time(10, 0))) // SECOND


def test_a_name_the_day_does_not_have_is_not_found(records: Records):
    with pytest.raises(Refused) as caught:
        chart(records, name="NOTHING 2026-12-29 1 CE")
    assert caught.value.status == 404
    assert chart(records, name=chart(records).names[1].name).role == "stock"


@pytest.mark.parametrize(
    ("clock", "why"),
    [
        (time(0, 1), "the day has not been opened yet"),
        (time(9, 13, 45), "no stock has been ranked yet: the scan says whose prices are followed"),
        (time(9, 14, 30), "the market has not opened yet"),
    ],
)
def test_a_chart_without_a_candle_says_why(lived: Path, tmp_path: Path, clock: time, why: str):
    made = chart(running(lived, tmp_path / "home", clock))
    assert (made.candles, made.markers, made.reason) == ([], [], why)


def test_a_day_without_a_pick_has_no_prices_and_says_so(records: Records):
    made = chart_of(records, QUIET, None, of=None, name=None, since=None)
    assert made.candles == []
    assert made.reason == "nothing was picked, so no prices were followed"


def test_finished_bars_take_the_place_of_what_was_gathered():
    candles = Candles()
    candles.universe(("TCS", "INFY"))
    candles.follow(("TCS", "NOBODY"))
    candles.take(StockTicks(NINE + SECOND, exchange_at=NINE, prices=(100, 200)))
    candles.take(StockTicks(NINE + 2 * SECOND, exchange_at=NINE, prices=(0, 200)))
    candles.take(Bar(NINE + MINUTE, "TCS", 100, 130, 90, 120))
    names = ("TCS", "INFY", "TCS 100 CE")
    columns = ((1, 2, 3), (4, 5, 6), (1, 1, 1), (2, 2, 2))
    candles.take(MinuteBars(NINE + 2 * MINUTE, names, *columns))
    candles.take(LastPrice(NINE + 3 * MINUTE, "INFY 50 CE", 42))
    assert sorted(candles.series) == ["INFY 50 CE", "TCS", "TCS 100 CE"], "INFY is not followed"
    first, second = candles.series["TCS"].candles
    assert (first.start, first.high, second.close) == (NINE, 130, 2)
    assert candles.series["INFY 50 CE"].basis == "last"
