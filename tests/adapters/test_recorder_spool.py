"""A spool keeps every frame of the window, loses a second at most, and never gets in the way."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.recorder import Damage, FrameSpool, pending, read_spool, spool_name
from ninefifteen.adapters.recorder import spool as spool_module
from ninefifteen.adapters.recorder.format import (
    HEAD_BYTES,
    MOST_FRAME_BYTES,
    PREFIX_BYTES,
    STARTED,
    pack_header,
    prefix,
)
from ninefifteen.domain.instants import MILLISECOND, SECOND
from ninefifteen.errors import BadInput
from tests.adapters.recorder_days import BEGIN, DAY, END, frame, header, write
from tests.patience import PATIENCE_S


def frames_of(path: Path) -> list[bytes]:
    with read_spool(path) as contents:
        return [data for _, data in contents.frames()]


def test_frames_come_back_as_they_were_taken(tmp_path: Path) -> None:
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    taken = [(BEGIN + n * MILLISECOND, os.urandom(n + 1)) for n in range(300)]
    for received_at, data in taken:
        spool.take(received_at, data)
    spool.close()
    with read_spool(tmp_path / "day.spool") as contents:
        assert list(contents.frames()) == taken
        assert contents.header == header()
        assert (contents.damages, contents.torn_bytes) == ([], 0)


def test_only_the_window_is_kept(tmp_path: Path) -> None:
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    for received_at in (BEGIN - 1, BEGIN, END - 1, END, END + SECOND):
        spool.take(received_at, str(received_at).encode())
    spool.close()
    assert frames_of(tmp_path / "day.spool") == [str(BEGIN).encode(), str(END - 1).encode()]
    assert spool.frames == 2


def test_what_is_no_frame_is_left_out(tmp_path: Path) -> None:
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    spool.take(BEGIN, b"")
    spool.take(BEGIN, bytes(MOST_FRAME_BYTES + 1))
    spool.take(BEGIN, b"\0")
    spool.close()
    assert frames_of(tmp_path / "day.spool") == [b"\0"]


def test_a_second_of_frames_waits_in_memory_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "day.spool"
    spool = FrameSpool.open(path, header())
    for tenth in range(10):
        spool.take(BEGIN + tenth * SECOND // 10, b"x")
    assert frames_of(path) == []
    spool.take(BEGIN + SECOND, b"x")
    assert len(frames_of(path)) == 11
    spool.close()


def test_frames_after_a_clock_that_was_set_back_do_not_wait(tmp_path: Path) -> None:
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    spool.take(BEGIN + 5 * SECOND, b"x")
    spool.take(BEGIN, b"y")
    assert frames_of(tmp_path / "day.spool") == [b"x", b"y"]
    spool.close()


def test_a_burst_within_a_second_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "day.spool"
    spool = FrameSpool.open(path, header())
    before = path.stat().st_size
    for _ in range(40):
        spool.take(BEGIN, bytes(100_000))
    waiting = 40 * (100_000 + HEAD_BYTES) - (path.stat().st_size - before)
    assert waiting < 256 * 1024
    spool.close()
    assert len(frames_of(path)) == 40


def test_names_may_be_told_later(tmp_path: Path) -> None:
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    spool.take(BEGIN, b"x")
    spool.add_names({2: "TCS", 9: "RELIANCE26NOV1400CE"})
    spool.add_names({9: "RELIANCE26NOV1400CE"})
    spool.close()
    with read_spool(tmp_path / "day.spool") as contents:
        assert [data for _, data in contents.frames()] == [b"x"]
        assert contents.names == {1: "RELIANCE", 2: "TCS", 9: "RELIANCE26NOV1400CE"}


def test_a_day_that_was_stopped_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = write(tmp_path / "day.spool", 3)
    write(path, 2, first=BEGIN + 10 * SECOND, of=header(names={7: "INFY"}))
    assert len(frames_of(path)) == 5
    with read_spool(path) as contents:
        assert len(list(contents.frames())) == 5
        assert contents.names == {1: "RELIANCE", 2: "TCS", 7: "INFY"}


def test_what_a_stopped_run_had_half_written_is_torn_not_damaged(tmp_path: Path) -> None:
    path = write(tmp_path / "day.spool", 3)
    path.write_bytes(path.read_bytes()[:-5])
    write(path, 2, first=BEGIN + 10 * SECOND)
    with read_spool(path) as contents:
        assert len(list(contents.frames())) == 4
        assert contents.damages == []
        assert contents.torn_bytes == HEAD_BYTES + 8 - 5


def test_a_first_write_that_was_torn_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "day.spool"
    path.write_bytes(prefix()[:9])
    write(path, 2)
    assert len(frames_of(path)) == 2


def test_a_first_header_that_was_torn_does_not_lose_the_day(tmp_path: Path) -> None:
    path = tmp_path / "day.spool"
    path.write_bytes((prefix() + pack_header(header(), STARTED))[:60])
    write(path, 2)
    assert len(frames_of(path)) == 2


def test_a_cut_at_any_byte_loses_what_is_behind_it_and_no_more(tmp_path: Path) -> None:
    data = write(tmp_path / "day.spool", 5).read_bytes()
    record = HEAD_BYTES + 8
    start = len(data) - 5 * record
    path = tmp_path / "cut.spool"
    for cut in range(start, len(data)):
        path.write_bytes(data[:cut])
        with read_spool(path) as contents:
            assert len(list(contents.frames())) == (cut - start) // record
            assert contents.torn_bytes == (cut - start) % record
            assert contents.damages == []


def test_every_flipped_byte_is_found_and_costs_one_frame(tmp_path: Path) -> None:
    data = write(tmp_path / "day.spool", 5).read_bytes()
    record = HEAD_BYTES + 8
    start = len(data) - 5 * record
    path = tmp_path / "flipped.spool"
    for place in range(start, len(data) - record):
        flipped = bytearray(data)
        flipped[place] ^= 0x10
        path.write_bytes(flipped)
        with read_spool(path) as contents:
            assert len(list(contents.frames())) == 4
            whole = start + (place - start) // record * record
            assert contents.damages == [Damage(whole, record)]


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_garbage_behind_a_spool_is_never_an_error(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("g") / "day.spool", 2)
    with path.open("ab") as file:
        file.write(tail)
    assert len(frames_of(path)) == 2


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"PAR1 and so on and so on", "no spool"),
        (prefix(version=2), "format 2"),
        (prefix(), "no whole header"),
        (prefix() + pack_header(header(), STARTED)[:-1], "no whole header"),
    ],
)
def test_a_file_that_is_no_spool_is_one_clear_line(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "day.spool"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=word) as refusal:
        read_spool(path)
    assert "day.spool" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_spool_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_spool(tmp_path / "day.spool")


def test_a_header_of_a_later_program_is_one_clear_line(tmp_path: Path) -> None:
    from ninefifteen.adapters.recorder.format import pack

    path = tmp_path / "day.spool"
    path.write_bytes(prefix() + pack(STARTED, b'{"when":1}'))
    with pytest.raises(BadInput, match="update ninefifteen"):
        read_spool(path)


# ----------------------------------------------------------------------- what must not disturb trading


class _FullDisk(FileIO):
    """A file whose disk fills up after some bytes."""

    room = 0

    def write(self, data: object) -> int:
        taken = memoryview(data)[: _FullDisk.room]  # type: ignore[arg-type]
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _FullDisk.room -= len(taken)
        return super().write(taken)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_FullDisk]]:
    monkeypatch.setattr(spool_module, "FileIO", _FullDisk)
    yield _FullDisk
    _FullDisk.room = 0


def test_a_full_disk_ends_the_recording_with_one_line(tmp_path: Path, small_disk: type[_FullDisk]) -> None:
    small_disk.room = 1_000
    path = tmp_path / "day.spool"
    spool = FrameSpool.open(path, header())
    for n in range(100):
        spool.take(BEGIN + n * SECOND, bytes(99))
    spool.add_names({5: "X"})
    spool.close()
    assert spool.problem == (
        "day.spool cannot be written (No space left on device): the rest of the day is not recorded"
    )
    with read_spool(path) as contents:
        assert 1 <= len(list(contents.frames())) < 10
        assert contents.damages == []


def test_a_disk_that_is_full_from_the_start_is_one_line(tmp_path: Path, small_disk: type[_FullDisk]) -> None:
    assert small_disk.room == 0
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    spool.take(BEGIN, b"x")
    assert spool.problem is not None
    assert spool.frames == 0


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ticks").write_text("")
    spool = FrameSpool.open(tmp_path / "ticks" / "day.spool", header())
    spool.take(BEGIN, b"x")
    spool.close()
    assert spool.problem is not None
    assert "cannot be written" in spool.problem


def test_a_foreign_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "day.spool"
    path.write_bytes(b"something else, and more of it")
    spool = FrameSpool.open(path, header())
    spool.take(BEGIN, b"x")
    spool.close()
    assert "move it away" in (spool.problem or "")
    assert path.read_bytes() == b"something else, and more of it"


def test_a_feed_gone_mad_does_not_take_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "MOST_BYTES", 10_000)
    path = tmp_path / "day.spool"
    spool = FrameSpool.open(path, header())
    for n in range(200):
        spool.take(BEGIN + n * SECOND, bytes(1_000))
    assert path.stat().st_size <= 10_000
    assert "the rest of the day is not recorded" in (spool.problem or "")


def test_a_file_that_cannot_be_closed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stubborn(FileIO):
        def close(self) -> None:
            super().close()
            raise OSError(errno.EIO, "it is gone")

    monkeypatch.setattr(spool_module, "FileIO", Stubborn)
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    spool.close()
    spool.close()
    assert spool.problem == "day.spool may lack its end (it is gone)"


# ----------------------------------------------------------------------------------------- a real `kill -9`

WRITER = """
import sys
from pathlib import Path
from ninefifteen.adapters.recorder import FrameSpool
from ninefifteen.domain.instants import SECOND
from tests.adapters.recorder_days import BEGIN, frame, header

