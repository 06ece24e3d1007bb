"""What every journal promises, on our file: order, durability, one name a day, a clear no to bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from io import FileIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ninefifteen.adapters.journal import (
    FileJournal,
    JournalTail,
    effects_bytes,
    find_journal,
    journal_name,
    journals,
    read_journal,
    reader,
    set_aside,
    settings_of,
)
from ninefifteen.adapters.journal import record_file as disk
from ninefifteen.adapters.journal.records import pack, prefix
from ninefifteen.domain.effects import Alert, Note
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.ports.journal import Journal
from tests.adapters.journal_days import DAY, a_day, evening, header, morning, quote, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal" / journal_name(DAY, 7)


class Syncs:
    """Counts how often the disk was asked to keep something, and can be told to refuse."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.refuse = False
        monkeypatch.setattr(disk, "_sync", self)

    def __call__(self, handle: int) -> None:
        self.count += 1
        if self.refuse:
            raise OSError(5, "Input/output error")
        os.fsync(handle)


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> Syncs:
    return Syncs(monkeypatch)


def test_what_is_recorded_is_read_back_in_order(path: Path) -> None:
    steps = a_day(quotes=600)
    contents = read_journal(write(path, steps))
    assert [(step.event, step.effects) for step in contents.steps] == [(e, tuple(f)) for e, f in steps]
    assert [step.seq for step in contents.steps] == list(range(1, len(steps) + 1))
    assert contents.finished
    assert not contents.torn
    assert contents.valid_bytes == path.stat().st_size


def test_the_header_keeps_the_day_and_the_whole_settings(path: Path) -> None:
    contents = read_journal(write(path, ()))
    assert (contents.header.date, contents.header.synthetic, contents.header.seed) == (DAY, True, 7)
    assert settings_of(contents.header) == Settings()
    assert list(contents.steps) == []
    assert not contents.finished


def test_equal_effects_have_equal_bytes_after_a_round_trip(path: Path) -> None:
    steps = a_day()
    for step, (_, effects) in zip(read_journal(write(path, steps)).steps, steps, strict=True):
        assert effects_bytes(step.effects) == effects_bytes(effects)
    assert effects_bytes([Note("a", "b")]) != effects_bytes([Note("a", "c")])


def test_the_same_day_written_twice_is_the_same_file(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, a_day(quotes=300)) for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("index", [1, 3, 6, 8, 10, 12, 14], ids=str)
def test_requests_halts_and_the_end_are_on_disk_when_record_returns(
    path: Path, syncs: Syncs, index: int
) -> None:
    with FileJournal.create(path, header()) as journal:
        before = syncs.count
        journal.record(*a_day()[index])
        assert syncs.count == before + 1
        assert len(read_journal(path).steps) == 1


def test_other_steps_are_handed_to_the_system_without_waiting_for_the_disk(path: Path, syncs: Syncs) -> None:
    with FileJournal.create(path, header()) as journal:
        journal.record(*morning()[4])
        journal.record(quote(1), (Alert("P3", "odd"),))
        assert len(read_journal(path).steps) == 2
        assert syncs.count == 0


def test_routine_market_data_waits_for_256_steps_or_until_asked(path: Path, syncs: Syncs) -> None:
    with FileJournal.create(path, header()) as journal:
        seen = []
        for number in range(300):
            journal.record(quote(number), ())
            seen.append(len(read_journal(path).steps) if number in (254, 255, 299) else 0)
        assert (seen[254], seen[255], seen[299]) == (0, 256, 256)
        journal.flush()
        assert len(read_journal(path).steps) == journal.steps == 300
        assert syncs.count == 0


def test_a_request_takes_everything_before_it_to_the_disk(path: Path) -> None:
    with FileJournal.create(path, header()) as journal:
        for event, effects in (*((quote(n), ()) for n in range(100)), morning()[1]):
            journal.record(event, effects)
        assert len(read_journal(path).steps) == 101


def test_a_journal_is_preallocated_while_open_and_trimmed_when_closed(path: Path) -> None:
    journal = FileJournal.create(path, header())
    journal.record(quote(1), ())
    journal.flush()
    assert path.stat().st_size == disk.CHUNK
    journal.close()
    journal.close()
    assert path.stat().st_size == read_journal(path).valid_bytes < disk.CHUNK


