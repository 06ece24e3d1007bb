"""A demo day that is stopped or killed goes on at the next start as if nothing had been."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from ninefifteen.adapters.journal import Step, read_journal
from ninefifteen.cli import stopping
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.events import Halted, OrderUpdate, Restarted
from ninefifteen.home import Home
from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import Document, Said, command, demo, demo_day


class Uninterrupted(NamedTuple):
    """A day that nothing disturbed: its document, its journal as bytes, and where each step ends."""

    seed: int
    document: Document
    name: str
    journal: bytes
    steps: list[Step]
    ends: list[int]


def uninterrupted(home: Path, seed: int) -> Uninterrupted:
    """Run the day and read what it wrote."""
    document = demo_day(home, seed=seed)
    (path,) = (home / "journal").iterdir()
    contents = read_journal(path)
    data, starts = path.read_bytes(), [0]
    for step in contents.steps:
        mark = b'{"seq":%d,' % step.seq
        starts.append(data.index(mark, starts[-1]) - 8)
    return Uninterrupted(seed, document, path.name, data, list(contents.steps), [*starts[2:], len(data)])


@pytest.fixture(scope="module")
def losing(tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    """The day shown first: one trade, left at its stop."""
    return uninterrupted(tmp_path_factory.mktemp("whole") / "home", DEMO_SEED)


def killed(home: Path, whole: Uninterrupted, at: int) -> Said:
    """What the next start gives when the process died with `at` bytes of its journal written."""
    Home.open(home)
    for path in (home / "journal").iterdir():
        path.unlink()
    (home / "journal" / whole.name).write_bytes(whole.journal[:at])
    return demo(home, "--once", seed=whole.seed)


def assert_goes_on_alike(said: Said, whole: Uninterrupted) -> None:
    """The day ended as the undisturbed one did."""
    assert said.code == 0, said.err
    document = said.document
    assert document["trades"] == whole.document["trades"]
    assert document["candidates"] == whole.document["candidates"]
    assert (document["flat"], document["journal_ok"]) == (True, True)


def entries(home: Path) -> int:
    """Entry orders in all journals of a home that was stopped and went on."""
    return sum(
        effect.order.request.role == "entry"
        for path in (home / "journal").iterdir()
        for step in read_journal(path).steps
        for effect in step.effects
        if isinstance(effect, Submit)
    )


def moments(whole: Uninterrupted) -> dict[str, int]:
    """Bytes written at the moments that matter most."""
    buys = [n for n, step in enumerate(whole.steps) if any(isinstance(e, Submit) for e in step.effects)]
    entry, stop = buys[0], buys[1]
    updates = [n for n, step in enumerate(whole.steps) if isinstance(step.event, OrderUpdate)]
    ends = whole.ends
    return {
        "before the scan": ends[0],
        "in the selection": ends[2],
        "waiting for the bell": ends[5],
        "before the entry was written": ends[entry - 1],
        "in the middle of writing the entry": ends[entry] - 20,
        "with the entry written and not yet answered": ends[entry],
        "between the fill and the stop": ends[stop] - 1,
        "with the stop sent": ends[stop],
        "in position": ends[len(ends) // 2],
        "in position, in the middle of a record": ends[len(ends) // 2] + 11,
        "while the exit is filled": ends[updates[-1] - 1],
        "after the trade": ends[updates[-1]],
        "before the end": ends[-2],
    }


MOMENTS = (
    "before the scan", "in the selection", "waiting for the bell", "before the entry was written",
    "in the middle of writing the entry", "with the entry written and not yet answered",
    "between the fill and the stop", "with the stop sent", "in position",
    "in position, in the middle of a record", "while the exit is filled", "after the trade", "before the end",
)  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_killed_there_goes_on_and_ends_as_if_it_had_not_been(
    tmp_path: Path, losing: Uninterrupted, moment: str
) -> None:
    said = killed(tmp_path, losing, moments(losing)[moment])
    assert_goes_on_alike(said, losing)
    assert f"going on with {losing.document['date']} where it was stopped" in said.err
    assert entries(tmp_path) == 1


def test_killed_before_anything_but_the_file_was_written_the_day_simply_starts(
    tmp_path: Path, losing: Uninterrupted
) -> None:
    header_only = losing.journal.index(b'{"seq":1,') - 8
    said = killed(tmp_path, losing, header_only)
    assert_goes_on_alike(said, losing)
    assert "going on" not in said.err


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [0, 4, 6, 15, 16, 160])
def test_killed_at_any_of_fifty_moments_every_kind_of_day_goes_on(tmp_path: Path, seed: int) -> None:
    whole = uninterrupted(tmp_path / "whole", seed)
    first = whole.journal.index(b'{"seq":1,')
    busy = [end for end, step in zip(whole.ends, whole.steps, strict=True) if step.effects]
    chance = Random(seed)
    places = [chance.randrange(first, whole.ends[-2]) for _ in range(15)]
    places += [place + chance.choice((-9, 0)) for place in chance.choices(busy[:-1], k=35)]
    for place in places:
        said = killed(tmp_path / "killed", whole, place)
        assert_goes_on_alike(said, whole)
        assert entries(tmp_path / "killed") == len(whole.document["trades"])


# ---- stopped by Ctrl-C, at an event of our choosing


@contextmanager
def stopped_after(checks: int) -> Iterator[None]:
    """Inside, somebody presses Ctrl-C at the nth time a run looks for it."""
    left = [checks]

    def check(_: stopping.StopAsked) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stopping.StopAsked, "check", check)
        yield


def stop(home: Path, checks: int, *words: str, seed: int = DEMO_SEED) -> Said:
    """Run a day, `--once` unless other words are given, and stop it."""
    with stopped_after(checks):
        return demo(home, *(words or ("--once",)), seed=seed)


def test_a_stopped_day_is_exit_130_and_still_one_document(tmp_path: Path) -> None:
    said = stop(tmp_path, 500)
    assert said.code == 130
    assert said.document == {"stopped": True, "days": []}
    last = json.loads((tmp_path / "logs" / "audit.log").read_text().splitlines()[-1])
    assert (last["kind"], last["text"]) == ("stop", "stopped; the next start goes on with this day")


def test_stopped_again_and_again_the_day_is_the_same_in_the_end(
    tmp_path: Path, losing: Uninterrupted
) -> None:
    for checks in (3, 5, 40, 2, 300, 1500):
        assert stop(tmp_path, checks).code == 130
    assert_goes_on_alike(demo(tmp_path, "--once", seed=DEMO_SEED), losing)
    (journal,) = (tmp_path / "journal").iterdir()
    restarts = [s.event.epoch for s in read_journal(journal).steps if isinstance(s.event, Restarted)]
    assert restarts == [1, 2, 3, 4, 5, 6]
    assert entries(tmp_path) == 1


def test_a_day_goes_on_with_the_settings_it_began_with_and_says_so(
    tmp_path: Path, losing: Uninterrupted
) -> None:
    stop(tmp_path, 500)
    said = demo(tmp_path, "--once", "--set", "strategy.stop_pct=5", seed=DEMO_SEED)
    assert_goes_on_alike(said, losing)
    assert "the settings have changed since this day began: it goes on with those it began with" in said.err
    again = demo(tmp_path, "--once", "--set", "strategy.stop_pct=12", seed=DEMO_SEED)
    assert "settings have changed" not in again.err
    assert again.document["trades"] != losing.document["trades"]


def test_a_halt_outlives_its_file_and_a_restart(tmp_path: Path) -> None:
    """Halted in position, stopped before anything else happened: the restart leaves the position."""
    stop(tmp_path, 3000)
    (tmp_path / "HALT").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ninefifteen.cli.run_demo._LOOK_EVERY", 1)
        assert stop(tmp_path, 3).code == 130
    (tmp_path / "HALT").unlink()
    (journal,) = (tmp_path / "journal").iterdir()
    assert isinstance(read_journal(journal).steps[-1].event, Halted)
    said = demo(tmp_path, "--once", seed=DEMO_SEED)
    assert said.code == 4
    (trade,) = said.document["trades"]
    assert trade["exit_reason"] == "halt"
    assert said.document["flat"]
    assert said.document["journal_ok"]


def test_a_row_of_days_goes_on_with_the_day_it_was_stopped_in(tmp_path: Path) -> None:
    whole = demo(tmp_path / "whole", "--date", "2026-12-16", seed=5).document["days"]
    home = tmp_path / "home"
    events = whole[0]["events"]
    said = stop(home, events + whole[1]["events"] // 2, "--date", "2026-12-16", seed=5)
    assert said.code == 130
    assert [day["date"] for day in said.document["days"]] == ["2026-12-16"]
    rest = demo(home, seed=5)
    assert "going on with 2026-12-17" in rest.err
    days = rest.document["days"]
    assert [day["date"] for day in days] == [day["date"] for day in whole[1:]]
    assert [day["trades"] for day in days] == [day["trades"] for day in whole[1:]]
    first = [json.loads(line) for line in (home / "logs" / "audit.log").read_text().splitlines()]
    assert sum(line["text"].startswith("going on with") for line in first) == 1
    opened = {
        path.name: read_journal(path).steps[0].event.facts.free_cash  # type: ignore[union-attr]
        for path in (home / "journal").iterdir()
    }
    assert opened == {
        path.name: read_journal(path).steps[0].event.facts.free_cash  # type: ignore[union-attr]
        for path in (tmp_path / "whole" / "journal").iterdir()
    }


# ---- what cannot be gone on with


def forged(home: Path, number: int, old: bytes, new: bytes) -> Path:
    """A journal with one step written differently, its checksums in order."""
    from ninefifteen.adapters.journal.records import pack, record_at

    (path,) = (home / "journal").iterdir()
    data, out, count, at = path.read_bytes(), bytearray(path.read_bytes()[:16]), -1, 16
    while (record := record_at(data, at)) is not None:
        at, payload = record.end, record.payload
        if payload:
            count += 1
        if payload and count == number:
            assert old in payload
            payload = payload.replace(old, new, 1)
        out += pack(payload, held=record.held)
    path.write_bytes(bytes(out))
    return path


@pytest.mark.parametrize(
    ("event", "old", "new"),
    [("Chains", b'"text":"', b'"text":"other '), ("Quote", b'"bid":', b'"bid":1')],
    ids=["another effect", "another quote"],
)
def test_a_journal_this_program_would_not_have_written_is_refused_and_left_as_it_is(
    tmp_path: Path, event: str, old: bytes, new: bytes
) -> None:
    stop(tmp_path, 600)
    (path,) = (tmp_path / "journal").iterdir()
    number = next(s.seq for s in read_journal(path).steps if type(s.event).__name__ == event)
    forged(tmp_path, number, old, new)
    before = path.read_bytes()
    said = demo(tmp_path, "--once", seed=DEMO_SEED)
    assert said.code == 2
    assert f"{path} cannot be gone on with: at step {number} " in said.refusal
    assert "move the file away" in said.refusal
    assert path.read_bytes() == before
    assert said.document["exit_code"] == 2


def test_a_journal_of_a_newer_program_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    from ninefifteen.adapters.journal.records import FORMAT, prefix

    stop(tmp_path, 600)
    (path,) = (tmp_path / "journal").iterdir()
    newer = prefix(FORMAT + 1) + path.read_bytes()[16:]
    path.write_bytes(newer)
    day = path.name[:10]
    for words in (
        ("run", "--demo", "--once", "--no-dashboard", "--seed", str(DEMO_SEED)),
        ("why", "--date", day),
        ("replay", day),
    ):
        said = command(*words, "--home", tmp_path)
        assert said.code == 2
        assert "written by a newer program" in said.refusal
        assert "update ninefifteen" in said.refusal
    assert path.read_bytes() == newer


def test_settings_of_a_newer_program_in_the_header_are_refused(tmp_path: Path) -> None:
    stop(tmp_path, 600)
    path = forged(tmp_path, 0, b'"lots":1', b'"lots":"one"')
    for words in (
        ("run", "--demo", "--once", "--no-dashboard", "--seed", str(DEMO_SEED)),
        ("why",),
        ("replay", path.name[:10]),
    ):
        said = command(*words, "--home", tmp_path)
        assert said.code == 2
        assert "settings this program cannot read" in said.refusal


def test_a_signal_means_again_afterwards_what_it_meant_before() -> None:
    import signal

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with stopping.stop_signals() as asked:
        asked.check()
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            asked.check()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_while_one_instance_runs_a_second_one_is_told_and_changes_nothing(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with closing(_Held(home)):
        said = demo(tmp_path, "--once", seed=DEMO_SEED)
    assert said.code == 5
    assert "in use by process" in said.refusal
    assert said.document["exit_code"] == 5
    assert list((tmp_path / "journal").iterdir()) == []


class _Held:
    """Another instance's hold on a home."""

    def __init__(self, home: Home) -> None:
        self._lock = home.lock()
        self._lock.__enter__()

    def close(self) -> None:
        self._lock.__exit__(None, None, None)
