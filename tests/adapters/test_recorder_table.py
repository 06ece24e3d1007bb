"""The Parquet file of an opening: every row, exact numbers, whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ninefifteen.adapters.recorder import FrameSpool, read_spool
from ninefifteen.adapters.recorder import table as table_module
from ninefifteen.adapters.recorder.table import Decode, Written, notes_of, to_parquet
from ninefifteen.domain.instants import MILLISECOND, SECOND, to_datetime
from tests.adapters.recorder_days import BEGIN, Row, decode, frame, header, write


def convert(spool: Path, target: Path, how: Decode = decode, **notes: str) -> Written:
    with read_spool(spool) as contents:
        return to_parquet(contents, target, how, notes)


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def test_every_instrument_of_every_frame_is_a_row(tmp_path: Path) -> None:
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    spool.take(BEGIN, b"\0")
    spool.take(BEGIN + 5 * MILLISECOND, frame((1, 140_005), (2, 310_000)))
    spool.take(BEGIN + SECOND, frame((77, 4_500)))
    spool.close()
    written = convert(tmp_path / "day.spool", tmp_path / "day.parquet")
    assert written == Written(frames=3, rows=3)
    table = rows(tmp_path / "day.parquet")
    assert [(row["token"], row["symbol"], row["last"]) for row in table] == [
        (1, "RELIANCE", 140_005),
        (2, "TCS", 310_000),
        (77, None, 4_500),
    ]
    first = table[0]
    assert first["received_at"].to_pydatetime() == to_datetime(BEGIN + 5 * MILLISECOND)
    assert first["exchange_at"].to_pydatetime() == to_datetime(BEGIN)
    assert (first["bid_price_1"], first["bid_quantity_1"], first["bid_orders_1"]) == (10_000, 75, 1)
    assert (first["bid_price_2"], first["bid_quantity_2"], first["bid_orders_2"]) == (9_995, 150, 2)
    assert (first["ask_price_1"], first["ask_price_2"], first["bid_price_3"]) == (10_005, None, None)
    assert (first["volume"], first["oi"], first["average"], first["mode"]) == (7_500, 4_000, 10_050, "full")


def test_what_a_packet_does_not_tell_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "day.spool", 1)

    def short(_: bytes) -> Iterator[Row]:
        yield Row(1, 100, mode="ltp", volume=0, traded_at=0, exchange_at=0, bids=(), asks=())

    convert(tmp_path / "day.spool", tmp_path / "day.parquet", short)
    row = rows(tmp_path / "day.parquet")[0]
    empty = ("exchange_at", "traded_at", "bid_price_1", "ask_orders_5")
    assert {name: row[name] for name in empty} == dict.fromkeys(empty)
    assert (row["mode"], row["last"], row["volume"]) == ("ltp", 100, 0)


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    write(tmp_path / "day.spool", 1)
    convert(tmp_path / "day.spool", tmp_path / "day.parquet", date="2026-11-23", synthetic="true")
    assert notes_of(tmp_path / "day.parquet") == {"date": "2026-11-23", "synthetic": "true"}
    file = pq.ParquetFile(tmp_path / "day.parquet")
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert str(file.schema_arrow.field("received_at").type) == "timestamp[ns, tz=Asia/Kolkata]"
    assert str(file.schema_arrow.field("last").type) == "int64"


def test_rows_are_written_in_groups_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "_GROUP_ROWS", 100)
    write(tmp_path / "day.spool", 250)
    convert(tmp_path / "day.spool", tmp_path / "day.parquet")
    file = pq.ParquetFile(tmp_path / "day.parquet")
    groups = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert groups == [100, 100, 50]
    assert [row["last"] for row in rows(tmp_path / "day.parquet")] == list(range(100, 350))


def test_a_spool_without_rows_gives_no_file(tmp_path: Path) -> None:
    FrameSpool.open(tmp_path / "day.spool", header()).close()
    assert convert(tmp_path / "day.spool", tmp_path / "day.parquet") == Written(frames=0, rows=0)
    assert [path.name for path in tmp_path.iterdir()] == ["day.spool"]


def test_a_failure_on_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path / "day.spool", 5)

    def broken(data: bytes) -> Iterator[Row]:
        yield from decode(data)
        raise ValueError("a decoder that gives up")

    with pytest.raises(ValueError, match="gives up"):
        convert(tmp_path / "day.spool", tmp_path / "day.parquet", broken)
    assert [path.name for path in tmp_path.iterdir()] == ["day.spool"]


def test_a_file_that_does_not_read_back_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "day.spool", 5)
    monkeypatch.setattr(table_module, "_table", lambda group, names, full: full.empty_table())
    with pytest.raises(OSError, match="wrote 5 rows and read back 0"):
        convert(tmp_path / "day.spool", tmp_path / "day.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["day.spool"]