spool = FrameSpool.open(Path(sys.argv[1]), header())
for number in range(1200 * 50):  # fifty frames a second of received time
    spool.take(BEGIN + number * SECOND // 50, frame((1, number)))
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [30, 777, 5_000])
def test_a_killed_writer_loses_its_last_second_at_most(repository: Path, tmp_path: Path, after: int) -> None:
    path = tmp_path / "day.spool"
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=repository, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    last = 0
    for line in child.stdout:
        last = int(line)
        if last >= after:
            break
    child.send_signal(signal.SIGKILL)
    told = child.stdout.read().split("\n")  # what it had said before the signal reached it
    child.stdout.close()
    assert child.wait(PATIENCE_S) == -signal.SIGKILL
    last = max([last, *(int(number) for number in told[:-1] if number)])
    with read_spool(path) as contents:
        kept = [data for _, data in contents.frames()]
        assert contents.damages == []
    assert kept == [frame((1, number)) for number in range(len(kept))]
    assert len(kept) >= last - 50


def test_taking_a_frame_is_a_matter_of_microseconds(tmp_path: Path) -> None:
    """A thousand frames of 120 instruments in full mode, 22 kB each, in far less than their 17 minutes."""
    spool = FrameSpool.open(tmp_path / "day.spool", header())
    data = bytes(120 * 186)
    before = resource.getrusage(resource.RUSAGE_SELF)
    for n in range(1_000):
        spool.take(BEGIN + n * SECOND, data)
    after = resource.getrusage(resource.RUSAGE_SELF)
    spool.close()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0


def test_the_spools_of_stopped_days_wait_to_be_converted(tmp_path: Path) -> None:
    names = ["2026-11-20.spool", "2026-11-23.spool", "2026-11-23.rehearsal.spool"]
    for name in [*names, "2026-11-19.parquet", "2026-11-18.spool.damaged", "notes.spool"]:
        (tmp_path / name).touch()
    assert sorted(path.name for path in pending(tmp_path)) == sorted(names)
    assert [path.name for path in pending(tmp_path, besides=DAY)] == ["2026-11-20.spool"]
    assert pending(tmp_path / "missing") == ()


def test_a_rehearsal_is_marked_in_the_name() -> None:
    day = date(2026, 11, 23)
    assert spool_name(day, rehearsal=False) == "2026-11-23.spool"
    assert spool_name(day, rehearsal=True) == "2026-11-23.rehearsal.spool"
    assert PREFIX_BYTES == 16
