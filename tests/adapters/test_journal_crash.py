"""A journal after a power cut, on a disk without room, or of somebody else: the right steps, or one line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.journal import (
    FileJournal,
    Step,
    account_mark,
    check_belongs,
    journal_name,
    read_journal,
)
from ninefifteen.adapters.journal import record_file as disk
from ninefifteen.adapters.journal.records import PREFIX_BYTES, record_at
from ninefifteen.errors import BadInput
from tests.adapters.journal_days import DAY, Steps, a_day, evening, header, morning, quote, write

SECTOR = 512
LAST = 4096


class Images:
    """A journal that is being written: what its file held, and how much of it the disk had, at each sync."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.before: list[tuple[bytes, bytes, int]] = []
        """For each sync, just before it: what the disk had for certain, the file, acknowledged steps."""
        self._certain = b""
        self._steps = 0
        monkeypatch.setattr(disk, "_sync", self._sync)

    def _sync(self, handle: int) -> None:
        del handle
        now = self.path.read_bytes().rstrip(b"\0")
        self.before.append((self._certain, now, self._steps))
        self._certain = now

    def take(self, steps: Steps) -> list[Step]:
        """Write these steps as the line does; returns them as a reader sees them."""
        journal = FileJournal.create(self.path, header())
        self._certain = self.path.read_bytes()
        for event, effects in steps:
            if journal.write(event, effects):
                journal.make_durable()
                self._steps = journal.steps
        journal.close()
        return list(read_journal(self.path).steps)


def noisy_day() -> Steps:
    """A day with 40 quotes before every step, so that several sectors wait for each sync."""
    return [step for one in a_day() for step in (*((quote(n), ()) for n in range(40)), one)]


@settings(max_examples=60, deadline=None)
@given(choices=st.lists(st.booleans(), min_size=64, max_size=64), which=st.integers(0, 1 << 20))
def test_a_power_cut_that_keeps_any_of_the_unsynced_sectors_never_refuses_and_loses_nothing_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, choices: list[bool], which: int
) -> None:
    """Until a sync returns, a disk may have stored any part of what was written, in any order."""
    folder = tmp_path_factory.mktemp("power")
    with pytest.MonkeyPatch.context() as patch:
        images = Images(folder / journal_name(DAY, 7), patch)
        steps = images.take(noisy_day())
    certain, written, acknowledged = images.before[which % len(images.before)]
    left = bytearray(certain.ljust(len(written), b"\0"))
    first = len(certain) // SECTOR
    for number in range(first, len(written) // SECTOR + 1):
        if choices[number % len(choices)]:
            place = number * SECTOR
            left[place : place + SECTOR] = written[place : place + SECTOR]
    found = folder / "after.journal"
    found.write_bytes(bytes(left) + bytes(LAST))
    contents = read_journal(found)
    assert list(contents.steps) == steps[: len(contents.steps)]
    assert len(contents.steps) >= acknowledged


def test_a_step_written_while_the_disk_is_still_busy_claims_nothing_of_it(tmp_path: Path) -> None:
    """An exit does not wait for a slow disk: what comes behind it must not prove it durable."""
    path = tmp_path / journal_name(DAY, 7)
    journal = FileJournal.create(path, header())
    journal.record(quote(1), ())
    assert journal.write(*morning()[1])
    begin = len(path.read_bytes().rstrip(b"\0"))
    journal.write(*morning()[2])
    hole = bytearray(path.read_bytes())
    hole[begin - 100 : begin] = bytes(100)
    journal.make_durable()
    journal.close()
    after = tmp_path / "after.journal"
    after.write_bytes(hole)
    contents = read_journal(after)
    assert (len(contents.steps), contents.torn) == (1, True)


def test_a_write_torn_at_any_byte_of_the_last_4_kb_goes_on_from_the_whole_steps_before(
    tmp_path: Path,
) -> None:
    """As `kill -9` and a power cut leave it: cut off in the middle of the preallocated zeros."""
    whole = write(tmp_path / "whole.journal", a_day(quotes=20))
    data, steps, edges = whole.read_bytes(), list(read_journal(whole).steps), edges_of(whole)
    path = tmp_path / journal_name(DAY, 7)
    for cut in range(max(len(data) - LAST, edges[1]), len(data), 7):
        path.write_bytes(data[:cut] + bytes(LAST))
        journal, contents = FileJournal.reopen(path)
        kept = len(contents.steps)
        assert kept == sum(edge <= cut for edge in edges[2:-1])
        journal.record(quote(cut), ())
        journal.close()
        again = read_journal(path)
        assert list(again.steps) == [*steps[:kept], Step(kept + 1, quote(cut), ())]
        assert not again.torn


def edges_of(path: Path) -> list[int]:
    """Where the records of a whole journal begin, and its end."""
    data, found = path.read_bytes(), [PREFIX_BYTES]
    while (record := record_at(data, found[-1])) is not None:
        found.append(record.end)
    return found


def flipped(data: bytes, edges: list[int]) -> bytes:
    return data[: edges[4] + 12] + bytes([data[edges[4] + 12] ^ 0x10]) + data[edges[4] + 13 :]


def zeroed(data: bytes, edges: list[int]) -> bytes:
    """A block that a disk lost: the sector in which the fourth step begins."""
    place = edges[4] // SECTOR * SECTOR
    return data[:place] + bytes(SECTOR) + data[place + SECTOR :]


def swapped(data: bytes, edges: list[int]) -> bytes:
    one, two, behind = edges[4:7]
    return data[:one] + data[two:behind] + data[one:two] + data[behind:]


def doubled(data: bytes, edges: list[int]) -> bytes:
    return data[: edges[5]] + data[edges[4] :]


def dropped(data: bytes, edges: list[int]) -> bytes:
    return data[: edges[4]] + data[edges[5] :]


def overwritten(data: bytes, edges: list[int]) -> bytes:
    return data[: edges[4]] + b"<html>" * 20 + data[edges[4] + 120 :]


@pytest.mark.parametrize("damage", [flipped, zeroed, swapped, doubled, dropped, overwritten])
def test_damage_in_the_middle_refuses_to_start_and_says_where_and_what_to_do(
    tmp_path: Path, damage: Callable[[bytes, list[int]], bytes]
) -> None:
    whole = write(tmp_path / journal_name(DAY, 7), a_day(quotes=20))
    damaged = damage(whole.read_bytes(), edges_of(whole))
    whole.write_bytes(damaged)
    for use in (read_journal, FileJournal.reopen):
        with pytest.raises(BadInput) as caught:
            use(whole)
        told = str(caught.value)
        assert told.startswith(f"{whole}: ")
        assert "step" in told
        assert told.endswith("restore the file from a backup, or move it away and start the day without it")
        assert "\n" not in told
    assert whole.read_bytes() == damaged


def test_garbage_behind_the_zeros_is_dropped_and_said_unless_it_proves_a_loss(tmp_path: Path) -> None:
    """A disk may store the end of an unfinished write before its beginning; a held record there is proof."""
    stopped = tmp_path / journal_name(DAY, 7)
    data = write(stopped, morning()).read_bytes()
    stopped.write_bytes(data + bytes(LAST) + b"\xa5" * 700)
    contents = read_journal(stopped)
    assert (len(contents.steps), contents.torn) == (len(morning()), True)
    later = write(tmp_path / "later.journal", a_day())
    behind = later.read_bytes()[edges_of(later)[len(morning()) + 1] :]
    stopped.write_bytes(data + bytes(LAST) + behind)
    with pytest.raises(BadInput, match=f"damaged at byte {len(data)}, behind step {len(morning())}"):
        read_journal(stopped)


NO_ROOM = """
import resource, sys
from pathlib import Path
from ninefifteen.adapters.journal import FileJournal
from tests.adapters.journal_days import header, morning, quote

path, room = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
journal, acknowledged, refused = FileJournal.create(path, header()), 0, 0
while not refused:
    try:
        journal.record(quote(acknowledged), ())
        journal.record(*morning()[1])
    except OSError as error:
        refused = error.errno
    else:
        acknowledged = journal.steps
(path.parent / "full").write_bytes(path.read_bytes())
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.record(*morning()[2])
journal.close()
print(refused, acknowledged, journal.steps)
"""


@pytest.mark.skipif(os.name != "posix", reason="the size of files cannot be limited here")
@pytest.mark.parametrize("beyond", [0, 1, 40, 1000])
def test_a_disk_full_at_growth_is_one_error_and_nothing_half_written_is_believed(
    tmp_path: Path, repository: Path, beyond: int
) -> None:
    """The system allows one chunk and a little more: the file can neither be preallocated nor written on."""
    path = tmp_path / journal_name(DAY, 7)
    command = [sys.executable, "-c", NO_ROOM, str(path), str(disk.CHUNK + beyond)]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=repository, check=False)
    assert answer.returncode == 0, answer.stderr
    error, acknowledged, steps = map(int, answer.stdout.split())
    assert error > 0
    full = read_journal(tmp_path / "full").steps
    assert acknowledged <= len(full) <= acknowledged + 2
    assert full[acknowledged - 1].effects == tuple(morning()[1][1])
    whole = read_journal(path)
    assert (len(whole.steps), whole.torn) == (steps, False)
    assert whole.steps[-1].event == morning()[2][0]


