"""`replay DATE`: a journaled day stepped again gives the same effects byte for byte, or says where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.adapters.journal.records import pack, record_at
from ninefifteen.domain.instants import clock_of
from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import command, demo_day, listing

DAY = "2026-12-04"
"""The day of the demo seed."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished day; tests must leave it as it is."""
    home = tmp_path_factory.mktemp("lived") / "home"
    assert demo_day(home, seed=DEMO_SEED)["date"] == DAY
    return home


def test_a_day_replays_to_the_same_effects_and_exit_0(lived: Path) -> None:
    before = listing(lived)
    said = command("replay", DAY, "--json", "--home", lived)
    assert said.code == 0
    document = said.document
    assert (document["date"], document["seed"], document["synthetic"]) == (DAY, DEMO_SEED, True)
    assert (document["same"], document["first_difference"]) == (True, None)
    assert (document["finished"], document["status"], document["torn"]) == (True, "traded", False)
    (journal,) = (lived / "journal").iterdir()
    assert document["steps"] == len(read_journal(journal).steps)
    assert listing(lived) == before


def test_people_read_what_the_engine_told_and_that_the_day_was_invented(lived: Path) -> None:
    said = command("replay", DAY, "--home", lived)
    assert (said.code, said.out) == (0, "")
    assert "09:14:00 scanning the pre-open" in said.err
    assert said.err.splitlines()[-1].startswith("[synthetic ")
    assert "the same effects, byte for byte" in said.err


def test_an_effect_that_comes_out_differently_is_exit_1_and_named_by_its_step(tmp_path: Path) -> None:
    demo_day(tmp_path, seed=DEMO_SEED)
    (path,) = (tmp_path / "journal").iterdir()
    steps = read_journal(path).steps
    number = next(step.seq for step in steps if step.seq > 100 and step.effects)
    data, out, at = path.read_bytes(), bytearray(path.read_bytes()[:16]), 16
    while (record := record_at(data, at)) is not None:
        at, payload = record.end, record.payload
        if payload.startswith(b'{"seq":%d,' % number):
            payload = payload.replace(b'"effects":[{', b'"effects":[{"type":"read_orders"},{', 1)
        out += pack(payload, held=record.held)
    path.write_bytes(bytes(out))
    said = command("replay", DAY, "--json", "--home", tmp_path)
    assert said.code == 1
    assert (said.document["same"], said.document["first_difference"]) == (False, number)
    told = command("replay", DAY, "--home", tmp_path)
    assert told.code == 1
    assert f"DIFFERENT effects, first at step {number}" in told.err


def test_of_a_day_with_several_seeds_one_must_be_named(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        words = ("--date", "2026-12-17", "--seed", seed)
        assert (
            command(
                "run", "--demo", "--speed", "max", "--once", "--no-dashboard", *words, "--home", tmp_path
            ).code
            == 0
        )
    said = command("replay", "2026-12-17", "--home", tmp_path)
    assert said.code == 2
    assert "say which with --seed" in said.refusal
    assert command("replay", "2026-12-17", "--seed", "2", "--home", tmp_path).code == 0


@pytest.mark.parametrize("words", [("2026-12-03",), (DAY, "--seed", "3")])
def test_a_day_without_a_journal_is_exit_2(lived: Path, words: tuple[str, ...]) -> None:
    said = command("replay", *words, "--home", lived)
    assert said.code == 2
    assert "has no journal of" in said.refusal
    assert "run that day first" in said.refusal


def test_a_home_without_any_day_is_exit_2(tmp_path: Path) -> None:
    assert command("replay", DAY, "--home", tmp_path / "new").code == 2


def test_a_day_cut_short_replays_as_far_as_it_goes(lived: Path, tmp_path: Path) -> None:
    (whole,) = (lived / "journal").iterdir()
    command("init", "--home", tmp_path)
    (tmp_path / "journal" / whole.name).write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    document = command("replay", DAY, "--json", "--home", tmp_path).document
    assert (document["same"], document["torn"], document["finished"]) == (True, True, False)
    assert document["status"] is None
    line = command("replay", DAY, "--home", tmp_path).err.splitlines()[-1]
    steps = read_journal(tmp_path / "journal" / whole.name).steps
    until = f"{clock_of(steps[-1].event.at):%H:%M:%S}"
    told = f"the journal's end is torn: {len(steps)} steps replayed up to {until}, the day is unfinished: "
    assert line == f"[synthetic {DEMO_SEED}] {told}the same effects, byte for byte"


def test_a_day_that_was_stopped_between_two_steps_is_said_to_be_unfinished(
    lived: Path, tmp_path: Path
) -> None:
    (whole,) = (lived / "journal").iterdir()
    data, at = whole.read_bytes(), 16
    for _ in range(3):
        record = record_at(data, at)
        assert record is not None
        at = record.end
    command("init", "--home", tmp_path)
    (tmp_path / "journal" / whole.name).write_bytes(data[:at])
    line = command("replay", DAY, "--home", tmp_path).err.splitlines()[-1]
    assert "torn" not in line
    assert ", the day is unfinished: the same effects" in line


def test_of_a_whole_day_nothing_is_said_to_be_missing(lived: Path) -> None:
    line = command("replay", DAY, "--home", lived).err.splitlines()[-1]
    assert "torn" not in line
    assert "unfinished" not in line
