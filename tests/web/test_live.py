"""The WebSocket: a snapshot, then patches that lead to the engine's state, and nobody holds it up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from ninefifteen.web import fanout
from ninefifteen.web.fanout import LOG_IN_AGAIN, MOST, NOT_UNDERSTOOD, TOO_MANY, TOO_SLOW
from ninefifteen.web.guards import POLICY
from ninefifteen.web.patches import reshaped
from tests.web.engines import Engine, engine, state, until
from tests.web.patching import merged
from tests.web.servers import Served, message, served
from tests.web.sites import Desk

Document = dict[str, Any]


@pytest.fixture
def serving(at_desk: Desk) -> Iterator[Served]:
    with served(at_desk) as made:
        yield made


@pytest.fixture
def running(at_desk: Desk) -> Iterator[Engine]:
    with engine(at_desk.site.home.path) as made:
        yield made


def closing_code(page: ClientConnection) -> int | None:
    """Read to the end; the code it was closed with, None where there was only an end."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            page.recv(60)
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code
    raise AssertionError("it was not closed")


def test_who_comes_gets_the_whole_state_and_then_patches_to_the_newest(serving: Served, running: Engine):
    until(lambda: serving.desk.site.engine.heard == "connected")
    with serving.page() as page:
        first = message(page, "snapshot")
        assert first["engine"]["state"] == "connected"
        assert first["session"]["user"] == {"name": "vera", "role": "viewer", "demo": False, "totp": False}
        known, number = first["state"], first["number"]
        assert known == json.loads(json.dumps(reshaped(running.state)))
        running.state = state(clock="later", halted="cli:asha: smoke", positions=[{"a": 1}])
        while known != reshaped(running.state):
            delta = message(page, "delta")
            assert delta["number"] == number + 1
            known, number = merged(known, delta["patch"]), delta["number"]


def test_patches_are_small_and_at_most_two_a_second(serving: Served, running: Engine):
    with serving.page() as page:
        message(page, "snapshot")
        began, count = time.monotonic(), 0
        while time.monotonic() < began + 2:
            running.state = state(clock=str(time.monotonic_ns()))
            found = json.loads(page.recv(10))
            if found["kind"] == "delta":
                assert list(found["patch"]) == ["clock"]
                count += 1
        assert 2 <= count <= 5


def test_a_beat_comes_every_second_with_the_servers_clock(serving: Served):
    with serving.page() as page:
        message(page, "beat")
        began = time.monotonic()
        assert message(page, "beat")["at"].endswith("+05:30")
        assert 0.5 < time.monotonic() - began < 2


def test_an_engine_that_falls_silent_goes_and_comes_back_is_told_each_time(serving: Served):
    serving.desk.site.engine._silent_s = 0.3
    home = serving.desk.site.home.path
    with serving.page() as page:
        assert message(page, "snapshot")["state"] is None
        with engine(home) as first:
            while message(page, "engine")["engine"]["state"] != "connected":
                pass
            assert message(page, "snapshot")["state"]["strategies"]["nine_fifteen"]["phase"] == "holding"
            first.frozen = True
            assert message(page, "engine")["engine"]["state"] == "silent"
        assert message(page, "engine")["engine"]["state"] == "gone"
        with engine(home) as second:
            second.state = state(clock="later")
            assert message(page, "engine")["engine"]["state"] == "connected"
            assert message(page, "snapshot")["state"]["clock"] == "later"


def test_events_of_the_log_come_at_once_and_as_they_happen(serving: Served):
    log = serving.desk.site.home.logs_dir / "audit.log"
    with log.open("a") as file:
        for number in range(60):
            file.write(json.dumps({"at": "t", "kind": "order", "text": f"order {number}"}) + "\n")
        file.write('{"at":"t","kind":"command","text":"not for everybody"}\n')
    until(lambda: serving.desk.site.fanout._lines)
    with serving.page() as page:
        lines = message(page, "events")["lines"]
        assert [line["text"] for line in lines] == [f"order {number}" for number in range(10, 60)]
        with log.open("a") as file:
            file.write('{"at":"t","kind":"alarm","severity":"P1","text":"fire"}\n')
        assert message(page, "events")["lines"] == [
            {"at": "t", "kind": "alarm", "severity": "critical", "text": "fire"}
        ]