def test_a_journal_longer_than_one_chunk_grows_by_whole_chunks(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "CHUNK", 8192)
    journal = FileJournal.create(path, header())
    for number in range(1000):
        journal.record(quote(number), ())
    journal.flush()
    assert path.stat().st_size % 8192 == 0
    journal.close()
    assert len(read_journal(path).steps) == 1000


@pytest.mark.parametrize("reason", ["absent", "refused"])
def test_a_system_that_cannot_preallocate_still_keeps_a_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    if reason == "absent":
        monkeypatch.delattr(os, "posix_fallocate")
    else:
        monkeypatch.setattr(os, "posix_fallocate", _refuse)
    assert len(read_journal(write(path, a_day(300))).steps) == len(a_day(300))


def _refuse(*_: int) -> None:
    raise OSError(95, "Operation not supported")


def test_going_on_continues_the_sequence_with_the_same_settings(path: Path) -> None:
    write(path, morning())
    journal, contents = FileJournal.reopen(path)
    assert len(contents.steps) == len(morning())
    with journal:
        for event, effects in evening():
            journal.record(event, effects)
    whole = read_journal(path)
    assert [(s.event, s.effects) for s in whole.steps] == [(e, tuple(f)) for e, f in a_day()]
    assert whole.header == contents.header


def test_a_second_journal_of_the_same_name_is_refused(path: Path) -> None:
    write(path, morning())
    before = path.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        FileJournal.create(path, header())
    assert path.read_bytes() == before