def test_after_a_sync_that_failed_beside_the_line_no_later_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system reports a failed write once; whoever asks again must not hear that all is well."""
    journal = FileJournal.create(tmp_path / journal_name(DAY, 7), header())
    asked = []

    def fails_once(handle: int) -> None:
        asked.append(handle)
        if len(asked) == 1:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "_sync", fails_once)
    assert journal.write(*morning()[1])
    assert journal.write(*morning()[3])
    with pytest.raises(OSError, match="Input/output"):
        journal.make_durable()
    with pytest.raises(OSError, match="failed to store"):
        journal.make_durable()
    assert len(asked) == 1
    with pytest.raises(OSError, match="failed to store"):
        journal.close()


def test_the_journal_of_another_day_home_or_account_is_one_clear_line(tmp_path: Path) -> None:
    mine, other = account_mark("zerodha", "AB1234"), account_mark("zerodha", "ZZ9999")
    assert mine != other
    assert "AB1234" not in mine
    path = tmp_path / journal_name(DAY)
    real = read_journal(write(path, evening(None), header(None, account=mine))).header
    check_belongs(path, real, day=DAY, rehearsal=False, account=mine)
    check_belongs(path, real, day=DAY, rehearsal=False)
    check_belongs(path, header(None), day=DAY, rehearsal=False, account=mine)
    for words, asked in (
        ("holds the day 2026-11-23, not 2026-11-24", (date(2026, 11, 24), False, mine)),
        ("written in a real home, and this is a rehearsal home", (DAY, True, mine)),
        (f"belongs to the account {mine}, and {other} is logged in", (DAY, False, other)),
    ):
        day, rehearsal, account = asked
        with pytest.raises(BadInput, match=words) as caught:
            check_belongs(path, real, day=day, rehearsal=rehearsal, account=account)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(str(path))
