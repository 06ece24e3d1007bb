"""A journal after an accident: what was acknowledged is there, or one line says that it is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.journal import FileJournal, JournalContents, Step, journal_name, read_journal
from ninefifteen.adapters.journal.records import CLOSING, HEAD_BYTES, PREFIX_BYTES, record_at
from ninefifteen.errors import BadInput
from tests.adapters.journal_days import DAY, a_day, evening, header, morning, quote, write

ROUNDS = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished day, closed as it should be."""
    return write(tmp_path_factory.mktemp("whole") / journal_name(DAY, 7), a_day(quotes=20))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day as `kill -9` leaves it: preallocated, not closed, routine data behind the last request."""
    path = tmp_path_factory.mktemp("stopped") / journal_name(DAY, 7)
    journal = FileJournal.create(path, header())
    for event, effects in (*morning(), *((quote(n), ()) for n in range(30))):
        journal.record(event, effects)
    journal.flush()
    data = path.read_bytes()
    journal.close()
    path.write_bytes(data.rstrip(b"\0") + bytes(600))  # the zeros of 1 MB would only make the tests slow
    return path


def starts(path: Path) -> list[int]:
    """Where the records of a whole journal begin, and its end."""
    data, found = path.read_bytes(), [PREFIX_BYTES]
    while (record := record_at(data, found[-1])) is not None:
        found.append(record.end)
    return found


def outcome(path: Path, data: bytes, steps: list[Step]) -> JournalContents | str:
    """Read these bytes as a journal: a clean prefix of `steps`, or one clear line. Anything else fails."""
    path.write_bytes(data)
    try:
        contents = read_journal(path)
    except BadInput as refusal:
        told = str(refusal)
    else:
        assert list(contents.steps) == steps[: len(contents.steps)]
        return contents
    assert "\n" not in told
    return told


def test_a_cut_at_any_byte_of_the_last_4_kb_loses_nothing_before_it(whole: Path, tmp_path: Path) -> None:
    data, steps, edges = whole.read_bytes(), list(read_journal(whole).steps), starts(whole)
    for cut in range(max(len(data) - 4096, edges[1]), len(data)):
        contents = outcome(tmp_path / "cut.journal", data[:cut], steps)
        assert isinstance(contents, JournalContents)
        assert contents.valid_bytes == max(edge for edge in edges if edge <= cut)
        assert len(contents.steps) == edges.index(contents.valid_bytes) - 1
        assert contents.torn == any(data[contents.valid_bytes : cut])


def test_a_cut_in_the_header_is_refused(whole: Path, tmp_path: Path) -> None:
    data = whole.read_bytes()
    for cut in range(starts(whole)[1]):
        assert "journal" in str(outcome(tmp_path / "cut.journal", data[:cut], []))


def test_every_flipped_byte_of_a_closed_journal_is_found(whole: Path, tmp_path: Path) -> None:
    """Before the closing mark it is damage and refused; in the mark itself nothing is lost."""
    data, steps = whole.read_bytes(), list(read_journal(whole).steps)
    for place in range(0, len(data) - len(CLOSING), 3):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        told = outcome(tmp_path / "flip.journal", bytes(flipped), steps)
        assert isinstance(told, str), place
        assert "restore the file from a backup" in told or "newer program" in told
    for place in range(len(data) - len(CLOSING), len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        contents = outcome(tmp_path / "flip.journal", bytes(flipped), steps)
        assert isinstance(contents, JournalContents)
        assert (list(contents.steps), contents.torn) == (steps, True)


def test_after_a_crash_only_what_was_never_acknowledged_may_go(stopped: Path, tmp_path: Path) -> None:
    """Every flip before the end of the last request is refused; behind it the tail is dropped, and said."""
    data, steps, edges = stopped.read_bytes(), list(read_journal(stopped).steps), starts(stopped)
    acknowledged = edges[1 + len(morning()) - 1]  # the protecting order is the last but one of the morning
    for place in range(edges[1], edges[-1], 3):
        flipped = bytearray(data)
        flipped[place] ^= 0x40
        result = outcome(tmp_path / "flip.journal", bytes(flipped), steps)
        if place < acknowledged:
            assert isinstance(result, str), place
        else:
            assert isinstance(result, JournalContents), place
            assert result.torn
            assert len(result.steps) >= len(morning()) - 1


def test_a_hole_of_zeros_before_an_acknowledged_step_is_damage(stopped: Path, tmp_path: Path) -> None:
    data, edges = stopped.read_bytes(), starts(stopped)
    hole = data[: edges[3]] + bytes(edges[5] - edges[3]) + data[edges[5] :]
    assert f"damaged at byte {edges[3]}, behind step 2" in str(outcome(tmp_path / "hole.journal", hole, []))


@settings(max_examples=150, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(max_size=24)), min_size=1, max_size=4))
def test_any_scribbling_gives_a_clean_prefix_or_one_line(
    stopped: Path, tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, bytes]]
) -> None:
    steps, end = list(read_journal(stopped).steps), starts(stopped)[-1]
    data = bytearray(stopped.read_bytes()[: end + 500])
    for place, scribble in edits:
        start = place % len(data)
        data[start : start + len(scribble)] = scribble
    outcome(tmp_path_factory.getbasetemp() / "scribble.journal", bytes(data), steps)


def test_the_garbage_of_a_torn_write_is_cut_off_before_the_day_goes_on(whole: Path, tmp_path: Path) -> None:
    edges = starts(whole)
    torn = tmp_path / "torn.journal"
    torn.write_bytes(whole.read_bytes()[: edges[6] + HEAD_BYTES + 5] + bytes(1000) + b"\xff" * 40)
    journal, contents = FileJournal.reopen(torn)
    assert (contents.torn, len(contents.steps)) == (True, 5)
    with journal:
        for event, effects in a_day(quotes=20)[5:]:
            journal.record(event, effects)
    again = read_journal(torn)
    assert (list(again.steps), again.torn) == (list(read_journal(whole).steps), False)


def test_an_interrupted_beginning_leaves_no_file_behind_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / journal_name(DAY)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stop)
        with pytest.raises(KeyboardInterrupt):
            FileJournal.create(path, header(None))
    assert not path.exists()
    assert read_journal(write(path, evening(None), header(None))).finished


WRITER = """
import json, os, random, signal, sys, time
from pathlib import Path
from ninefifteen.adapters.journal import FileJournal
from tests.adapters.journal_days import header, morning, quote

