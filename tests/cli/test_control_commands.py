"""Status and control from the command line while no engine runs: what is known, never more."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.control import ControlServer
from ninefifteen.cli import asking
from ninefifteen.errors import BadInput, HomeLocked
from ninefifteen.home import Home, Latch
from ninefifteen.wiring.proved import FlatNote, keep_flat
from tests.cli.command_line import Said, command, demo_day
from tests.cli.control_days import controlled

YES = "--yes-unlock-after-halt"


def ran(home: Path, *words: str) -> Said:
    """One control verb."""
    return command(*words, "--home", home)


@pytest.fixture
def holding(tmp_path: Path) -> Path:
    """A home whose demo day was stopped while it held something."""
    with controlled(tmp_path) as day:
        day.hold()
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody at a terminal who types this."""

    def types(text: str) -> None:
        keyboard = io.StringIO(text)
        monkeypatch.setattr(keyboard, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", keyboard)

    return types


# ---- what is known


@pytest.mark.parametrize("verb", ["status", "positions", "orders"])
def test_an_empty_home_knows_of_no_day(tmp_path: Path, verb: str) -> None:
    said = ran(tmp_path, verb)
    assert said.code == 0
    assert "no engine is running, and no day has been run in this home" in said.err
    document = ran(tmp_path, verb, "--json").document
    assert (document["engine"], document["as_of"]) == ("none", None)


def test_a_position_that_was_left_is_told_with_its_time_and_never_as_flat(holding: Path) -> None:
    said = ran(holding, "positions")
    assert "was holding 50 MARUTI 2026-12-29 13600 CE bought at Rs 271.15" in said.err
    assert "its stop at Rs 235.35 resting" in said.err
    assert "at 09:15:00 of the synthetic day 2026-12-04" in said.err
    document = ran(holding, "positions", "--json").document
    assert (document["engine"], document["flat"], document["flat_then"]) == ("none", None, False)
    assert document["positions"][0]["quantity"] == 50
    assert [one["role"] for one in ran(holding, "orders", "--json").document["orders"]] == [
        "entry",
        "protect",
    ]
    assert "BUY 50 MARUTI" in ran(holding, "orders").err


def test_a_finished_day_was_flat_then_which_says_nothing_of_now(tmp_path: Path) -> None:
    demo_day(tmp_path, seed=142)
    assert "was its end: the bot held nothing then" in ran(tmp_path, "status").err
    document = ran(tmp_path, "status", "--json").document
    assert (document["finished"], document["flat"], document["flat_then"]) == (True, None, True)


@pytest.mark.parametrize("verb", ["status", "positions", "orders"])
def test_a_journal_that_cannot_be_read_is_told_and_is_exit_1(holding: Path, verb: str) -> None:
    (path,) = (holding / "journal").iterdir()
    path.write_bytes(b"x" * 100)
    said = ran(holding, verb)
    assert said.code == 1
    assert "what it held last cannot be read" in said.err
    assert ran(holding, verb, "--json").document["as_of"] is None


# ---- halt and unlock


def test_a_halt_without_an_engine_is_latched_and_says_that_nothing_was_closed(holding: Path) -> None:
    said = ran(holding, "halt", "--reason", "storm", "--json")
    assert said.code == 1, "what was held is still held"
    document = said.document
    assert (document["engine"], document["proved_flat"], document["latched"]) == ("none", False, True)
    assert "Nothing was closed" in document["text"]
    assert "was holding 50 MARUTI" in document["text"]
    assert "`ninefifteen halt --direct`" in document["text"]
    latch = json.loads((holding / "HALT").read_text())
    assert (latch["reason"], latch["source"].startswith("cli:")) == ("storm", True)
    status = ran(holding, "status")
    assert "HALTED" in status.err
    assert "storm" in status.err
    assert ran(holding, "status", "--json").document["halted"].endswith("storm")


def test_a_halt_of_a_home_that_holds_nothing_is_done(tmp_path: Path) -> None:
    assert ran(tmp_path, "halt").code == 0
    assert ran(tmp_path, "halt").code == 0
    demo = command(
        "run", "--demo", "--speed", "max", "--once", "--no-dashboard", "--json", "--home", tmp_path
    )
    assert demo.code == 4
    assert demo.document["trades"] == []
    assert "`ninefifteen unlock`" in demo.err


def test_a_halt_needs_no_sound_settings(tmp_path: Path) -> None:
    Home.open(tmp_path).config_file.write_text("strategy: [")
    assert ran(tmp_path, "halt").code == 0
    assert (tmp_path / "HALT").exists()


def test_a_halt_that_cannot_be_latched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Home, "latch", _full)
    said = ran(tmp_path, "halt")
    assert said.code == 1
    assert "NOT halted" in said.err


