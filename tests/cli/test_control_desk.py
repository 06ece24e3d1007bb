"""Commands taken into a running day: acknowledged when durable, done when proved, obeyed once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.control import ControlLine, ControlServer, machine_now
from ninefifteen.adapters.journal import read_journal
from ninefifteen.cli.control_desk import control_desk
from ninefifteen.domain.events import Halted, Paused
from ninefifteen.domain.instants import SECOND
from ninefifteen.home import Home, Latch, PauseNote
from tests.cli.control_days import Controlled, controlled


def snapshot(day: Controlled) -> dict[str, Any]:
    """The state as a client that comes now sees it."""
    with ControlLine(day.home.path) as line:
        found = None
        while found is None:
            day.look()
            found = line.next(0.05)
    assert found["kind"] == "snapshot"
    state: dict[str, Any] = found["state"]
    return state


# ---- halt


def test_a_halt_sells_what_is_held_and_is_done_only_when_that_is_proved(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        said = day.ask("halt", args={"reason": "enough"})
        assert [one["state"] for one in day.answers] == ["taken", "done"]
        assert "sold 50 MARUTI" in said["text"]
        assert not day.state.proofs
        (trade,) = [run.trade for run in day.state.runs]
        assert trade.exit_reason == "halt"
        latch = json.loads((tmp_path / "HALT").read_text())
        assert (latch["source"], latch["reason"], set(latch)) == (
            "test:asha", "enough", {"at", "source", "reason"}
        )  # fmt: skip
        journal = read_journal(day.day.journal_path)
        (halt,) = [step.event for step in journal.steps if isinstance(step.event, Halted)]
        assert (halt.source, halt.reason, halt.command) == ("test:asha", "enough", "t1")


def test_before_the_entry_a_halt_lets_nothing_in(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.run_until(lambda: day.state.facts is not None)
        assert "nothing of the bot's was held" in day.ask("halt")["text"]
        day.run_until(lambda: day.day.runner.record is not None)
        assert day.orders == []


def test_the_same_command_twice_is_obeyed_once_also_after_a_restart(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        assert day.ask("pause", id="p1")["state"] == "done"
        assert day.ask("resume")["state"] == "done"
        again = day.ask("pause", id="p1")
        assert (again["state"], "nothing was done again" in again["text"]) == ("repeated", True)
        assert day.state.paused is None
    with controlled(tmp_path) as day:
        assert day.ask("pause", id="p1")["state"] == "repeated"
        assert day.state.paused is None


@pytest.mark.parametrize("late_s", [121, -10])
def test_a_command_that_is_late_or_early_changes_nothing(tmp_path: Path, late_s: int) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        said = day.ask("halt", sent_at=machine_now() - late_s * SECOND)
        assert said["state"] == "stale"
        assert day.state.halted is None
        assert not day.home.halt_file.exists()
        assert day.audit()[-1]["answer"] == "stale"


def test_every_command_is_audited_with_its_source_and_answer(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.ask("pause", role="viewer")
        day.ask("pause", args={"reason": "tea"})
        found = [(one["verb"], one["source"], one["role"], one["answer"]) for one in day.audit()]
    assert found == [
        ("pause", "test:asha", "viewer", "refused"),
        ("pause", "test:asha", "admin", "done"),
    ]


def test_junk_is_refused_told_so_often_and_hurts_nothing(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        for _ in range(25):
            day.line.send({"id": "x", "verb": "sell everything"})
            assert day.last_answer(steps=0)["state"] == "refused"
        assert len(day.audit()) == 20
        assert day.ask("pause")["state"] == "done"


# ---- unlock


def test_an_unlock_lifts_the_halt_and_its_file_once_nothing_is_held(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        assert day.ask("unlock")["text"] == "nothing was halted: nothing changed"
        day.send("halt")
        day.look()
        while day.state.halted is None:
            day.look()
            day.day.runner.take_next()
        assert day.ask("unlock", steps=0)["state"] == "refused", "its shares are not sold yet"
        assert day.home.halt_file.exists()
        day.run_until(lambda: not day.state.proofs)
        assert day.ask("unlock")["text"] == "unlocked"
        assert day.state.halted is None
        day.look()
        assert day.state.halted is None
        assert not day.home.halt_file.exists()


def test_a_latch_that_cannot_be_removed_is_told_and_halts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with controlled(tmp_path) as day:
        day.run_until(lambda: day.state.facts is not None)
        day.ask("halt")
        monkeypatch.setattr(Home, "lift", _full)
        said = day.ask("unlock")
        assert (said["state"], "it halts again" in said["text"]) == ("refused", True)
        day.look()
        assert day.state.halted is not None


# ---- the latch


def test_a_touched_file_halts_and_then_says_so(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.home.halt_file.touch()
        day.look()
        assert day.state.halted == "file: the HALT file is there"
        assert json.loads(day.home.halt_file.read_text())["source"] == "file"


def test_an_engine_that_halts_itself_leaves_the_file(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.day.runner.take(Halted(day.now, source="engine", reason="sold short"))
        found = day.home.latched()
        assert found is not None
        assert found.words == "engine: sold short"


def test_a_halt_without_a_disk_halts_all_the_same_and_is_an_alarm_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        with monkeypatch.context() as full:
            full.setattr(Home, "latch", _full)
            assert day.ask("halt")["state"] == "done"
            (alarm,) = day.told
            assert alarm[0] == "alarm"
            assert "cannot be made (No space left on device)" in alarm[1]
        day.desk.look(day.now + 6 * SECOND)
        assert day.home.latched() is not None, "it is tried again"
        assert len(day.told) == 1


def test_the_latch_comes_back_with_a_halted_day_unless_it_was_unlocked(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.ask("halt", args={"reason": "enough"})
    (tmp_path / "HALT").unlink()
    with controlled(tmp_path) as day:
        day.look()
        latch = day.home.latched()
        assert latch is not None
        assert latch.reason == "enough"
    Home(tmp_path).lift()
    with controlled(tmp_path) as day:
        day.look()
        assert day.home.latched() is None
        assert day.state.halted == "test:asha: enough", "the day itself stays halted"


# ---- pause


def test_a_pause_is_kept_over_the_day_and_forgotten_by_resume(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.run_until(lambda: day.state.facts is not None)
        said = day.ask("pause", args={"until": "2026-12-24", "reason": "holiday"})
        assert "no new entries until 2026-12-24" in said["text"]
        note = day.home.pause_note()
        assert note is not None
        assert (str(note.until), note.reason) == ("2026-12-24", "holiday")
        assert day.ask("resume")["state"] == "done"
        assert day.home.pause_note() is None
        assert "somebody resumes" in day.ask("pause")["text"]
        day.run_until(lambda: day.day.runner.record is not None)
        assert day.orders == []


@pytest.mark.parametrize(("until", "enters"), [("2026-12-04", True), ("2026-12-05", False), (None, False)])
def test_a_kept_pause_holds_from_the_first_event_on_until_its_day(
    tmp_path: Path, until: str | None, enters: bool
) -> None:
    """The demo day is 4 December."""
    text = json.dumps({"source": "cli:asha", "reason": "holiday", "until": until})
    Home.open(tmp_path).pause_file.write_text(text)
    with controlled(tmp_path) as day:
        day.run_until(lambda: day.day.runner.record is not None)
        assert bool(day.orders) is enters
        steps = read_journal(day.day.journal_path).steps
        paused = [step.event for step in steps if isinstance(step.event, Paused)]
        assert [event.source for event in paused] == ([] if enters else ["cli:asha"])


def test_a_pause_that_cannot_be_kept_pauses_and_is_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Home, "keep_pause", _full)
    with controlled(tmp_path) as day:
        day.hold()
        assert day.ask("pause")["state"] == "done"
        assert day.state.paused is not None
        assert [kind for kind, _ in day.told] == ["alarm"]


def test_flatten_sells_and_the_engine_goes_on(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        assert "flattened: sold 50 MARUTI" in day.ask("flatten")["text"]
        assert day.state.halted is None
        assert not day.home.halt_file.exists()


# ---- what is not yet, or no more


def test_the_disk_that_does_not_confirm_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        with monkeypatch.context() as failing:
            failing.setattr(day.day.runner.journal, "make_durable", _full)
            assert "the disk has not confirmed it" in day.ask("pause")["text"]


def test_a_halt_whose_day_stops_before_the_proof_is_told_so(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.send("halt")
        while day.state.halted is None:
            if day.look():
                day.day.runner.take_next()
        day.desk.end()
        said = day.heard()
        assert (said["state"], "stopped before it was proved" in said["text"]) == ("refused", True)


def test_a_halt_that_comes_as_the_day_ends_is_latched(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        day.send("halt")
        while not day.look():
            pass
        day.desk.end()
        assert day.home.latched() is not None


def test_between_days_the_files_of_the_home_are_what_counts(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with control_desk(home, synthetic=False) as desk, ControlLine(tmp_path) as line:

        def ask(verb: str, number: int) -> dict[str, Any]:
            line.send({"id": f"n{number}", "verb": verb, "sent_at": machine_now(), "source": "cli:asha",
                       "role": "admin", "args": {"confirmed": True}})  # fmt: skip
            while True:
                assert not desk.look(0)
                found = line.next(0.05)
                if found is not None and "ack" in found:
                    return found

        verbs = ["pause", "halt", "resume", "flatten", "unlock", "resume", "resume", "unlock"]
        answers = [ask(verb, number) for number, verb in enumerate(verbs)]
        found = [one["state"] for one in answers]
        unknown = "no day is open, nothing was closed, and what is at the broker is not known here"
        assert answers[1]["text"].startswith(f"latched: {unknown}")
        assert found == ["done", "done", "refused", "refused", "done", "done", "done", "done"]
        assert home.latched() is None
        assert home.pause_note() is None
        assert line.state is not None
        assert line.state["date"] is None


def test_between_days_a_full_disk_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.open(tmp_path)
    monkeypatch.setattr(Home, "latch", _full)
    with control_desk(home, synthetic=False) as desk, ControlLine(tmp_path) as line:
        line.send({"id": "n", "verb": "halt", "sent_at": machine_now(), "source": "cli:a", "role": "admin"})
        found = None
        while found is None or "ack" not in found:
            desk.look(0)
            found = line.next(0.05)
        assert (found["state"], "cannot be written" in found["text"]) == ("refused", True)


# ---- the state


def test_the_state_of_a_held_position_is_complete_and_in_rupees(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        day.hold()
        state = snapshot(day)
    assert (state["mode"], state["synthetic"], state["rehearsal"], state["speed"]) == (
        "demo",
        True,
        False,
        "x60",
    )
    (held,) = state["positions"]
    assert (held["quantity"], held["average"], held["stop_resting"]) == (50, "271.15", True)
    assert [order["role"] for order in state["orders"]] == ["entry", "protect"]
    assert (state["flat"], state["broker"]["reconciled"], state["halted"]) == (False, False, None)
    (run,) = state["strategies"]
    assert (run["phase"], run["position"], run["plan"]["contract"]) == ("holding", held, held["contract"])
    assert run["current"] == run["picks"][0]
    assert {one["symbol"] for one in run["candidates"]} > set(run["picks"])
    assert state["clock"].endswith("+05:30")


def test_before_the_day_is_opened_only_the_heading_is_there(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        state = snapshot(day)
        assert state["date"] is None
        assert "positions" not in state


def test_at_the_bell_only_who_has_just_come_gets_a_state(tmp_path: Path) -> None:
    with controlled(tmp_path) as day:
        while day.line.next(0.05) is None:
            day.look()
        for _ in range(15):
            day.desk.look(day.now, quiet=True)
            assert day.line.next(0.05) is None
        with ControlLine(tmp_path) as other:
            found = None
            while found is None:
                day.desk.look(day.now, quiet=True)
                found = other.next(0.05)
            assert found["kind"] == "snapshot"


def test_without_a_control_line_the_day_goes_on_and_halts_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.open(tmp_path)
    monkeypatch.setattr(ControlServer, "open", _full)
    with control_desk(home, synthetic=True) as desk:
        assert not desk.look(0)
        desk.end()
    assert "no control line" in capsys.readouterr().err


def test_a_latch_and_a_pause_are_read_as_they_were_written(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    assert (home.latched(), home.lifted(), home.pause_note(), home.lift(), home.forget_pause()) == (
        None, None, None, None, False
    )  # fmt: skip
    home.latch(Latch(at="t", source="cli:a", reason="first"))
    home.latch(Latch(at="t", source="cli:b", reason="second"))
    assert home.lift() == home.lifted() == Latch(at="t", source="cli:a", reason="first")
    home.keep_pause(PauseNote(at="t", source="cli:a", reason="r"))
    assert home.pause_note() == PauseNote(at="t", source="cli:a", reason="r")
    assert home.forget_pause()
    home.pause_file.write_text("{")
    assert home.pause_note() == PauseNote()
    home.halt_file.mkdir()
    assert home.latched() == Latch(), "anything of that name halts"


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
