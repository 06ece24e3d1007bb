"""The benchmarks' strategy through the shipped line gives what a plain reference gives, to the last unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.bar_day import EachBarDay, MinuteDay
from benchmarks.gap_strategy import GapTrade, WatchAll
from benchmarks.grid import PERCENTAGES, grid_run, traded_bars
from benchmarks.market import MINUTES, SHARES, BarStore, make_days, write_store
from benchmarks.reference import plain_exit, plain_run
from benchmarks.replay import Replay, differs, engine_result

DAYS = 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BarStore]:
    folder = tmp_path_factory.mktemp("market")
    write_store(folder, DAYS)
    with BarStore(folder) as opened:
        yield opened


def test_every_trade_of_the_engine_equals_the_plain_reference(store: BarStore) -> None:
    plain = plain_run(store, DAYS)
    trades = list(Replay(store, DAYS).trades())
    assert len(trades) == len(plain) == DAYS - 1
    assert [differs(trade, one) for trade, one in zip(trades, plain, strict=True)] == [None] * len(plain)


def test_the_days_hold_every_kind_of_exit(store: BarStore) -> None:
    reasons = {trade.exit_reason for trade in Replay(store, DAYS).trades() if trade is not None}
    assert reasons == {"stop", "target", "time"}


def test_a_difference_from_the_reference_is_seen(store: BarStore) -> None:
    plain = plain_run(store, 3)
    wrong = next(iter(Replay(store, 3, strategy=GapTrade(target_pct=GapTrade().exits.stop_pct)).trades()))
    assert differs(None, plain[0]) == "day 1: no trade"
    assert wrong is not None
    assert differs(wrong, plain[1]) is not None


@pytest.mark.parametrize("strategy", [GapTrade, WatchAll])
def test_a_minute_as_columns_does_what_its_bars_do_one_by_one(
    store: BarStore, strategy: type[GapTrade]
) -> None:
    together, single = (
        [
            (engine.state.stock_bars, engine.state.stock_prices, engine.state.runs[0].trade)
            for engine in Replay(store, 4, strategy=strategy(), world=world, price_source="quotes").engines()
        ]
        for world in (MinuteDay, EachBarDay)
    )
    assert together == single


def test_a_strategy_that_subscribes_to_all_gets_every_minute_of_every_share(store: BarStore) -> None:
    engines = Replay(store, 2, strategy=WatchAll(), world=MinuteDay, price_source="quotes").engines()
    bars = next(iter(engines)).state.stock_bars
    assert len(bars) == SHARES
    # The window closes with the exchange, before the last minute's bar is there.
    assert {len(minutes) for minutes in bars.values()} == {MINUTES - 1}


def test_the_market_is_the_same_for_the_same_seed_and_however_many_days_are_made() -> None:
    few, many = list(make_days(2, 7)), list(make_days(3, 7))
    for (bars, opens), (same_bars, same_opens) in zip(few, many[:2], strict=True):
        assert np.array_equal(bars, same_bars)
        assert np.array_equal(opens, same_opens)
    assert not np.array_equal(next(make_days(1, 8))[0], few[0][0])


def test_the_market_is_on_its_tick_and_every_bar_holds_its_open_and_close(store: BarStore) -> None:
    bars = store.whole(5)
    assert not (bars % 5).any()
    opens, highs, lows, closes = bars.transpose(1, 0, 2)
    assert (highs >= np.maximum(opens, closes)).all()
    assert (lows <= np.minimum(opens, closes)).all()
    assert np.array_equal(store.share(5, 7), bars[7])
    assert np.array_equal(store.opens[6][1], closes[:, -1])


COLUMNS = ([100, 100, 100], [101, 101, 101], [99, 99, 99], [100, 100, 100])


@pytest.mark.parametrize(
    ("bar", "change", "expected"),
    [
        (0, {"low": 95}, (95, 0)),
        (0, {"high": 110}, (110, 0)),
        (0, {"low": 90, "high": 120}, (95, 0)),
        (1, {"open": 94, "low": 94}, (94, 1)),
        (1, {"open": 112, "high": 112}, (112, 1)),
        (2, {"high": 110}, (110, 2)),
    ],
)
def test_the_reference_itself_stop_before_target_and_a_gap_at_its_open(
    bar: int, change: dict[str, int], expected: tuple[int, int]
) -> None:
    columns = [list(column) for column in COLUMNS]
    for name, price in change.items():
        columns[("open", "high", "low", "close").index(name)][bar] = price
    assert plain_exit(columns, target=110, stop=95) == expected


def test_the_grid_of_exits_equals_the_plain_reference_for_every_pair(store: BarStore) -> None:
    bars = traded_bars(store, DAYS)
    grid, _ = grid_run(bars)
    assert grid.prices.shape == (DAYS - 1, 20, 20)
    for number, columns in enumerate(bars.tolist()):
        entry = columns[0][0]
        for up in range(20):
            for down in range(20):
                target, stop = -(-entry * (401 + up) // 400), -(-entry * (399 - down) // 400)
                left = grid.prices[number, up, down], grid.bars[number, up, down]
                assert left == plain_exit(columns, target, stop)


@pytest.mark.parametrize(("up", "down"), [(0, 0), (19, 19), (7, 3), (2, 11)])
def test_the_grid_of_exits_equals_runs_of_the_engine(store: BarStore, up: int, down: int) -> None:
    _, results = grid_run(traded_bars(store, DAYS))
    strategy = GapTrade(target_pct=PERCENTAGES[up], stop_pct=PERCENTAGES[down])
    assert engine_result(store, DAYS, strategy) * 2000 == int(results[up, down])