def test_an_unlock_removes_the_latch_and_a_halted_day_stays_halted(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.ask("halt")
    said = ran(tmp_path, "unlock", YES, "--json")
    assert said.code == 0
    assert "was halted and stays halted" in said.document["text"]
    assert not (tmp_path / "HALT").exists()
    again = ran(tmp_path, "unlock", "--json")
    assert (again.code, "nothing was halted" in again.document["text"]) == (0, True)


def test_an_unlock_of_a_home_without_a_day_says_just_that(tmp_path: Path) -> None:
    ran(tmp_path, "halt")
    said = ran(tmp_path, "unlock", YES)
    assert (said.code, "stays halted" in said.err) == (0, False)


def test_an_unlock_waits_for_the_proof_where_the_bot_was_holding_at_a_broker(
    holding: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ninefifteen.cli.unlock._at_the_broker", lambda _: True)
    ran(holding, "halt")
    refused = ran(holding, "unlock", YES, "--json")
    assert refused.code == 1
    assert "`ninefifteen halt --direct` first" in refused.document["text"]
    assert Home.open(holding).latched() is not None
    keep_flat(Home.open(holding), FlatNote(at="2026-12-04T09:20:31.000+05:30", by="the watchdog"))
    assert "at 09:20:31 on 2026-12-04 the watchdog proved flat" in ran(holding, "status").err
    unlocked = ran(holding, "unlock", YES, "--json")
    assert unlocked.code == 0
    assert Home.open(holding).latched() is None


def test_a_proof_from_before_the_journal_was_written_again_counts_no_more(holding: Path) -> None:
    home = Home.open(holding)
    keep_flat(home, FlatNote(at="2026-12-04T09:20:31.000+05:30", by="the watchdog"))
    journal = next(home.journal_dir.glob("*.journal"))
    later = (home.path / "proved.json").stat().st_mtime_ns + 1
    os.utime(journal, ns=(later, later))
    assert "proved flat" not in ran(holding, "status").err


@pytest.mark.parametrize(("text", "code"), [("UNLOCK\n", 0), ("unlock\n", 1), ("\n", 1)])
def test_at_a_terminal_the_word_has_to_be_typed(tmp_path: Path, typed: Any, text: str, code: int) -> None:
    ran(tmp_path, "halt", "--reason", "storm")
    typed(text)
    said = ran(tmp_path, "unlock")
    assert said.code == code
    assert "storm" in said.err
    assert (tmp_path / "HALT").exists() is bool(code)


def test_without_a_terminal_an_unlock_needs_its_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("UNLOCK\n"))
    ran(tmp_path, "halt")
    assert ran(tmp_path, "unlock", "--json").code == 2
    assert (tmp_path / "HALT").exists()


def test_the_account_as_a_whole_is_only_closed_when_asked_for(tmp_path: Path) -> None:
    assert "--all-nfo" in ran(tmp_path, "halt", "--yes").refusal


def test_halt_direct_goes_another_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ninefifteen.cli import halt_direct

    seen: list[dict[str, bool]] = []

    def stand_in(home: Home, loaded: object, **flags: bool) -> int:
        seen.append(flags)
        return 1

    monkeypatch.setattr(halt_direct, "halt_direct", stand_in)
    assert ran(tmp_path, "halt", "--direct", "--json").code == 1
    assert ran(tmp_path, "halt", "--all-nfo", "--yes").code == 1
    assert seen == [
        {"all_nfo": False, "yes": False, "as_json": True},
        {"all_nfo": True, "yes": True, "as_json": False},
    ]


def test_halt_direct_leaves_simulated_orders_to_the_engine_that_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker knows nothing of a demo or paper position: asking it would prove the wrong thing."""
    from ninefifteen.cli import halt_direct

    monkeypatch.setattr(halt_direct, "halt_direct", lambda *_, **__: pytest.fail("asked the broker"))
    monkeypatch.setattr("ninefifteen.cli.halt.state_of", lambda _: {"mode": "demo"})
    monkeypatch.setattr("ninefifteen.cli.halt.obeyed", lambda *_: asking.Told("done", "closed"))
    said = ran(tmp_path, "halt", "--all-nfo", "--yes", "--json")
    assert said.code == 0
    assert "its orders are simulated" in said.err
    assert "end this run first" in said.err
    assert json.loads(said.out) | {"latched": True, "proved_flat": True} == json.loads(said.out)
    assert "account" not in json.loads(said.out)["text"]


def test_at_a_broker_the_answer_says_what_was_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb in ("halt", "flatten"):
        monkeypatch.setattr(f"ninefifteen.cli.{verb}.state_of", lambda _: {"mode": "live"})
        monkeypatch.setattr(f"ninefifteen.cli.{verb}.obeyed", lambda *_: asking.Told("done", "closed"))
        assert "were not touched" in json.loads(ran(tmp_path, verb, "--json").out)["text"]


def test_an_engine_that_keeps_the_home_and_does_not_answer_is_what_direct_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ninefifteen.cli import halt_direct

    def silent(_: Home) -> None:
        raise HomeLocked("silent")

    monkeypatch.setattr("ninefifteen.cli.halt.state_of", silent)
    monkeypatch.setattr(halt_direct, "halt_direct", lambda *_, **__: 1)
    assert ran(tmp_path, "halt", "--direct").code == 1


# ---- pause, resume, flatten


def test_a_pause_without_an_engine_holds_for_the_next_start(tmp_path: Path) -> None:
    assert "no new entries until 2026-12-24" in ran(tmp_path, "pause", "--until", "2026-12-24").err
    assert "PAUSED" in ran(tmp_path, "status").err
    assert ran(tmp_path, "status", "--json").document["pause_kept"]["until"] == "2026-12-24"
    assert demo_day(tmp_path, seed=142)["trades"] == []
    assert ran(tmp_path, "resume").code == 0
    assert len(demo_day(tmp_path, seed=142)["trades"]) == 1
    assert "nothing was paused" in ran(tmp_path, "resume").err


def test_a_date_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    said = ran(tmp_path, "pause", "--until", "2026-02-30")
    assert (said.code, "--until 2026-02-30" in said.refusal) == (2, True)


def test_resume_does_not_lift_a_halt(tmp_path: Path) -> None:
    ran(tmp_path, "halt")
    said = ran(tmp_path, "resume", "--json")
    assert (said.code, said.document["halted"], said.document["state"]) == (4, True, "refused")


def test_flatten_without_an_engine_closes_nothing_and_says_so(holding: Path) -> None:
    said = ran(holding, "flatten", "--json")
    assert said.code == 1
    assert "nothing was closed" in said.document["text"]
    assert not said.document["proved_flat"]


def test_what_was_asked_without_an_engine_is_audited(tmp_path: Path) -> None:
    for verb in ("halt", "resume", "flatten", "pause"):
        ran(tmp_path, verb)
    lines = [json.loads(line) for line in (tmp_path / "logs" / "audit.log").read_text().splitlines()]
    assert [(line["verb"], line["answer"]) for line in lines] == [
        ("halt", "done"), ("resume", "refused"), ("flatten", "refused"), ("pause", "done")
    ]  # fmt: skip


# ---- somebody is there who does not answer


def test_an_instance_without_a_control_line_is_told_and_a_halt_leaves_the_file(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with home.lock():
        for verb in ("status", "positions", "orders", "pause", "resume", "flatten", "unlock"):
            assert ran(tmp_path, verb).code == 5
        said = ran(tmp_path, "halt", "--json")
    assert said.code == 1
    assert (said.document["engine"], said.document["proved_flat"], said.document["latched"]) == (
        "running", False, True
    )  # fmt: skip
    assert "obeys that if it lives" in said.document["text"]


def test_an_engine_that_does_not_answer_in_time_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_SNAPSHOT_S", 0.1)
    monkeypatch.setattr(asking, "_TAKEN_S", 0.1)
    home = Home.open(tmp_path)
    with home.lock(), ControlServer.open(tmp_path):
        assert "has not answered" in ran(tmp_path, "status").refusal
        assert ran(tmp_path, "pause").code == 5


def test_a_disk_that_takes_no_audit_stops_no_command(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    (home.logs_dir / "audit.log").mkdir()
    said = ran(tmp_path, "halt")
    assert (said.code, "audit log cannot be written" in said.err) == (0, True)
    assert home.latched() != Latch()


def test_who_cannot_be_asked_is_not_taken_for_agreeing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(BadInput, match="give --yes"):
        asking.confirmed_by_hand("WORD", "why", given=False, flag="--yes")
    assert asking.confirmed_by_hand("WORD", "why", given=True, flag="--yes")


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