def test_a_full_disk_is_told_and_the_step_goes_out_when_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(FileIO):
        full = False

        def write(self, data: Any, /) -> int:
            if self.full:
                super().write(bytes(data)[:5])
                raise OSError(28, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(disk, "FileIO", Full)
    with FileJournal.create(path, header()) as journal:
        Full.full = True
        with pytest.raises(OSError, match="No space"):
            journal.record(*morning()[1])
        Full.full = False
        journal.record(*morning()[2])
    assert [s.event for s in read_journal(path).steps] == [morning()[1][0], morning()[2][0]]


def test_after_a_failed_sync_the_journal_takes_nothing_more(path: Path, syncs: Syncs) -> None:
    journal = FileJournal.create(path, header())
    syncs.refuse = True
    with pytest.raises(OSError, match="Input/output"):
        journal.record(*morning()[1])
    syncs.refuse = False
    with pytest.raises(OSError, match="failed to store"):
        journal.record(*morning()[1])
    for again in (journal.flush, journal.close):
        with pytest.raises(OSError, match="failed to store"):
            again()
    assert read_journal(path).header == header()


def test_a_follower_sees_each_step_once_as_it_appears(path: Path) -> None:
    with FileJournal.create(path, header()) as journal:
        tail = JournalTail(path)
        assert list(tail.more()) == []
        journal.record(*morning()[0])
        journal.record(*morning()[1])
        assert [step.seq for step in tail.more()] == [1, 2]
        journal.record(quote(1), ())
        assert list(tail.more()) == []
    assert [step.seq for step in tail.more()] == [3]
    assert list(tail.more()) == []
    assert (tail.steps, tail.offset) == (3, path.stat().st_size)


def test_a_follower_reads_in_chunks_and_copes_with_a_step_larger_than_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_CHUNK", 2048)
    with FileJournal.create(path, header()) as journal:
        tail = JournalTail(path)
        for event, effects in ((quote(1), (Note("long", "x" * 9000),)), *a_day(quotes=100)):
            journal.record(event, effects)
        journal.flush()
        assert [step.seq for step in tail.more()] == list(range(1, journal.steps + 1))
        assert list(tail.more()) == []
    assert list(tail.more()) == []
    assert tail.offset == path.stat().st_size


def test_steps_are_a_sequence_that_decodes_what_is_asked_for(path: Path) -> None:
    steps = read_journal(write(path, a_day())).steps
    assert [steps[-1], steps[0]] == [list(steps)[-1], next(iter(steps))]
    assert steps[2:5] == [steps[2], steps[3], steps[4]]
    with pytest.raises(IndexError):
        steps[len(steps)]


def test_names_tell_the_day_the_seed_and_the_run(tmp_path: Path) -> None:
    assert journal_name(DAY) == "2026-11-23.journal"
    old = write(tmp_path / journal_name(DAY, 7), a_day())
    assert set_aside(old).name == "2026-11-23.synthetic-7.run-1.journal"
    assert set_aside(write(old, a_day())).name == "2026-11-23.synthetic-7.run-2.journal"
    write(old, a_day())
    write(tmp_path / journal_name(DAY), a_day())
    (tmp_path / "2026-11-23.journal.new").touch()
    assert [path.name for path in journals(tmp_path)] == [
        "2026-11-23.journal",
        "2026-11-23.synthetic-7.run-1.journal",
        "2026-11-23.synthetic-7.run-2.journal",
        "2026-11-23.synthetic-7.journal",
    ]
    assert journals(tmp_path / "nowhere") == []


def test_the_journal_of_a_real_day_is_never_moved(tmp_path: Path) -> None:
    path = write(tmp_path / journal_name(DAY), a_day())
    with pytest.raises(BadInput, match="stays where it is"):
        set_aside(path)
    assert path.exists()


def test_a_day_is_found_by_its_date_the_real_one_first(tmp_path: Path) -> None:
    assert find_journal(tmp_path, DAY) is None
    seven = write(tmp_path / journal_name(DAY, 7), ())
    set_aside(write(tmp_path / journal_name(DAY, 8), ()))
    assert find_journal(tmp_path, DAY) == find_journal(tmp_path, DAY, 7) == seven
    assert find_journal(tmp_path, DAY, 8) is None
    assert find_journal(tmp_path, date(2026, 11, 24)) is None
    write(tmp_path / journal_name(DAY, 9), ())
    with pytest.raises(BadInput, match=r"--seed.*synthetic-7.*synthetic-9"):
        find_journal(tmp_path, DAY)
    real = write(tmp_path / journal_name(DAY), ())
    assert find_journal(tmp_path, DAY) == real


def test_a_real_day_at_the_broker_has_a_name_of_its_own_and_goes_before_the_one_on_paper(
    tmp_path: Path,
) -> None:
    assert journal_name(DAY, live=True) == "2026-11-23.live.journal"
    live = write(tmp_path / journal_name(DAY, live=True), a_day())
    assert find_journal(tmp_path, DAY) == live
    paper = write(tmp_path / journal_name(DAY), a_day())
    assert find_journal(tmp_path, DAY) == live
    assert find_journal(tmp_path, DAY, 7) is None
    write(tmp_path / journal_name(DAY, 7, rehearsal=True, live=True), a_day())
    for not_one in ("2026-11-23.run-1.journal", "2026-11-23.live.run-1.journal", "2026-11-23.live-7.journal"):
        (tmp_path / not_one).touch()
    assert journals(tmp_path) == [paper, live, tmp_path / "2026-11-23.rehearsal-7.live.journal"]
    with pytest.raises(BadInput, match="stays where it is"):
        set_aside(live)


def _alien(payload: bytes) -> bytes:
    return prefix() + pack(msgspec.json.encode(header()), held=True) + pack(payload, held=False)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a journal"),
        (b"date,price\n2026-11-23,1\n", "not a journal"),
        (prefix(), "damaged in its header"),
        (prefix(2) + b"whatever comes then", "newer program.*format 2.*update"),
        (prefix() + pack(b'{"program":1}', held=True), "header cannot be read.*update"),
        (_alien(b'{"seq":1,"event":{"type":"auction","at":5}}'), "step 1 .*'auction'.*update"),
        (_alien(b'{"seq":1,"event":{"type":"end_of_data","at":5},"effects":[{"type":"pray"}]}'), "'pray'"),
        (_alien(b'{"seq":2,"event":{"type":"end_of_data","at":5}}'), "step 2 stands where step 1 belongs"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_and_left_alone(
    tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / journal_name(DAY, 7)
    path.write_bytes(data)
    for use in (read_journal, FileJournal.reopen):
        with pytest.raises(BadInput, match=words) as caught:
            use(path)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == data


def test_a_missing_journal_is_a_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_journal(tmp_path / "no.journal")


def test_our_journal_is_a_journal_and_loads_no_database_library(path: Path) -> None:
    journal: Journal = FileJournal.create(path, header())
    journal.close()
    code = (
        "import sys, ninefifteen.adapters.journal as j; print(sorted(m for m in sys.modules if 'sql' in m))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
