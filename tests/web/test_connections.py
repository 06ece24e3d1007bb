"""Rude connections: what asks nothing, or half of something, or is no HTTP, or comes a hundred times."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from ninefifteen.web import protocols
from ninefifteen.web.guards import POLICY, Guards
from ninefifteen.web.protocols import too_many
from tests.web.servers import Served, served
from tests.web.sites import Desk


@pytest.fixture
def serving(at_desk: Desk) -> Iterator[Served]:
    with served(at_desk) as made:
        yield made


def everything(line: socket.socket) -> bytes:
    with line:
        line.settimeout(60)
        found = b""
        while data := line.recv(65536):
            found += data
        return found


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/x\r\n\r\n", b"\x16\x03\x01\x02\x00" * 9, b"G" * 20000]
)
def test_what_is_no_http_is_refused_with_the_policy(serving: Served, sent: bytes):
    answer = everything(serving.line(sent))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert POLICY.encode() in answer
    assert b"no-store" in answer
    assert b"server:" not in answer.lower()


def test_a_connection_that_asks_nothing_is_let_go(serving: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocols, "_IDLE_S", 0.2)
    assert everything(serving.line(b"GET / HTT")) == b""


def test_a_body_that_never_comes_is_not_waited_for(serving: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ninefifteen.web.guards.BODY_S", 0.2)
    csrf = serving.desk.site.csrf(None)
    head = (
        f"POST /api/login HTTP/1.1\r\nhost: {serving.host}\r\norigin: {serving.url}\r\n"
        f"x-ninefifteen-csrf: {csrf}\r\ncontent-type: application/json\r\n"
        "content-length: 50\r\nconnection: close\r\n\r\n"
    )
    assert everything(serving.line(head.encode() + b"{")).startswith(b"HTTP/1.1 408 ")


def answered(line: socket.socket) -> None:
    """Read one answer that is fine, to its end."""
    line.settimeout(60)
    found = b""
    while not found.endswith(b'alive"}'):
        found += (data := line.recv(4096))
        assert data
    assert found.startswith(b"HTTP/1.1 200 ")


ASKS = b"GET /healthz HTTP/1.1\r\nhost: %s\r\n\r\n"


def test_half_a_question_after_a_whole_one_is_let_go_too(serving: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocols, "_IDLE_S", 0.3)
    line = serving.line(ASKS % serving.host.encode())
    answered(line)
    line.sendall(b"GET /hea")
    began = time.monotonic()
    assert everything(line) == b""
    assert time.monotonic() - began < 5


def test_whoever_goes_on_asking_keeps_his_connection(serving: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocols, "_IDLE_S", 0.3)
    line = serving.line(b"")
    for _ in range(6):
        time.sleep(0.1)
        line.sendall(ASKS % serving.host.encode())
        answered(line)
    line.close()


def test_no_address_and_no_crowd_of_them_takes_every_connection():
    one, crowd = ["10.0.0.1"], [f"10.0.{number // 250}.{number % 250}" for number in range(300)]
    assert not too_many(one * 99, "10.0.0.1")
    assert too_many(one * 100, "10.0.0.1")
    assert not too_many(one * 100, "10.0.0.2")
    assert too_many(crowd[:180], "10.9.9.9")
    assert not too_many(crowd[:180], "127.0.0.1")
    assert too_many(crowd[:200], "127.0.0.1")


HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.mark.parametrize(
    ("start", "changes", "status"),
    [
        ("GET /api/live", {"sec-websocket-key": None}, 404),
        ("GET /api/live", {"sec-websocket-key": "A==="}, 404),
        ("GET /api/live", {"sec-websocket-version": "12"}, 404),
        ("GET /api/live", {"x-long": "x" * 9000}, 404),
        ("GET /api/live", {"content-length": "1"}, 404),
        ("GET /api/live", {"sec-websocket-key": None, "host": "evil.example"}, 403),
        ("GET /api/live", {"host": "evil.example"}, 403),
        ("GET /api/live", {"origin": "http://evil.example"}, 403),
        ("GET /nowhere", {}, 404),
        ("GET /healthz", {"connection": "x"}, 200),
        ("POST /api/live", {}, 415),
    ],
)
def test_whatever_becomes_of_a_handshake_the_answer_carries_the_policy(
    serving: Served,
    caplog: pytest.LogCaptureFixture,
    start: str,
    changes: dict[str, str | None],
    status: int,
):
    asked = {"host": serving.host, "origin": serving.url} | HANDSHAKE | changes
    head = "".join(f"{name}: {value}\r\n" for name, value in asked.items() if value is not None)
    line = serving.line(f"{start} HTTP/1.1\r\n{head}\r\nx".encode())
    answer = line.recv(65536)
    line.close()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert POLICY.encode() in answer
    assert b"no-store" in answer
    assert caplog.text == "", "strangers write no log"


def test_too_many_connections_are_not_taken(serving: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(protocols, "_CONNECTIONS", 3)
    lines = [serving.line(b"") for _ in range(3)]
    time.sleep(0.1)
    with suppress(ConnectionError):
        assert everything(serving.line(b"")) == b""
    for line in lines:
        line.close()


def test_too_many_requests_at_once_are_turned_away(at_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ninefifteen.web.guards.MOST_AT_ONCE", 0)
    answer = at_desk.client().get("/healthz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")


def test_a_body_that_breaks_off_is_nobodys(at_desk: Desk):
    async def story() -> list[dict[str, object]]:
        sent: list[dict[str, object]] = []
        headers = [(b"host", b"127.0.0.1:8080")]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "client": None}

        async def receive() -> dict[str, object]:
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await Guards(at_desk.app, at_desk.site)(scope, receive, send)  # type: ignore[arg-type]
        return sent

    assert asyncio.run(story())[0]["status"] == 400
