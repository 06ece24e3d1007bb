"""A recorded day says what the rules "On recorded data" of the strategy say, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.domain.events import Chains, NoData, PreOpen
from ninefifteen.domain.market import PreOpenRow
from tests.adapters.recorded_folders import (
    CALL,
    EXPIRY,
    LATER,
    MONDAY,
    SCAN,
    TUESDAY,
    WEDNESDAY,
    Row,
    chains,
    events,
    feed,
    kite,
    listed,
    moment,
    opened,
    ordinary,
    prices,
    read,
    shares,
    snapshot,
    upstox,
    write,
)

# --- days, D3 and D4


def test_a_day_with_snapshots_is_priced_by_them_even_where_a_bhavcopy_exists(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    write(folder / "fo_bhavcopy" / "any.parquet", [listed(TUESDAY), listed(WEDNESDAY)])
    recorded = opened(folder)
    assert [recorded.price_source(day) for day in (TUESDAY, WEDNESDAY)] == ["last", "bhavcopy"]
    assert recorded.price_source(LATER) is None
    assert recorded.option_days() == [MONDAY, TUESDAY, WEDNESDAY]


def test_an_ordinary_day_answers_with_prices_chains_and_observations(tmp_path: Path) -> None:
    day = feed(ordinary(tmp_path))
    day.ask_pre_open(SCAN)
    day.ask_chains(SCAN, ("BBB", "AAA"), EXPIRY)
    day.subscribe_stocks(SCAN)
    pre_open, answer = events(day)
    assert isinstance(pre_open, PreOpen)
    assert (pre_open.at, pre_open.final) == (SCAN, True)
    assert pre_open.exchange_at == moment(TUESDAY, "09:08:45")
    assert pre_open.rows == (PreOpenRow("AAA", 10125, 10000), PreOpenRow("BBB", 20100, 20100))
    assert isinstance(answer, Chains)
    assert [chain.symbol for chain in answer.chains] == ["BBB", "AAA"]
    assert prices(day) == [("09:16:00", 450), ("09:40:00", 500)]


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ("cash_bhavcopy", "no_pre_open"),
        ("options_intraday", "no_option_prices"),
        ("both", "no_pre_open"),
    ],
)
def test_a_day_without_a_whole_set_has_the_first_reason_that_holds(
    tmp_path: Path, gone: str, reason: str
) -> None:
    folder = ordinary(tmp_path)
    write(folder / "fo_bhavcopy" / "any.parquet", [listed(WEDNESDAY)])
    for name in ("cash_bhavcopy", "options_intraday") if gone == "both" else (gone,):
        for file in (folder / name).iterdir():
            file.unlink()
    day = feed(folder)
    day.ask_pre_open(SCAN)
    assert events(day) == [NoData(at=SCAN, reason=reason, fatal=True)]
    day.ask_chains(SCAN, ("AAA",), EXPIRY)
    assert events(day) == [NoData(at=SCAN, reason=reason, fatal=True)]


def test_a_day_whose_members_have_no_row_of_the_traded_expiry_is_refused(tmp_path: Path) -> None:
    """The nearer expiry is never used instead, and a stock outside the index does not help."""
    folder = ordinary(tmp_path)
    both = [
        *snapshot(MONDAY, "15:29:00"),
        *snapshot(TUESDAY, "09:16:00", expiry=LATER),
        *snapshot(TUESDAY, "09:16:00", "OUTSIDER"),
    ]
    assert read(chains(folder, both)).unusable == "no_chain_for_expiry"


def test_a_day_without_yesterdays_open_interest_is_refused(tmp_path: Path) -> None:
    """A snapshot at or after 09:15 never serves as yesterday's (O2)."""
    rows = [*snapshot(MONDAY, "15:29:00", expiry=LATER), *snapshot(TUESDAY, "09:15:00")]
    assert read(chains(ordinary(tmp_path), rows)).unusable == "no_previous_oi"


def test_only_the_previous_trading_day_counts_as_yesterday(tmp_path: Path) -> None:
    friday = MONDAY.replace(day=2)
    rows = [*snapshot(friday, "15:29:00"), *snapshot(TUESDAY, "09:16:00")]
    assert read(chains(ordinary(tmp_path), rows)).unusable == "no_previous_oi"


def test_a_day_that_opens_after_the_last_entry_gives_its_candidates_but_no_prices(tmp_path: Path) -> None:
    rows = [*snapshot(MONDAY, "15:29:00"), *snapshot(TUESDAY, "09:10:00"), *snapshot(TUESDAY, "09:30:01")]
    day = feed(chains(ordinary(tmp_path), rows))
    day.ask_chains(SCAN, ("AAA",), EXPIRY)
    day.subscribe(SCAN, (CALL,))
    refusal, answer = events(day)
    assert refusal == NoData(at=SCAN, reason="no_opening_snapshot", fatal=False)
    assert isinstance(answer, Chains)
    assert [row.strike for row in answer.chains[0].calls] == [10000]


