"""Commands over HTTP, to an engine that obeys, refuses, says nothing, or is not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from ninefifteen.adapters.control import machine_now
from tests.web.engines import Engine, engine, silence, state, taken_then_done, until
from tests.web.sites import Desk, command, desk, live


@pytest.fixture
def running(at_desk: Desk) -> Iterator[Engine]:
    with engine(at_desk.site.home.path) as made:
        yield made


def pressed(client: TestClient, verb: str, **changes: Any) -> httpx.Response:
    answer: httpx.Response = client.post(f"/api/commands/{verb}", json=command(**changes))
    return answer


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def connected(at_desk: Desk, client: TestClient) -> None:
    """Wait until the engine is heard; the client has to be inside its `with`."""
    until(lambda: client.get("/readyz").status_code == 200)


@pytest.mark.parametrize("verb", ["pause", "resume", "flatten", "halt"])
def test_an_operators_command_reaches_the_engine_as_it_was_meant(at_desk: Desk, running: Engine, verb: str):
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        answer = pressed(client, verb, id="press-me-now", reason="tea")
    assert (answer.status_code, answer.json()["state"]) == (200, "done")
    (sent,) = running.commands
    assert abs(machine_now() - sent.pop("sent_at")) < 10**10
    assert sent == {
        "id": "press-me-now",
        "verb": verb,
        "source": "dashboard:omar",
        "role": "operator",
        "args": {"reason": "tea", "confirmed": False},
    }


def test_a_pause_may_say_until_when(at_desk: Desk, running: Engine):
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        assert pressed(client, "pause", until="2026-12-07").status_code == 200
    assert running.commands[0]["args"]["until"] == "2026-12-07"


def test_a_halt_that_is_taken_is_proved_later_over_the_socket(at_desk: Desk, running: Engine):
    running.answers = taken_then_done
    with at_desk.client("operator") as client, live(client) as page:
        connected(at_desk, client)
        answer = pressed(client, "halt", id="press-me-now")
        assert (answer.status_code, answer.json()["state"]) == (202, "taken")
        running.say_later()
        while (found := page.receive_json())["kind"] != "answer":
            pass
    assert found == {
        "kind": "answer", "verb": "halt", "id": "press-me-now", "state": "done", "text": "halt done",
    }  # fmt: skip


@pytest.mark.parametrize("said", ["refused", "stale"])
def test_what_the_engine_refuses_is_a_conflict_with_its_words(at_desk: Desk, running: Engine, said: str):
    running.answers = lambda one: [{"ack": one["id"], "state": said, "text": "because"}]
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        answer = pressed(client, "pause")
    assert (answer.status_code, code(answer), answer.json()["error"]["text"]) == (409, said, "because")


def test_the_same_press_sent_again_is_passed_on_and_the_first_still_waits(at_desk: Desk, running: Engine):
    def once(one: dict[str, Any]) -> list[dict[str, Any]]:
        if len(running.commands) == 1:
            return taken_then_done(one)
        return [{"ack": one["id"], "state": "repeated", "text": "nothing was done again"}]

    running.answers = once
    with at_desk.client("operator") as client, live(client) as page:
        connected(at_desk, client)
        assert pressed(client, "halt", id="press-me-now").status_code == 202
        again = pressed(client, "halt", id="press-me-now")
        assert (again.status_code, again.json()["state"]) == (200, "repeated")
        assert again.json()["text"] == "nothing was done again"
        running.say_later()
        while (found := page.receive_json())["kind"] != "answer":
            pass
    assert found["state"] == "done"


# ---- who may


def test_a_viewer_may_stop_nothing(at_desk: Desk, running: Engine):
    with at_desk.client("viewer") as client:
        connected(at_desk, client)
        for verb in ("pause", "resume", "flatten", "halt", "unlock"):
            assert pressed(client, verb).status_code == 403
    assert running.commands == []
    assert "dashboard:vera: viewer may not POST /api/commands/halt" in at_desk.audited()


def test_unlock_is_an_admins_with_a_fresh_code_and_a_second_word(at_desk: Desk, running: Engine):
    at_desk.second_factor("admin")
    with at_desk.client("admin") as client:
        connected(at_desk, client)
        sent = (datetime.now(UTC) + timedelta(seconds=at_desk.clock.ahead / 1e9)).isoformat()
        first = {"sent_at": sent, "confirmed": True}
        assert code(pressed(client, "unlock", sent_at=sent)) == "confirm"
        assert code(pressed(client, "unlock", **first)) == "second_factor"
        assert code(pressed(client, "unlock", totp="000000", **first)) == "second_factor"
        used = at_desk.code("admin")
        assert pressed(client, "unlock", totp=used, **first).status_code == 200
        assert code(pressed(client, "unlock", totp=used, **first)) == "second_factor"
    (one,) = running.commands
    assert (one["verb"], one["role"], one["args"]["confirmed"]) == ("unlock", "admin", True)


@pytest.mark.parametrize("changes", [{"losing_streak": 4}, {"paused": "cli:ravi: tea"}])
def test_resuming_what_others_or_losses_stopped_needs_an_admins_code(
    at_desk: Desk, running: Engine, changes: dict[str, Any]
):
    running.state = state(**changes)
    at_desk.second_factor("admin")
    later = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        assert code(pressed(client, "resume", sent_at=later)) == "role"
        at_desk.become(client, "admin")
        assert code(pressed(client, "resume", sent_at=later)) == "second_factor"
        fine = {"sent_at": later, "confirmed": True, "totp": at_desk.code("admin")}
        assert pressed(client, "resume", **fine).status_code == 200
    assert [one["role"] for one in running.commands] == ["admin"]


def test_resuming_ones_own_pause_needs_no_code(at_desk: Desk, running: Engine):
    running.state = state(paused="dashboard:omar: tea")
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        assert pressed(client, "resume").status_code == 200
    assert running.commands[0]["role"] == "operator"


# ---- when


def test_a_command_that_is_too_old_is_not_sent(at_desk: Desk, running: Engine):
    old = (datetime.now(UTC) - timedelta(seconds=130)).isoformat()
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        for verb in ("pause", "resume", "halt"):
            assert code(pressed(client, verb, sent_at=old)) == "stale"
    assert running.commands == []


def test_a_browser_whose_clock_is_ahead_may_stop_but_not_add_risk(at_desk: Desk, running: Engine):
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        assert pressed(client, "halt", sent_at=ahead).status_code == 200
        assert code(pressed(client, "resume", sent_at=ahead)) == "stale"
    assert running.commands[0]["sent_at"] <= machine_now()


def test_a_flood_of_commands_does_not_reach_the_engine(at_desk: Desk, running: Engine):
    with at_desk.client("operator") as client:
        connected(at_desk, client)
        answers = [pressed(client, "pause").status_code for _ in range(15)]
        assert answers == [200] * 10 + [429] * 5
        at_desk.clock.pass_by(11)
        later = (datetime.now(UTC) + timedelta(seconds=11)).isoformat()
        assert pressed(client, "pause", sent_at=later).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "short"},
        {"id": "has a blank in it"},
        {"id": "x" * 65},
        {"id": 12345678},
        {"sent_at": "yesterday"},
        {"sent_at": "2026-12-04T09:15:00"},
        {"sent_at": 1e308},
        {"reason": "x" * 201},
        {"confirmed": "yes"},
        {"until": "soon"},
        {"price": "1"},
        {"totp": 123456},
    ],
)
def test_a_body_that_is_no_command_is_refused(at_desk: Desk, wrong: dict[str, Any]):
    assert pressed(at_desk.client("operator"), "pause", **wrong).status_code == 422


# ---- nobody answers


@pytest.fixture
def hurried(at_desk: Desk) -> Desk:
    at_desk.site.engine._answer_s = 0.1
    return at_desk


def test_a_halt_without_an_engine_makes_the_file_and_says_that_nothing_was_closed(at_desk: Desk):
    answer = pressed(at_desk.client("operator"), "halt", reason="smoke")
    assert (answer.status_code, answer.json()["state"]) == (200, "latched")
    assert "nothing was closed" in answer.json()["text"]
    assert "not known" in answer.json()["text"]
    latch = at_desk.site.home.latched()
    assert latch is not None
    assert latch.words == "dashboard:omar: smoke"
    assert any("answered by no engine: latched" in text for text in at_desk.audited())


@pytest.mark.parametrize("verb", ["pause", "resume", "flatten"])
def test_without_an_engine_everything_else_is_refused_with_the_other_doors(at_desk: Desk, verb: str):
    answer = pressed(at_desk.client("operator"), verb)
    assert (answer.status_code, code(answer)) == (503, "no_engine")
    assert "nothing was done" in answer.json()["error"]["text"]
    assert ("ninefifteen halt" in str(answer.json()["error"]["fix"])) == (verb != "resume")


def test_a_halt_an_engine_does_not_answer_makes_the_file_and_proves_nothing(hurried: Desk, running: Engine):
    running.answers = silence
    running.state = state(
        positions=[{"quantity": 50, "contract": "MARUTI CE"}], orders=[{"state": "trigger pending"}]
    )
    with hurried.client("operator") as client:
        connected(hurried, client)
        answer = pressed(client, "halt")
    assert (answer.status_code, code(answer)) == (504, "no_answer")
    text = answer.json()["error"]["text"]
    assert "nothing is proved" in text
    assert "(09:15:00) it held 50 MARUTI CE and had 1 open orders" in text
    assert "HALT" in answer.json()["error"]["fix"]
    assert hurried.site.home.latched() is not None


def test_nobody_is_sent_to_a_broker_where_orders_were_simulated(hurried: Desk, running: Engine):
    running.answers = silence
    running.state = state(broker={"reconciled": False})
    with hurried.client("operator") as client:
        connected(hurried, client)
        said = pressed(client, "halt").json()["error"]
    assert "its orders are simulated" in said["text"]
    assert "broker" not in said["fix"]


def test_a_command_an_engine_does_not_answer_may_still_be_obeyed_and_says_so(hurried: Desk, running: Engine):
    running.answers = silence
    with hurried.client("operator") as client:
        connected(hurried, client)
        answer = pressed(client, "flatten")
    assert (answer.status_code, code(answer)) == (504, "no_answer")
    assert "may still be obeyed" in answer.json()["error"]["text"]
    assert len(running.commands) == 1


def test_an_engine_that_dies_with_the_command_is_no_answer(at_desk: Desk):
    with at_desk.client("operator") as client:
        with engine(at_desk.site.home.path) as dying:
            dying.answers = silence
            connected(at_desk, client)
            at_desk.site.engine._answer_s = 30.0

            found: list[httpx.Response] = []
            pressing = threading.Thread(target=lambda: found.append(pressed(client, "flatten")))
            pressing.start()
            until(lambda: dying.commands)
        pressing.join(10)
    assert (found[0].status_code, code(found[0])) == (504, "no_answer")
    assert "ended the connection" in found[0].json()["error"]["text"]


def test_too_many_waiting_commands_are_not_sent_and_a_halt_makes_its_file(hurried: Desk, running: Engine):
    running.answers = silence
    with hurried.client("operator") as client:
        connected(hurried, client)
        began = time.monotonic()
        for _ in range(7):
            assert pressed(client, "flatten").status_code == 504
        assert time.monotonic() - began < 5
        assert (pressed(client, "pause").status_code, len(running.commands)) == (429, 7)
        assert pressed(client, "halt").status_code == 429
    assert hurried.site.home.latched() is not None


def test_a_halt_that_cannot_even_make_its_file_says_so(at_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(at_desk.site.home), "latch", full)
    answer = pressed(at_desk.client("operator"), "halt")
    assert (answer.status_code, code(answer)) == (503, "not_latched")
    assert "NOT halted" in answer.json()["error"]["text"]


def test_a_demos_person_may_halt_and_is_called_so(tmp_path: Path):
    with desk(tmp_path / "home", demo=True) as opened:
        assert pressed(opened.client("demo"), "halt").json()["state"] == "latched"
        latch = opened.site.home.latched()
        assert latch is not None
        assert latch.source == "dashboard:demo"
