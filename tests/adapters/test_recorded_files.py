"""A folder that cannot be used is refused in one line that names the file; a good one is read sparingly."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ninefifteen.adapters.recorded.files import DatedFiles
from ninefifteen.adapters.recorded.parquet import ParquetSource
from ninefifteen.adapters.recorded.table import DayTable, TableBuilder, day_number, day_of_number
from ninefifteen.errors import BadInput
from tests.adapters.recorded_folders import (
    EXPIRY,
    MONDAY,
    TUESDAY,
    Row,
    kite,
    listed,
    moment,
    opened,
    ordinary,
    read,
    shares,
    snapshot,
    write,
)


def refusal(folder: Path) -> str:
    """The one line with which the folder is refused, be it on opening or on reading Tuesday."""
    with pytest.raises(BadInput) as refused:
        _everything(folder)
    text = str(refused.value)
    assert "\n" not in text
    return text


def _everything(folder: Path) -> None:
    reading = read(folder)
    assert reading.unusable is None
    reading.chain("AAA")


# --- bad input


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone") == f"{tmp_path}/gone: no such folder of recorded data"
    file = tmp_path / "file"
    file.touch()
    assert "no such folder" in refusal(file)


def test_a_folder_of_another_layout_is_refused_with_the_names_that_are_missed(tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    assert "none of cash_bhavcopy/, fo_bhavcopy/" in refusal(tmp_path)
    (tmp_path / "universe").mkdir()
    assert "no recorded prices: no Parquet file in cash_bhavcopy/" in refusal(tmp_path)


FILES = [
    "cash_bhavcopy/any.parquet",
    "options_intraday/stock_chain_x.parquet",
    "options_intraday/snapshot_index.parquet",
    "instruments/upstox_x.parquet",
    "preopen/any.parquet",
    "fo_bhavcopy/any.parquet",
]


def _full(folder: Path) -> Path:
    ordinary(folder)
    ts = snapshot(TUESDAY, "15:00:00")[0]["ts"]
    write(folder / "options_intraday" / "snapshot_index.parquet", [{"ts": ts, "stale": True}])
    capture = {"date": TUESDAY, "symbol": "AAA", "prev_close": 1.0, "iep": 2.0, "is_final": True}
    write(folder / "preopen" / "any.parquet", [capture])
    write(folder / "fo_bhavcopy" / "any.parquet", [listed(MONDAY)])
    return folder


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = _full(tmp_path) / name
    assert read(tmp_path).unusable is None
    path.write_bytes(path.read_bytes()[:-20])
    assert f"{path}: not a readable Parquet file, cut short or damaged" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"date,symbol\n2026-01-06,AAA\n" * 9])
def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = ordinary(tmp_path) / "cash_bhavcopy" / "any.parquet"
    path.write_bytes(content)
    assert f"{path}: not a readable Parquet file" in refusal(tmp_path)


def test_damage_inside_a_file_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = ordinary(tmp_path) / "options_intraday" / "stock_chain_x.parquet"
    content = bytearray(path.read_bytes())
    content[4:300] = b"\xff" * 296
    path.write_bytes(bytes(content))
    assert f"{path}: not a readable Parquet file" in refusal(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_no_flipped_bytes_end_in_anything_but_an_answer_or_a_refusal(tmp_path: Path, name: str) -> None:
    """Seeded: 150 damaged copies of each file; Parquet without checksums may hide a changed figure."""
    path = _full(tmp_path) / name
    good, chance = path.read_bytes(), random.Random(915)
    told = [_answer_to(tmp_path, path, _damaged(good, chance)) for _ in range(150)]
    refusals = [text for text in told if text is not None]
    assert len(refusals) > 50
    assert not any("\n" in text for text in refusals)


def _damaged(good: bytes, chance: random.Random) -> bytes:
    content = bytearray(good)
    for _ in range(chance.choice((1, 2, 5))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def _answer_to(folder: Path, path: Path, content: bytes) -> str | None:
    path.write_bytes(content)
    try:
        reading = read(folder)
        if reading.unusable is None:
            reading.chain("AAA")
    except BadInput as error:
        return str(error)
    return None


def test_text_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = ordinary(tmp_path) / "instruments" / "upstox_x.parquet"
    table = pq.read_table(path)
    broken = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(np.array([0, 1, 2], dtype=np.int32)), pa.py_buffer(b"\xff\xfe")]
    )
    pq.write_table(table.set_column(0, "underlying_symbol", broken), path)
    assert f"{path}: not a readable Parquet file" in refusal(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_column_is_named_with_the_columns_that_are_there(tmp_path: Path, name: str) -> None:
    path = _full(tmp_path) / name
    table = pq.read_table(path)
    dropped = {"snapshot_index.parquet": "stale", "upstox_x.parquet": "lot_size", "any.parquet": "date"}
    column = dropped.get(path.name, "expiry")
    pq.write_table(table.drop_columns([column]), path)
    text = refusal(tmp_path)
    assert f"the column {column!r} is missing (there are: " in text
    assert text.startswith(f"{path}: no ")


@pytest.mark.parametrize(
    ("column", "type_", "wanted"),
    [
        ("ts", pa.timestamp("us"), "times with a time zone"),
        ("symbol", pa.int64(), "text"),
        ("expiry", pa.timestamp("us"), "dates"),
        ("ce_ltp", pa.large_string(), "numbers"),
        ("ce_oi", pa.large_string(), "numbers"),
    ],
)
def test_a_column_of_another_type_is_refused(tmp_path: Path, column: str, type_: object, wanted: str) -> None:
    path = ordinary(tmp_path) / "options_intraday" / "stock_chain_x.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index(column)
    pq.write_table(table.set_column(place, column, pa.nulls(len(table), type_)), path)
    assert refusal(tmp_path) == (
        f"{path}: no option chain file: the column {column!r} holds {type_}, wanted are {wanted}"
    )


@pytest.mark.parametrize("price", [-4.0, 3e7, float("inf")])
def test_a_number_that_is_no_price_is_refused(tmp_path: Path, price: float) -> None:
    path = ordinary(tmp_path) / "options_intraday" / "stock_chain_x.parquet"
    write(path, [*snapshot(MONDAY, "15:29:00"), *snapshot(TUESDAY, "09:16:00", ltp=price)])
    assert f"{path}: the column 'ce_ltp' holds" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"day,name\n", "no list of members: the header must name as_of and symbol"),
        (b"as_of,symbol\n2026-01-01,AAA\nsoon,BBB\n", "line 3: "),
        (b"as_of,symbol\n2026-01-01,\xff\n", "cannot be read"),
    ],
)
def test_a_list_of_members_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = ordinary(tmp_path) / "universe" / "members.csv"
    path.parent.mkdir()
    path.write_bytes(content)
    text = refusal(tmp_path)
    assert text.startswith(str(path))
    assert problem in text


def test_a_list_of_members_that_is_not_fifty_is_refused_when_it_is_asked(tmp_path: Path) -> None:
    path = ordinary(tmp_path) / "universe" / "members.csv"
    path.parent.mkdir()
    path.write_text("as_of,symbol\n2026-01-06,AAA\n2026-01-06,AAA\n2026-01-06,BBB\n")
    with pytest.raises(BadInput, match="comes to 2 members"):
        opened(tmp_path).universe(TUESDAY)


def test_a_split_that_leaves_no_whole_lot_is_refused(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    rows = [kite("KOTAKBANK", lot=401), kite("NIFTY", TUESDAY.replace(day=20), lot=65)]
    write(folder / "instruments" / "upstox_x.parquet", rows)
    with pytest.raises(BadInput, match="the lot of KOTAKBANK, 401 on 2026-01-20"):
        opened(folder).files.instruments.terms(TUESDAY, "KOTAKBANK", EXPIRY)


# --- layout


def test_without_lists_of_its_own_the_folder_uses_the_packaged_members(tmp_path: Path) -> None:
    assert len(opened(ordinary(tmp_path)).universe(TUESDAY)) == 50


def test_a_list_in_the_folder_goes_before_the_packaged_one(tmp_path: Path) -> None:
    path = ordinary(tmp_path) / "universe" / "members.csv"
    path.parent.mkdir()
    fifty = [f"S{number:02d}" for number in range(50)]
    path.write_text("as_of,symbol\n" + "".join(f"2026-01-06,{symbol}\n" for symbol in fifty))
    assert opened(tmp_path).universe(TUESDAY) == tuple(fifty)


def test_any_single_set_makes_a_folder_and_unknown_files_are_left_alone(tmp_path: Path) -> None:
    folder = ordinary(tmp_path / "some")
    write(folder / "options_intraday" / "underlying.parquet", [{"symbol": "AAA", "ltp": 1.0}])
    write(folder / "preopen" / "raw.parquet", [{"date": TUESDAY, "symbol": "AAA", "iep": 1.0}])
    unused = opened(folder).layout.unused
    assert [(path.name, why.split(":")[0]) for path, why in unused] == [
        ("underlying.parquet", "neither option chains nor an index of snapshots"),
        ("raw.parquet", "no column is_final"),
    ]
    only = write(tmp_path / "only" / "cash_bhavcopy" / "x.parquet", shares(TUESDAY, AAA=(1.0, 2.0)))
    assert opened(only.parent.parent).option_days() == []


def test_files_are_told_by_their_columns_not_by_their_names(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    intraday = folder / "options_intraday"
    (intraday / "stock_chain_x.parquet").rename(intraday / "january.parquet")
    ts = snapshot(TUESDAY, "09:16:00")[0]["ts"]
    write(intraday / "marks.parquet", [{"ts": ts, "stale": True}])
    reading = read(folder)
    assert reading.observations("AAA", EXPIRY, 10000) == [(moment(TUESDAY, "09:40:00"), 500)]


def _as_float(table: pa.Table, name: str) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, table[name].cast(pa.float64()))


def _as_dictionary(table: pa.Table, name: str) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, table[name].dictionary_encode())


def _as_utc_ms(table: pa.Table, name: str) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, table[name].cast(pa.timestamp("ms", tz="UTC")))


@pytest.mark.parametrize(
    ("column", "change"), [("ce_volume", _as_float), ("symbol", _as_dictionary), ("ts", _as_utc_ms)]
)
def test_other_ways_to_store_the_same_values_read_the_same(
    tmp_path: Path, column: str, change: Callable[[pa.Table, str], pa.Table]
) -> None:
    path = ordinary(tmp_path) / "options_intraday" / "stock_chain_x.parquet"
    before = read(tmp_path).chain("AAA"), read(tmp_path).observations("AAA", EXPIRY, 10000)
    pq.write_table(change(pq.read_table(path), column), path)
    assert (read(tmp_path).chain("AAA"), read(tmp_path).observations("AAA", EXPIRY, 10000)) == before


# --- reading


def test_a_day_in_two_files_is_read_from_both(tmp_path: Path) -> None:
    folder = ordinary(tmp_path)
    more = snapshot(TUESDAY, "09:20:00", ltp=4.75)
    write(folder / "options_intraday" / "stock_chain_y.parquet", more)
    found = [price for _, price in read(folder).observations("AAA", EXPIRY, 10000)]
    assert found == [450, 475, 500]


def test_rows_in_any_order_read_the_same(tmp_path: Path) -> None:
    path = ordinary(tmp_path) / "options_intraday" / "stock_chain_x.parquet"
    before = read(tmp_path).chain("AAA"), read(tmp_path).observations("AAA", EXPIRY, 10000)
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path)
    assert (read(tmp_path).chain("AAA"), read(tmp_path).observations("AAA", EXPIRY, 10000)) == before


def test_a_file_is_decoded_once_and_again_only_for_new_members(tmp_path: Path) -> None:
    folder = opened(ordinary(tmp_path))
    rows = pq.read_metadata(tmp_path / "options_intraday" / "stock_chain_x.parquet").num_rows
    chains = folder.files.chains
    assert folder.rows_read == 0
    chains.prepare((day_number(TUESDAY),), ("AAA",))
    chains.prepare((day_number(MONDAY), day_number(TUESDAY)), ("AAA",))
    assert folder.rows_read == rows
    chains.prepare((day_number(TUESDAY),), ("AAA", "BBB"))
    assert folder.rows_read == 2 * rows
    chains.prepare((day_number(TUESDAY),), ("BBB",))
    assert folder.rows_read == 2 * rows


def test_files_whose_days_have_passed_are_let_go(tmp_path: Path) -> None:
    rows: list[Row] = []
    for day in (MONDAY, TUESDAY):
        rows = shares(day, AAA=(1.0, 2.0))
        write(tmp_path / "cash_bhavcopy" / f"{day}.parquet", rows)
    cash = opened(tmp_path).files.cash
    cash.prepare((day_number(MONDAY), day_number(TUESDAY)), ("AAA",))
    assert len(list(cash.tables())) == 2
    cash.prepare((day_number(TUESDAY),), ("AAA",))
    assert [source.path.stem for source, _ in cash.tables()] == [str(TUESDAY)]
    assert _opens(cash, MONDAY) is None
    cash.prepare((day_number(MONDAY),), ("AAA",))
    assert _opens(cash, MONDAY) == [200]


def _opens(cash: DatedFiles, day: date) -> list[int] | None:
    rows = cash.rows(day_number(day), "AAA")
    return None if rows is None else [int(price) for price in rows["open"]]


def test_large_files_are_read_in_several_batches(tmp_path: Path) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(7)]
    rows = [
        row for day in days for row in shares(day, **{f"S{n:05d}": (1.0, 2.0 + n) for n in range(10_000)})
    ]
    path = write(tmp_path / "cash_bhavcopy" / "x.parquet", rows)
    source = ParquetSource(path)
    assert len([len(batch) for batch in source.batches({"symbol": "text"})]) > 1
    cash = opened(tmp_path).files.cash
    cash.prepare((day_number(days[-1]),), ("S00003", "S09999"))
    rows_of = cash.rows(day_number(days[-1]), "S09999")
    assert rows_of is not None
    assert rows_of["open"].tolist() == [1_000_100]


def test_a_table_finds_rows_by_day_symbol_and_expiry() -> None:
    builder = TableBuilder()
    codes = builder.codes(("AAA", "BBB"))
    days, symbols = np.array([2, 1, 1, 1]), codes[[0, 1, 0, 0]]
    builder.add(DayTable.key(days, symbols, np.array([5, 5, 6, 5])), {"price": np.array([1, 2, 3, 4])})
    table = builder.table()

    def found(day: int, symbol: str, expiry: int) -> list[int] | None:
        rows = table.rows(day, symbol, expiry)
        return None if rows is None else rows["price"].tolist()

    assert [found(1, "AAA", 5), found(1, "AAA", 6), found(2, "AAA", 5)] == [[4], [3], [1]]
    assert [found(1, "AAA", 7), found(3, "AAA", 5), found(1, "CCC", 5)] == [None, None, None]
    both, none = table.all_expiries(1, "AAA"), table.all_expiries(1, "CCC")
    assert both is not None
    assert (both["price"].tolist(), none, table.all_expiries(2, "BBB")) == ([4, 3], None, None)


def test_a_table_counts_rows_that_repeat_a_key() -> None:
    key = DayTable.key(np.array([1, 1, 1, 2]), np.array([0, 0, 0, 0]), 5)
    table = DayTable(("AAA",), key, {"strike": np.array([10, 20, 10, 10])})
    assert (table.repeated(("strike",)), table.repeated(())) == (1, 2)
    assert TableBuilder().table().repeated(()) == 0


def test_days_and_numbers_are_the_same_thing() -> None:
    assert day_number(date(1970, 1, 2)) == 1
    assert day_of_number(day_number(TUESDAY)) == TUESDAY