def test_everybody_hears_who_comes_and_goes(serving: Served):
    with serving.page("viewer") as first:
        assert [one["name"] for one in message(first, "sessions")["sessions"]] == ["vera"]
        with serving.page("admin"):
            assert [one["name"] for one in message(first, "sessions")["sessions"]] == ["vera", "asha"]
        assert [one["name"] for one in message(first, "sessions")["sessions"]] == ["vera"]


# ---- who may, and how long


def test_without_a_session_it_says_log_in_again(serving: Served):
    with connect(f"ws://{serving.host}/api/live", origin=Origin(serving.url)) as page:
        assert closing_code(page) == LOG_IN_AGAIN


def test_a_foreign_page_is_refused_before_it_is_accepted(serving: Served):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{serving.host}/api/live", origin=Origin("http://evil.example"))
    assert refused.value.response.status_code == 403
    assert refused.value.response.headers["content-security-policy"] == POLICY


def test_a_page_whose_session_ends_is_let_go_within_its_check(
    serving: Served, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fanout, "_CHECK_BEATS", 1)
    with serving.page() as page:
        message(page, "snapshot")
        serving.desk.site.people.sessions.end_all("vera")
        assert closing_code(page) == LOG_IN_AGAIN


@pytest.mark.parametrize(
    "said",
    ["{", "null", '{"kind":"hello"}', '{"kind":"hello","version":2}', '{"kind":"halt"}', b"\x00", "[" * 1000],
)
def test_a_page_that_says_anything_but_hello_is_let_go(serving: Served, said: str | bytes):
    with serving.page() as page:
        page.send('{"kind":"hello","version":1}')
        page.send(said)
        assert closing_code(page) == NOT_UNDERSTOOD


def test_a_page_that_says_too_much_is_let_go(serving: Served):
    with serving.page() as page:
        page.send('{"kind":"hello","version":1' + " " * 2000 + "}")
        assert closing_code(page) == 1009
    with serving.page() as page:
        for _ in range(10):
            page.send('{"kind":"hello","version":1}')
        assert closing_code(page) == NOT_UNDERSTOOD


# ---- many, and slow ones


def test_fifty_pages_are_served_and_the_next_one_is_refused(serving: Served, running: Engine):
    until(lambda: serving.desk.site.fanout._state is not None)  # else the engine's first state is a snapshot
    with ExitStack() as stack:
        pages = [stack.enter_context(serving.page()) for _ in range(MOST)]
        assert all(message(page, "snapshot") for page in pages)
        with serving.page() as late:
            assert closing_code(late) == TOO_MANY
        running.state = state(clock="for all")
        for page in pages:
            while message(page, "delta")["patch"].get("clock") != "for all":
                pass
    until(lambda: not serving.desk.site.fanout._pages)


def test_a_page_that_reads_nothing_is_dropped_and_holds_up_nobody(
    serving: Served, running: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fanout, "_SEND_S", 0.3)
    site = serving.desk.site
    until(lambda: site.engine.heard == "connected")
    with serving.page() as good, serving.page("operator", max_queue=1) as bad:
        until(lambda: message(good, "snapshot")["state"] is not None)
        for number in range(40):
            running.state = state(clock=f"clock {number}", text=f"{number % 10}" * 900_000)
            while message(good, "delta")["patch"].get("clock") != f"clock {number}":
                pass
            if len(site.fanout._pages) == 1:
                break
        assert [page.who.name for page in site.fanout._pages] == ["vera"]
        assert closing_code(bad) in (None, TOO_SLOW)