def test_any_member_and_any_expiry_makes_the_first_snapshot_of_the_day(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:29:00"),
        *snapshot(TUESDAY, "09:30:00", "BBB", expiry=LATER),
        *snapshot(TUESDAY, "10:00:00"),
    ]
    day = feed(chains(ordinary(tmp_path), rows))
    assert prices(day) == [("10:00:00", 400)]


# --- ranking, K1 and K2


def test_a_member_without_a_price_is_left_out_and_others_stay(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    write(
        folder / "cash_bhavcopy" / "any.parquet",
        shares(TUESDAY, AAA=(100.0, None), BBB=(201.07, 202.13), CCC=(1.0, 2.0), DDD=(0.0, 5.0)),
    )
    assert read(folder, members=("AAA", "BBB", "DDD")).pre_open() == (PreOpenRow("BBB", 20213, 20107),)


def test_a_final_capture_stands_in_for_a_missing_bhavcopy_by_its_session_date(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    write(folder / "cash_bhavcopy" / "any.parquet", shares(MONDAY, AAA=(99.0, 100.0)))
    capture = {"captured_at": None, "symbol": "AAA", "prev_close": 100.0}
    write(
        folder / "preopen" / "any.parquet",
        [
            {"date": TUESDAY, "iep": 90.0, "is_final": False} | capture,
            {"date": TUESDAY, "iep": 103.05, "is_final": True} | capture,
            {"date": WEDNESDAY, "iep": 104.0, "is_final": False} | capture,
        ],
    )
    assert read(folder).pre_open() == (PreOpenRow("AAA", 10305, 10000),)
    assert read(folder, WEDNESDAY).pre_open() == ()


def test_the_bhavcopy_goes_before_a_capture(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    capture = {"date": TUESDAY, "symbol": "AAA", "prev_close": 1.0, "iep": 2.0, "is_final": True}
    write(folder / "preopen" / "any.parquet", [capture])
    assert read(folder).pre_open()[0] == PreOpenRow("AAA", 10125, 10000)


# --- contract, C2 and C3


def test_the_listed_strikes_are_those_of_the_stocks_first_snapshot_after_the_open(tmp_path: Path) -> None:
    chain = read(ordinary(tmp_path)).chain("AAA")
    assert [(row.strike, row.name) for row in chain.calls] == [
        (10000, f"AAA {EXPIRY} 100 CE"),
        (10500, f"AAA {EXPIRY} 105 CE"),
    ]
    assert (chain.expiry, chain.lot_size, chain.tick) == (EXPIRY, 50, 5)


def test_a_stock_without_any_row_has_no_contract_and_no_ratio(tmp_path: Path) -> None:
    chain = read(ordinary(tmp_path)).chain("BBB")
    assert (chain.calls, chain.call_oi, chain.put_oi) == ((), None, None)


def test_a_stock_with_yesterdays_figures_only_keeps_yesterdays_strikes(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:29:00", "BBB"),
        *snapshot(TUESDAY, "09:14:00", "BBB"),
        *snapshot(TUESDAY, "09:16:00"),
    ]
    chain = read(chains(ordinary(tmp_path), rows)).chain("BBB")
    assert [row.strike for row in chain.calls] == [10000]
    assert (chain.call_oi, chain.put_oi) == (1000, 800)


def test_a_stock_whose_lot_size_nothing_tells_cannot_be_traded(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    write(folder / "instruments" / "upstox_x.parquet", [upstox("BBB")])
    reading = read(folder)
    assert (reading.chain("AAA").calls, reading.chain("AAA").call_oi) == ((), 4000)
    assert reading.without_lot_size() == ("AAA",)
    assert reading.absent() == ("BBB",)


@pytest.mark.parametrize(
    ("rows", "lot", "tick"),
    [
        ([upstox(lot=75, tick=1)], 75, 1),
        ([kite(lot=75, tick=0.01)], 75, 1),
        ([kite(lot=75, tick=0.0)], 75, 5),
        ([upstox(expiry=MONDAY.replace(month=2), lot=60)], 0, 5),
        ([upstox(expiry=MONDAY, lot=60), upstox(expiry=TUESDAY, lot=70, tick=1)], 70, 1),
        ([upstox(expiry=LATER, lot=60), upstox(expiry=TUESDAY, lot=70)], 70, 5),
        ([upstox(expiry=LATER, lot=60), upstox(expiry=EXPIRY, lot=80)], 80, 5),
    ],
)
def test_lot_and_tick_come_from_the_same_expiry_or_the_latest_earlier_one(
    tmp_path: Path, rows: list[Row], lot: int, tick: int
) -> None:
    folder = ordinary(tmp_path)
    write(folder / "instruments" / "upstox_x.parquet", rows)
    chain = read(folder).chain("AAA")
    assert (chain.lot_size, chain.tick) == (lot, tick)


def test_an_instrument_file_of_shares_only_tells_nothing(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    share = upstox() | {"instrument_type": "EQ", "expiry": None}
    write(folder / "instruments" / "upstox_x.parquet", [share])
    assert (read(folder).chain("AAA").lot_size, read(folder).chain("AAA").tick) == (0, 5)


def test_a_split_after_the_instrument_file_corrects_the_lot(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    rows = [upstox("KOTAKBANK", lot=400), upstox("NIFTY", TUESDAY, lot=65)]
    write(folder / "instruments" / "upstox_x.parquet", rows)
    instruments = opened(folder).files.instruments
    assert instruments.terms(TUESDAY, "KOTAKBANK", EXPIRY).lot_size == 400
    date_of_split = TUESDAY.replace(day=14)
    assert instruments.terms(date_of_split, "KOTAKBANK", EXPIRY).lot_size == 2000
    later = [upstox("KOTAKBANK", lot=2000), upstox("NIFTY", date_of_split, lot=65)]
    write(folder / "instruments" / "upstox_x.parquet", later)
    instruments = opened(folder).files.instruments
    assert instruments.terms(date_of_split, "KOTAKBANK", EXPIRY).lot_size == 2000
    assert instruments.terms(TUESDAY, "KOTAKBANK", EXPIRY).lot_size == 400


def test_of_two_instrument_files_the_one_taken_nearer_the_day_tells(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    old, near = upstox("NIFTY", MONDAY.replace(year=2025)), upstox("NIFTY", MONDAY)
    write(folder / "instruments" / "a.parquet", [old, upstox(lot=40)])
    write(folder / "instruments" / "b.parquet", [near, upstox(lot=60)])
    (folder / "instruments" / "upstox_x.parquet").unlink()
    assert read(folder).chain("AAA").lot_size == 60


# --- yesterday's figures, O1 to O3


def test_yesterdays_figures_are_the_last_snapshot_of_the_stock(tmp_path: Path) -> None:
    chain = read(ordinary(tmp_path)).chain("AAA")
    first, second = chain.calls
    assert (first.oi, first.volume, first.price) == (2000, 700, 400)
    assert (second.oi, second.volume, second.price) == (2000, 700, 400)
    assert (chain.call_oi, chain.put_oi) == (4000, 3000)


def test_a_strike_listed_today_without_a_row_yesterday_is_unknown(tmp_path: Path) -> None:
    rows = [*snapshot(MONDAY, "15:29:00"), *snapshot(TUESDAY, "09:16:00", strikes=(100.0, 102.5))]
    _, new = read(chains(ordinary(tmp_path), rows)).chain("AAA").calls
    assert (new.strike, new.oi, new.volume, new.price) == (10250, None, None, 0)


def test_snapshots_after_15_40_59_are_not_yesterdays_close(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:40:59", oi=10),
        *snapshot(MONDAY, "15:41:00", oi=99),
        *snapshot(TUESDAY, "09:16:00"),
    ]
    assert read(chains(ordinary(tmp_path), rows)).chain("AAA").call_oi == 10


def test_each_stock_has_its_own_last_snapshot(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:17:00", "BBB", oi=7),
        *snapshot(MONDAY, "15:35:00", oi=9),
        *snapshot(TUESDAY, "09:16:00"),
        *snapshot(TUESDAY, "09:17:00", "BBB"),
    ]
    reading = read(chains(ordinary(tmp_path), rows))
    assert [reading.chain(symbol).call_oi for symbol in ("AAA", "BBB")] == [9, 7]


def test_when_yesterday_lacks_the_expiry_the_last_snapshot_before_the_open_tells(tmp_path: Path) -> None:
    """Its open interest is yesterday's; its volume column counts as unknown (O2)."""
    rows = [
        *snapshot(MONDAY, "15:29:00", expiry=MONDAY),
        *snapshot(TUESDAY, "09:02:00", oi=5),
        *snapshot(TUESDAY, "09:13:00", oi=6, volume=0, ltp=3.0),
        *snapshot(TUESDAY, "09:16:00", oi=8),
    ]
    chain = read(chains(ordinary(tmp_path), rows)).chain("AAA")
    assert (chain.calls[0].oi, chain.calls[0].volume, chain.calls[0].price) == (6, None, 300)
    assert (chain.call_oi, chain.put_oi) == (6, 800)


def test_missing_quantities_are_unknown_and_add_nothing(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:29:00", strikes=(100.0,), oi=None, volume=None, puts=None),
        *snapshot(MONDAY, "15:29:00", strikes=(105.0,), oi=30),
        *snapshot(TUESDAY, "09:16:00", strikes=(100.0, 105.0)),
    ]
    chain = read(chains(ordinary(tmp_path), rows)).chain("AAA")
    assert [(row.oi, row.volume) for row in chain.calls] == [(None, None), (30, 500)]
    assert (chain.call_oi, chain.put_oi) == (30, 800)


def test_a_snapshot_day_can_take_yesterday_from_the_bhavcopy(tmp_path: Path) -> None:
    folder = chains(ordinary(tmp_path), snapshot(TUESDAY, "09:16:00"))
    rows = [listed(MONDAY, oi=70, volume=4), listed(MONDAY, right="PE", oi=60), listed(MONDAY, strike=90.0)]
    write(folder / "fo_bhavcopy" / "any.parquet", rows)
    chain = read(folder).chain("AAA")
    assert (chain.calls[0].oi, chain.calls[0].volume, chain.calls[0].price) == (70, 200, 450)
    assert (chain.call_oi, chain.put_oi) == (1070, 60)
