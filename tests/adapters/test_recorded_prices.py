"""What a subscription brings: the observations that count, in time order, and the bar of a bhavcopy day."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.domain.events import Bar, Chains, EndOfData, LastPrice
from tests.adapters.recorded_folders import (
    CALL,
    EXPIRY,
    LATER,
    MONDAY,
    SCAN,
    TUESDAY,
    Row,
    chains,
    clock_of,
    events,
    feed,
    listed,
    moment,
    opened,
    ordinary,
    prices,
    read,
    snapshot,
    write,
)

# --- observations, E1


def test_only_trades_of_the_session_count_as_observations(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:29:00"),
        *snapshot(TUESDAY, "09:14:59", ltp=1.0),
        *snapshot(TUESDAY, "09:15:00", ltp=2.0),
        *snapshot(TUESDAY, "09:16:00", ltp=3.0, volume=0),
        *snapshot(TUESDAY, "09:17:00", ltp=0.0),
        *snapshot(TUESDAY, "09:18:00", ltp=4.0, volume=None),
        *snapshot(TUESDAY, "09:19:00", strikes=(105.0,), ltp=9.0),
        *snapshot(TUESDAY, "15:30:00", ltp=5.0),
        *snapshot(TUESDAY, "15:30:01", ltp=6.0),
    ]
    day = feed(chains(ordinary(tmp_path), rows[::-1]))
    assert prices(day) == [("09:15:00", 200), ("09:18:00", 400), ("15:30:00", 500)]


def test_a_stale_snapshot_counts_for_nothing(tmp_path: Path) -> None:
    rows = [
        *snapshot(MONDAY, "15:29:00", oi=5),
        *snapshot(MONDAY, "15:31:00", oi=6),
        *snapshot(TUESDAY, "09:16:00", strikes=(90.0, 100.0)),
        *snapshot(TUESDAY, "09:17:00"),
        *snapshot(TUESDAY, "09:18:00"),
    ]
    folder = chains(ordinary(tmp_path), rows)
    marks = {"09:16:00": True, "09:17:00": False, "09:18:00": True}
    index = [{"ts": snapshot(TUESDAY, clock)[0]["ts"], "stale": stale} for clock, stale in marks.items()]
    index.append({"ts": snapshot(MONDAY, "15:31:00")[0]["ts"], "stale": True})
    write(folder / "options_intraday" / "snapshot_index.parquet", index)
    day = feed(folder)
    day.ask_chains(SCAN, ("AAA",), EXPIRY)
    answer = events(day)[0]
    assert isinstance(answer, Chains)
    assert (answer.chains[0].call_oi, [row.strike for row in answer.chains[0].calls]) == (5, [10000])
    assert prices(day) == [("09:17:00", 400)]


def test_a_day_of_stale_snapshots_only_is_no_day_of_snapshots(tmp_path: Path) -> None:
    folder = chains(ordinary(tmp_path), snapshot(TUESDAY, "09:16:00"))
    index = [{"ts": snapshot(TUESDAY, "09:16:00")[0]["ts"], "stale": True}]
    write(folder / "options_intraday" / "snapshot_index.parquet", index)
    assert opened(folder).price_source(TUESDAY) is None


def test_only_what_is_subscribed_to_comes_and_each_contract_once(tmp_path: Path) -> None:
    day = feed(ordinary(tmp_path))
    other = f"AAA {EXPIRY} 105 CE"
    day.subscribe(SCAN, (CALL,))
    day.subscribe(SCAN, (CALL, other))
    found = [(event.name, clock_of(event.at)) for event in events(day) if isinstance(event, LastPrice)]
    assert found == [(CALL, "09:16:00"), (other, "09:16:00"), (CALL, "09:40:00"), (other, "09:40:00")]


def test_a_late_subscription_does_not_look_back(tmp_path: Path) -> None:
    day = feed(ordinary(tmp_path))
    day.subscribe(moment(TUESDAY, "09:20:00"), (CALL,))
    found, end = events(day)
    assert isinstance(found, LastPrice)
    assert clock_of(found.at) == "09:40:00"
    assert isinstance(end, EndOfData)
    assert end.at == found.at + 1


def test_a_contract_without_rows_ends_at_once(tmp_path: Path) -> None:
    day = feed(ordinary(tmp_path))
    day.subscribe(SCAN, (f"BBB {EXPIRY} 200 CE",))
    (end,) = events(day)
    assert isinstance(end, EndOfData)
    assert end.at == moment(TUESDAY, "09:15:00") + 1


@pytest.mark.parametrize(
    "name", ["AAA", "AAA 2026-01-27 100 PE", "AAA 2026-01-27 x CE", "AAA soon 100 CE", "AAA 1 2 3 CE"]
)
def test_a_name_that_is_no_label_of_a_recorded_call_is_a_mistake(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the label of a recorded call"):
        feed(ordinary(tmp_path)).subscribe(SCAN, (name,))


def test_another_expiry_than_the_traded_one_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the traded expiry of 2026-01-06 is 2026-01-27"):
        feed(ordinary(tmp_path)).ask_chains(SCAN, ("AAA",), LATER)


# --- bhavcopy, E3, X4 and O3


def bhavcopy(folder: Path, rows: list[Row]) -> Path:
    ordinary(folder)
    (folder / "options_intraday" / "stock_chain_x.parquet").unlink()
    write(folder / "fo_bhavcopy" / "any.parquet", rows)
    return folder


def test_a_bhavcopy_day_is_its_open_at_the_bell_and_one_bar_at_the_exit(tmp_path: Path) -> None:
    day = feed(bhavcopy(tmp_path, [listed(MONDAY), listed(TUESDAY, prices=(4.05, 6.1, 2.95, 5.0))]))
    day.subscribe(SCAN, (CALL,))
    bell, exit_at = moment(TUESDAY, "09:15:00"), moment(TUESDAY, "15:15:00")
    assert events(day) == [
        LastPrice(at=bell, name=CALL, price=405),
        Bar(at=exit_at, name=CALL, open=405, high=610, low=295, close=500, opening=True),
        EndOfData(at=exit_at + 1),
    ]


@pytest.mark.parametrize(
    "row",
    [
        listed(TUESDAY, volume=0),
        listed(TUESDAY, prices=(0.0, 0.0, 0.0, 4.5)),
        listed(TUESDAY, strike=110.0),
        listed(TUESDAY, right="PE"),
        listed(TUESDAY, "BBB"),
    ],
)
def test_a_contract_that_did_not_trade_gives_no_price(tmp_path: Path, row: Row) -> None:
    day = feed(bhavcopy(tmp_path, [listed(MONDAY), row]))
    day.subscribe(SCAN, (CALL,))
    assert [type(event) for event in events(day)] == [EndOfData]


def test_the_bhavcopy_counts_volume_in_lots_and_names_the_lot(tmp_path: Path) -> None:
    rows = [
        listed(MONDAY, oi=900, volume=3, lot_size=40),
        listed(MONDAY, strike=105.0, volume=0, lot_size=None),
        listed(MONDAY, strike=110.0, volume=2, lot_size=None),
        listed(MONDAY, right="PE", oi=500),
        listed(MONDAY, kind="STF", strike=None, right=None, oi=7777),
        listed(MONDAY, kind="IDO", oi=8888),
        *(listed(TUESDAY, strike=strike, lot_size=40) for strike in (110.0, 100.0, 105.0)),
        listed(TUESDAY, strike=95.0, right="PE", lot_size=40),
    ]
    chain = read(bhavcopy(tmp_path, rows)).chain("AAA")
    assert (chain.lot_size, chain.tick) == (40, 5)
    assert [(row.strike, row.oi, row.volume, row.price) for row in chain.calls] == [
        (10000, 900, 120, 450),
        (10500, 1000, 0, 450),
        (11000, 1000, None, 450),
    ]
    assert (chain.call_oi, chain.put_oi) == (2900, 500)


def _report(row: Row, contracts: int) -> Row:
    return {name: value for name, value in row.items() if name != "lot_size"} | {"contracts": contracts}


def test_the_op_report_counts_volume_in_units_and_its_contracts_give_the_lot(tmp_path: Path) -> None:
    rows = [
        _report(listed(MONDAY, kind="OPTSTK", volume=120), 3),
        _report(listed(TUESDAY, kind="OPTSTK", volume=80), 2),
    ]
    chain = read(bhavcopy(tmp_path, rows)).chain("AAA")
    assert (chain.lot_size, chain.calls[0].volume, chain.put_oi) == (40, 120, 0)


def test_an_op_report_that_does_not_divide_leaves_the_lot_to_the_instrument_file(tmp_path: Path) -> None:
    rows = [
        _report(listed(MONDAY, kind="OPTSTK", volume=120), 3),
        _report(listed(TUESDAY, kind="OPTSTK", volume=81), 2),
    ]
    assert read(bhavcopy(tmp_path, rows)).chain("AAA").lot_size == 50


def test_a_bhavcopy_day_without_the_day_before_has_no_previous_open_interest(tmp_path: Path) -> None:
    assert read(bhavcopy(tmp_path, [listed(TUESDAY)])).unusable == "no_previous_oi"
    assert not read(tmp_path).no_opening_snapshot