path, rounds, told = Path(sys.argv[1]), int(sys.argv[2]), []
request = morning()[1]

def write(report):
    journal = FileJournal.reopen(path)[0] if path.exists() else FileJournal.create(path, header())
    while True:
        for number in range(7):
            journal.record(quote(number), ())
        journal.record(*request)
        os.write(report, journal.steps.to_bytes(8, "big"))

for number in range(rounds):
    reading, report = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        write(report)
    os.close(report)
    first = os.read(reading, 8)
    time.sleep(random.Random(number).random() / 100)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    heard = first
    while more := os.read(reading, 1 << 16):
        heard += more
    os.close(reading)
    told.append(int.from_bytes(heard[len(heard) // 8 * 8 - 8 : len(heard) // 8 * 8], "big"))
    (path.parent / f"after-{number}").write_bytes(path.read_bytes())
print(json.dumps(told))
"""


def test_kill_minus_9_twenty_times_loses_no_acknowledged_step(tmp_path: Path, repository: Path) -> None:
    """One day, its writer killed at twenty seeded moments, each time going on with what it finds."""
    path = tmp_path / journal_name(DAY)
    command = [sys.executable, "-c", WRITER, str(path), str(ROUNDS)]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=repository, check=False)
    assert answer.returncode == 0, answer.stderr
    acknowledged = json.loads(answer.stdout)
    assert len(acknowledged) == ROUNDS
    assert acknowledged == sorted(set(acknowledged))
    for number, heard in enumerate(acknowledged):
        held = read_journal(tmp_path / f"after-{number}").steps
        assert len(held) >= heard
        assert held[heard - 1].effects == tuple(morning()[1][1])
    assert read_journal(path).steps[-1].seq >= acknowledged[-1]
