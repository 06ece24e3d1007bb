"""Spools become Parquet files in a process of their own, and are deleted only when that is sure."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ninefifteen import __version__
from ninefifteen.adapters.recorder import FrameSpool, SpoolHeader
from ninefifteen.adapters.recorder.table import notes_of
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput
from ninefifteen.wiring.recording import Finished, convert_pending, finish, main
from tests.adapters.recorder_days import BEGIN, DAY, header

OPTION = 9_000 << 8 | 2


def full(token: int, last: int, exchange_at: int) -> bytes:
    """One packet of Kite's full mode, 184 bytes: a book of one level on either side."""
    seconds = exchange_at // SECOND
    bids = (75, last - 5, 3 << 16, *([0] * 12))
    asks = (150, last + 5, 1 << 16, *([0] * 12))
    plain = (token, last, 75, last, 1_500, 300, 450, last, last, last, last, seconds, 9_000, 0, 0, seconds)
    return struct.pack(">46I", *plain, *bids, *asks)


def frame(*packets: bytes) -> bytes:
    """These packets as Kite puts them into one frame."""
    return struct.pack(">H", len(packets)) + b"".join(struct.pack(">H", len(one)) + one for one in packets)


def spool(path: Path, seconds: int = 3, *, first: int = 0, of: SpoolHeader | None = None) -> Path:
    """A spool with a frame of two instruments each second, and a heartbeat behind every one."""
    writer = FrameSpool.open(path, of or header(names={OPTION: "RELIANCE26NOV1400CE"}))
    for second in range(first, first + seconds):
        at = BEGIN + second * SECOND
        ltp = struct.pack(">II", 738_561, 140_000 + second)
        writer.take(at, frame(full(OPTION, 4_500 + 5 * second, at), ltp))
        writer.take(at + SECOND // 2, b"\0")
    writer.close()
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_spool_becomes_a_file_of_the_day(tmp_path: Path) -> None:
    done = finish(spool(tmp_path / "2026-11-23.spool"))
    target = tmp_path / "2026-11-23.parquet"
    assert done == Finished(target, 6, 6, "2026-11-23.parquet: 6 rows of 6 frames")
    assert names(tmp_path) == ["2026-11-23.parquet"]
    option, share = rows(target)[:2]
    assert (option["symbol"], option["last"], option["mode"]) == ("RELIANCE26NOV1400CE", 4_500, "full")
    assert (option["bid_price_1"], option["bid_quantity_1"], option["bid_orders_1"]) == (4_495, 75, 3)
    assert (option["ask_price_1"], option["ask_quantity_1"], option["ask_price_5"]) == (4_505, 150, 0)
    assert option["exchange_at"] == option["received_at"]
    assert (option["oi"], option["volume"], option["bought"], option["sold"]) == (9_000, 1_500, 300, 450)
    assert (share["token"], share["symbol"], share["mode"], share["last"]) == (738_561, None, "ltp", 140_000)
    assert (share["bid_price_1"], share["exchange_at"]) == (None, None)


@pytest.mark.parametrize(("synthetic", "rehearsal"), [(True, False), (False, True), (True, True)])
def test_what_is_not_a_real_day_is_marked_in_name_and_file(
    tmp_path: Path, *, synthetic: bool, rehearsal: bool
) -> None:
    done = finish(spool(tmp_path / "x.spool", of=header(synthetic=synthetic, rehearsal=rehearsal)))
    assert done.target == tmp_path / "2026-11-23.rehearsal.parquet"
    notes = notes_of(done.target)
    notes.pop("spool")
    assert notes == {
        "date": "2026-11-23",
        "source": "zerodha",
        "synthetic": str(synthetic).lower(),
        "rehearsal": str(rehearsal).lower(),
        "program": __version__,
    }


def test_a_second_recording_of_a_day_overwrites_nothing(tmp_path: Path) -> None:
    finish(spool(tmp_path / "2026-11-23.spool", 3))
    done = finish(spool(tmp_path / "2026-11-23.spool", 5, first=60))
    assert done.target == tmp_path / "2026-11-23.2.parquet"
    assert len(rows(tmp_path / "2026-11-23.parquet")) == 6
    assert len(rows(tmp_path / "2026-11-23.2.parquet")) == 10


def test_a_spool_that_was_converted_but_not_deleted_is_only_deleted(tmp_path: Path) -> None:
    path = spool(tmp_path / "2026-11-23.spool")
    data = path.read_bytes()
    finish(path)
    path.write_bytes(data)
    assert finish(path) == Finished(None, 0, 0, "2026-11-23.spool: converted before")
    assert names(tmp_path) == ["2026-11-23.parquet"]


def test_a_foreign_file_of_the_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23.parquet").write_text("mine")
    finish(spool(tmp_path / "2026-11-23.spool"))
    assert names(tmp_path) == ["2026-11-23.2.parquet", "2026-11-23.parquet"]
    assert (tmp_path / "2026-11-23.parquet").read_text() == "mine"


def test_a_day_without_prices_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-23.spool"
    writer = FrameSpool.open(path, header())
    writer.take(BEGIN, b"\0")
    writer.close()
    assert finish(path).note == "2026-11-23.spool: no prices in 1 frames"
    assert names(tmp_path) == []


def test_a_damaged_spool_gives_what_is_readable_and_is_kept(tmp_path: Path) -> None:
    path = spool(tmp_path / "2026-11-23.spool", 10)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    done = finish(path)
    assert done.rows in (18, 20)  # the damaged record was a frame of two, or a heartbeat
    assert "unreadable, it is kept" in done.note
    assert names(tmp_path) == ["2026-11-23.parquet", "2026-11-23.spool.damaged"]


def test_a_frame_the_decoder_cannot_read_is_not_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-23.spool"
    writer = FrameSpool.open(path, header())
    writer.take(BEGIN, frame(full(OPTION, 4_500, BEGIN), bytes(97)))
    writer.close()
    assert "0 bytes and 1 packets" in finish(path).note
    assert names(tmp_path) == ["2026-11-23.parquet", "2026-11-23.spool.damaged"]


def test_an_unfinished_last_write_is_told(tmp_path: Path) -> None:
    path = spool(tmp_path / "2026-11-23.spool")
    path.write_bytes(path.read_bytes()[:-1])
    assert finish(path).note.endswith("6 rows of 5 frames; an unfinished last write of 16 bytes is lost")
    assert names(tmp_path) == ["2026-11-23.parquet"]


def test_what_a_stopped_conversion_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".2026-11-23.parquet.abc.part").write_bytes(b"half")
    finish(spool(tmp_path / "2026-11-23.spool"))
    assert names(tmp_path) == ["2026-11-23.parquet"]


