"""Commands of people: which are obeyed, as what, and once."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.events import Flattened, Halted, Paused, Resumed, TimerFired, Unlocked
from ninefifteen.domain.instants import SECOND
from ninefifteen.runtime.control import (
    Command,
    Malformed,
    Once,
    Standing,
    answer,
    changes_nothing,
    closed_words,
    command_of,
    event_of,
    is_settled,
    judged,
    read_command,
    standing_of,
)
from tests.engine.builders import CALL, LOT, Desk

NOW = 1_796_000_000 * SECOND
HALTED = Standing(halted="cli:asha: enough")
STREAK = Standing(streak=4)


def line(**changes: Any) -> bytes:
    """One command as it is sent."""
    fields = {"id": "c1", "verb": "halt", "sent_at": NOW, "source": "cli:asha", "role": "operator"}
    return json.dumps(fields | changes).encode()


def said(command: bytes, standing: Standing, now: int = NOW) -> tuple[str, str]:
    """State and text of what stands against a command; two empty ones when nothing does."""
    found = judged(read_command(command), standing, now)
    return ("", "") if found is None else (found.state, found.text)


# ---- reading


def test_a_command_is_read_with_what_it_says():
    command = read_command(
        line(verb="pause", args={"reason": "holiday", "until": "2026-12-28"}, role="admin")
    )
    assert (command.verb, command.reason, command.args.until) == ("pause", "holiday", date(2026, 12, 28))
    assert read_command(line()).reason == "halt asked for"


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": "buy"},
        {"role": "owner"},
        {"sent_at": "now"},
        {"sent_at": 1.5},
        {"id": 7},
        {"id": ""},
        {"id": "a b"},
        {"id": "x" * 65},
        {"source": "a: b"},
        {"source": ""},
        {"args": []},
        {"args": {"until": "tomorrow"}},
        {"args": {"confirmed": "yes"}},
    ],
)
def test_what_is_no_command_is_refused_with_a_reason(changes: dict[str, Any]):
    with pytest.raises(Malformed, match="no command"):
        read_command(line(**changes))


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}" * 2, b"[" * 5000, b'"halt"'])
def test_junk_is_malformed_and_nothing_else(junk: bytes):
    with pytest.raises(Malformed) as caught:
        read_command(junk)
    assert caught.value.id is None


def test_the_sender_of_something_malformed_is_told_which_it_was():
    with pytest.raises(Malformed) as caught:
        read_command(line(verb="buy"))
    assert caught.value.id == "c1"


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_a_command_or_malformed(junk: bytes):
    with pytest.raises(Malformed):
        read_command(junk)


def test_a_reason_moves_no_cursor_and_has_an_end():
    reason = read_command(line(args={"reason": "\x1b[2Jred\r\n" + "y" * 500})).reason
    assert reason.startswith("[2Jredyyy")
    assert len(reason) == 200


# ---- fresh


@pytest.mark.parametrize(
    ("age_s", "obeyed"), [(0, True), (120, True), (121, False), (-5, True), (-6, False), (10**6, False)]
)
def test_a_command_is_obeyed_for_two_minutes(age_s: int, obeyed: bool):
    state, text = said(line(), Standing(), NOW + age_s * SECOND)
    assert (state == "") is obeyed
    assert obeyed or (state, "nothing was done" in text) == ("stale", True)


# ---- roles


@pytest.mark.parametrize(
    ("verb", "viewer", "operator", "admin"),
    [
        ("halt", False, True, True),
        ("flatten", False, True, True),
        ("pause", False, True, True),
        ("resume", False, True, True),
        ("unlock", False, False, True),
    ],
)
def test_everybody_who_may_act_can_stop_and_only_admin_unlocks(
    verb: str, viewer: bool, operator: bool, admin: bool
):
    may = [said(line(verb=verb, role=role), Standing())[0] == "" for role in ("viewer", "operator", "admin")]
    assert may == [viewer, operator, admin]


def test_an_unlock_has_to_be_confirmed():
    assert said(line(verb="unlock", role="admin"), HALTED)[0] == "refused"
    assert said(line(verb="unlock", role="admin", args={"confirmed": True}), HALTED)[0] == ""


def test_a_halt_is_not_lifted_by_resume():
    state, text = said(line(verb="resume", role="admin", args={"confirmed": True}), HALTED)
    assert (state, "unlock does" in text) == ("refused", True)


def test_an_operator_resumes_what_he_paused_and_nobody_elses_pause():
    resume = line(verb="resume")
    assert said(resume, Standing(paused="cli:asha: tea"))[0] == ""
    assert said(resume, Standing(paused="clock: the clock is 900 ms off"))[0] == "refused"
    assert said(line(verb="resume", role="admin"), Standing(paused="dashboard:ravi: tea"))[0] == ""


@pytest.mark.parametrize(
    ("role", "confirmed", "obeyed"),
    [("operator", True, False), ("admin", False, False), ("admin", True, True)],
)
def test_after_losing_trades_in_a_row_only_the_second_factor_resumes(
    role: str, confirmed: bool, obeyed: bool
):
    resume = line(verb="resume", role=role, args={"confirmed": confirmed})
    assert (said(resume, STREAK)[0] == "") is obeyed


def test_a_pause_needs_a_day_to_last():
    pause = line(verb="pause", args={"until": "2026-12-04"})
    assert said(pause, Standing(day=date(2026, 12, 4)))[0] == "refused"
    assert said(pause, Standing(day=date(2026, 12, 3)))[0] == ""
    assert said(pause, Standing())[0] == ""


def test_what_has_nothing_to_do_says_so():
    assert changes_nothing(read_command(line(verb="resume")), Standing()) == "nothing was paused"
    assert changes_nothing(read_command(line(verb="unlock")), Standing()) == "nothing was halted"
    assert changes_nothing(read_command(line(verb="resume")), STREAK) is None
    assert changes_nothing(read_command(line(verb="unlock")), HALTED) is None
    assert changes_nothing(read_command(line()), HALTED) is None


# ---- as events, once


@pytest.mark.parametrize(
    ("verb", "event"),
    [("halt", Halted), ("pause", Paused), ("resume", Resumed), ("flatten", Flattened), ("unlock", Unlocked)],
)
def test_a_command_is_an_event_that_carries_its_id(verb: str, event: type):
    made = event_of(read_command(line(verb=verb, args={"reason": "so"})), 5)
    assert made == event(5, source="cli:asha", reason="so", command="c1")
    assert command_of(made) == "c1"
    assert command_of(TimerFired(5, "x")) == ""


def test_a_command_is_obeyed_once_and_the_repeat_hears_what_became_of_it():
    once, command = Once(), read_command(line())
    assert once.repeated(command) is None
    once.told(answer(command, "done", "halted"))
    again = once.repeated(command)
    assert again is not None
    assert (again.ack, again.state, "halted" in again.text) == ("c1", "repeated", True)


def test_what_was_obeyed_before_a_restart_is_not_obeyed_again():
    command = read_command(line())
    assert Once(["c1"]).repeated(command) is not None
    once = Once()
    once.add(["c1"])
    assert once.repeated(command) is not None
    assert once.repeated(read_command(line(id="c2"))) is None


# ---- from the engine's state


def test_the_standing_of_a_fresh_day_stops_nothing():
    standing = standing_of(Desk().open().engine.state)
    assert (standing.halted, standing.paused, standing.streak) == (None, None, 0)
    assert standing.day is not None


def test_a_losing_streak_stops_until_it_is_excused():
    state = Desk().open().engine.state
    state.streak = state.settings.risk.max_consecutive_losses
    assert standing_of(state).streak == state.streak
    state.streak_excused = state.streak
    assert standing_of(state).streak == 0


def test_a_position_is_not_settled_until_its_sale_is_proved():
    desk = Desk().holding()
    state = desk.engine.state
    assert not is_settled(state)
    desk.report("complete", LOT, average=5_400)
    assert not is_settled(state), "the proof is still under way"
    state.proofs.clear()
    assert is_settled(state)
    words = closed_words(state, 0)
    assert f"sold {LOT} {CALL} at Rs 54.00" in words
    assert closed_words(state, state.now + 1) == "nothing of the bot's was held"


def test_a_command_that_is_read_is_what_was_written():
    assert isinstance(read_command(line()), Command)
