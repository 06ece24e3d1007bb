"""The link to the engine: it comes back for ever, and believes no line that is none."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.control import ControlServer
from ninefifteen.adapters.control.address import listen
from ninefifteen.web.engine_link import EngineLink, Listener, NotSent
from tests.web.engines import Engine, engine, until


class Heard(Listener):
    """What a link has told."""

    def __init__(self) -> None:
        self.states: list[tuple[Any, bool]] = []

    def came(self, state: dict[str, Any], *, first: bool) -> None:
        """A newer state."""
        self.states.append((state, first))


@contextmanager
def linked(home: Path, **given: float) -> Iterator[EngineLink]:
    """A link that runs in a loop of its own thread."""
    loop = asyncio.new_event_loop()
    link = EngineLink(home, **given)
    task = loop.create_task(link.run())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        loop.close()


def test_a_port_with_a_token_is_as_good_as_a_socket(tmp_path: Path):
    with ControlServer.open(tmp_path, unix=False) as server, linked(tmp_path) as link:
        until(lambda: server.wants_frame)
        server.publish(b'{"clock":"t"}')
        until(lambda: link.heard == "connected")
        assert link.state == {"clock": "t"}


def test_after_every_new_connection_the_first_state_is_marked(tmp_path: Path):
    with linked(tmp_path) as link:
        heard = Heard()
        link.subscribe(heard)
        for _ in range(2):
            with engine(tmp_path):
                before = len(heard.states)
                until(lambda: len(heard.states) > before + 1)  # noqa: B023 - looked at in this turn only
                assert [first for _, first in heard.states[before : before + 2]] == [True, False]
            until(lambda: link.heard == "gone")


def test_an_engine_that_listens_and_says_nothing_is_silent_not_gone(tmp_path: Path):
    with Engine(tmp_path) as frozen, linked(tmp_path, silent_s=0.2) as link:
        frozen.frozen = True
        until(lambda: link.heard == "silent")
        assert link.standing["since"].endswith("+05:30")
        frozen.frozen = False
        until(lambda: link.heard == "connected")


@pytest.mark.parametrize("said", [b"nonsense\n", b"[1]\n\xff\xff\n", b"x" * (9 * 1024 * 1024), b'{"half":'])
def test_whoever_says_what_no_engine_says_is_left_and_asked_again(tmp_path: Path, said: bytes):
    listener, _ = listen(tmp_path)
    with listener, linked(tmp_path) as link:
        listener.settimeout(60)
        for _ in range(2):
            line, _ = listener.accept()
            with line, suppress(OSError):
                line.sendall(said)
                line.shutdown(socket.SHUT_WR)
                while line.recv(65536):
                    pass
        assert link.heard == "gone"


def test_answers_nobody_waits_for_are_passed_over(tmp_path: Path):
    listener, _ = listen(tmp_path)
    with listener, linked(tmp_path) as link:
        listener.settimeout(60)
        line, _ = listener.accept()
        with line:
            line.sendall(
                b'{"ack":null,"state":"refused"}\n{"ack":"other","state":"done"}\n{"state":{"clock":"t"}}\n'
            )
            until(lambda: link.heard == "connected")


def story(home: Path, tell: Callable[[EngineLink], Awaitable[None]]) -> None:
    """Run a link and this beside it in one loop."""

    async def both() -> None:
        link = EngineLink(home)
        task = asyncio.create_task(link.run())
        await tell(link)
        task.cancel()

    asyncio.run(both())


def test_without_an_engine_nothing_is_sent(tmp_path: Path):
    async def tell(link: EngineLink) -> None:
        with pytest.raises(NotSent, match="no engine"):
            await link.command({"id": "press-me-now", "verb": "pause"})

    story(tmp_path, tell)


def test_a_command_is_sent_once_and_never_again_by_itself(tmp_path: Path):
    sent: list[bytes] = []

    async def tell(link: EngineLink) -> None:
        await asyncio.to_thread(until, lambda: link.heard == "connected")
        answer = await link.command({"id": "press-me-now", "verb": "pause"})
        assert answer["state"] == "done"

    with engine(tmp_path) as running:
        story(tmp_path, tell)
        sent += [json.dumps(one).encode() for one in running.commands]
        with linked(tmp_path) as link:
            until(lambda: link.heard == "connected")
    assert len(sent) == len(running.commands) == 1