# -------------------------------------------------------------------------------------------- the process


def test_several_spools_are_told_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = spool(tmp_path / "2026-11-23.spool")
    (tmp_path / "2026-11-20.spool").write_bytes(b"something else than a spool")
    assert main([str(tmp_path / "2026-11-20.spool"), str(good), str(tmp_path / "2026-11-19.spool")]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "2026-11-20.spool is no spool, or its first bytes are damaged: move it away",
        "2026-11-23.parquet: 6 rows of 6 frames",
        "2026-11-19.spool cannot be read: No such file or directory",
    ]


def test_a_disk_that_is_full_keeps_the_spool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "ParquetWriter", full_disk)
    path = spool(tmp_path / "2026-11-23.spool")
    assert main([str(path)]) == 1
    assert capsys.readouterr().out == (
        "2026-11-23.spool cannot be converted (No space left on device); it stays and is tried again\n"
    )
    assert names(tmp_path) == ["2026-11-23.spool"]


def test_the_spools_of_earlier_days_are_converted_beside(tmp_path: Path) -> None:
    spool(tmp_path / "2026-11-23.spool")
    spool(tmp_path / "2026-11-24.spool")
    told = asyncio.run(convert_pending(tmp_path, besides=DAY.replace(day=24)))
    assert told == ("2026-11-23.parquet: 6 rows of 6 frames",)
    assert names(tmp_path) == ["2026-11-23.parquet", "2026-11-24.spool"]


def test_nothing_to_convert_starts_no_process(tmp_path: Path) -> None:
    assert asyncio.run(convert_pending(tmp_path / "missing")) == ()


def test_a_daemon_that_ends_ends_the_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spool(tmp_path / "2026-11-23.spool")
    started = tmp_path / "process"
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\necho $$ > {started}.new && mv {started}.new {started}\nexec sleep 60\n")
    slow.chmod(0o700)

    async def ended() -> None:
        task = asyncio.create_task(convert_pending(tmp_path))
        while not started.exists():  # noqa: ASYNC110 - another process says it
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(slow))
        asyncio.run(ended())
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert path.exists()
    assert asyncio.run(convert_pending(tmp_path)) == ("2026-11-23.parquet: 6 rows of 6 frames",)


def test_a_recording_that_was_killed_is_converted_by_the_next_start(repository: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom tests.wiring.test_recording import *\n"
        "writer = FrameSpool.open(Path(sys.argv[1]), header())\n"
        "for tenth in range(605):\n"
        "    writer.take(BEGIN + tenth * SECOND // 10, frame(full(OPTION, 4_500 + tenth, BEGIN)))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "2026-11-23.spool"
    child = subprocess.run([sys.executable, "-c", program, str(path)], cwd=repository, check=False)
    assert child.returncode == -signal.SIGKILL
    asyncio.run(convert_pending(tmp_path))
    kept = [row["last"] for row in rows(tmp_path / "2026-11-23.parquet")]
    assert kept == list(range(4_500, 4_500 + len(kept)))
    assert len(kept) >= 595
    assert names(tmp_path) == ["2026-11-23.parquet"]


def test_writing_and_reading_a_spool_loads_no_table_library() -> None:
    program = "import sys, ninefifteen.adapters.recorder; print('pyarrow' in sys.modules)"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "False"


def test_a_spool_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        finish(tmp_path / "2026-11-23.spool")


def test_the_process_gives_way_to_the_engine(tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom ninefifteen.wiring.recording import main\nmain(sys.argv[1:]); print(os.nice(0))"
    )
    path = spool(tmp_path / "2026-11-23.spool")
    child = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert int(child.stdout.splitlines()[-1]) == min(os.nice(0) + 10, 19)
