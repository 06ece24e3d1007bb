"""The control line: one snapshot, then the newest state only, and nothing a client does hurts the engine."""

from __future__ import annotations

import json
import os
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.control import Asked, ControlLine, ControlServer, NoEngine, machine_now
from ninefifteen.adapters.control import address as address_module
from ninefifteen.adapters.control.address import InUse, connect, listen
from ninefifteen.adapters.control.server import LONGEST_LINE, MOST_CLIENTS
from tests.patience import PATIENCE_S


@pytest.fixture(params=[True, False], ids=["unix", "tcp"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ControlServer]:
    with ControlServer.open(tmp_path, unix=request.param) as opened:
        yield opened


@pytest.fixture
def unix(tmp_path: Path) -> Iterator[ControlServer]:
    with ControlServer.open(tmp_path) as opened:
        yield opened


def until(met: Any) -> None:
    """Wait until this holds; the thread of the server has to have its turn."""
    deadline = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def publish(server: ControlServer, number: int) -> None:
    """What the engine does when a frame is wanted."""
    until(lambda: server.wants_frame)
    server.publish(json.dumps({"number": number}).encode())


def asked(server: ControlServer, count: int = 1) -> list[Asked]:
    """The next lines that come in."""
    found: list[Asked] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count:
        found += server.asked()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


def raw(home: Path) -> socket.socket:
    """A connection without manners."""
    line, _ = connect(home)
    line.settimeout(PATIENCE_S)
    return line


def gone(line: socket.socket) -> bool:
    """Whether the server has let this connection go, whatever it said before."""
    with line, suppress(ConnectionError):
        while line.recv(65536):
            pass
    return True


# ---- states


def test_a_client_gets_a_snapshot_and_then_frames(server: ControlServer, tmp_path: Path):
    with ControlLine(tmp_path) as line:
        publish(server, 1)
        assert line.snapshot(PATIENCE_S) == {"number": 1}
        publish(server, 2)
        frame = line.next(PATIENCE_S)
        assert frame is not None
        assert (frame["kind"], frame["version"], frame["state"]) == ("frame", 1, {"number": 2})


def seen(server: ControlServer, line: ControlLine) -> Any:
    """The first state this client gets; one that has just come in gets that of the next look."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        server.publish(b'{"number": 1}')
        with suppress(NoEngine):
            return line.snapshot(0.1)
        assert time.monotonic() < deadline


def test_nobody_connected_wants_nothing(server: ControlServer):
    assert not server.wants_frame
    assert not server.has_fresh


def test_the_second_client_gets_a_fresh_snapshot_not_an_old_state(unix: ControlServer, tmp_path: Path):
    with ControlLine(tmp_path) as first, ControlLine(tmp_path) as second:
        assert seen(unix, first) == seen(unix, second) == {"number": 1}
        with ControlLine(tmp_path) as third:
            until(lambda: unix.has_fresh)
            publish(unix, 2)
            assert third.snapshot(PATIENCE_S) == {"number": 2}


def test_frames_are_wanted_at_most_twice_a_second(unix: ControlServer, tmp_path: Path):
    with ControlLine(tmp_path) as line:
        publish(unix, 1)
        line.snapshot(PATIENCE_S)
        began = time.monotonic()
        publish(unix, 2)
        publish(unix, 3)
        assert time.monotonic() - began > 0.9


def test_a_client_that_does_not_read_gets_the_newest_state_not_all_of_them(
    unix: ControlServer, tmp_path: Path
):
    line = raw(tmp_path)
    until(lambda: unix.wants_frame)
    for number in range(200):
        unix.publish(json.dumps({"number": number, "ballast": "x" * 100_000}).encode())
        time.sleep(0.001)
    received = b""
    while b'"number": 199' not in received:
        data = line.recv(1 << 20)
        assert data
        received += data
    assert received.count(b'"kind"') < 100, "what was not read in time was never queued"
    line.close()


def test_without_an_engine_that_looks_no_snapshot_comes_and_it_is_said(unix: ControlServer, tmp_path: Path):
    with ControlLine(tmp_path) as line, pytest.raises(NoEngine, match="has not answered"):
        line.snapshot(0.1)


# ---- commands


def test_a_line_is_handed_to_the_engine_and_its_answers_come_back(server: ControlServer, tmp_path: Path):
    with ControlLine(tmp_path) as line:
        line.send({"id": "c1", "verb": "halt"})
        (one,) = asked(server)
        assert json.loads(one.line) == {"id": "c1", "verb": "halt"}
        one.answer(b'{"ack":"c1","state":"taken","text":""}', last=False)
        one.answer(b'{"ack":"c1","state":"done","text":""}')
        answers = [line.next(PATIENCE_S), line.next(PATIENCE_S)]
        assert [found and found["state"] for found in answers] == ["taken", "done"]


def test_a_line_may_come_in_pieces_and_many_in_one(unix: ControlServer, tmp_path: Path):
    line = raw(tmp_path)
    line.sendall(b'{"id":')
    time.sleep(0.05)
    assert list(unix.asked()) == []
    line.sendall(b'1}\n\n{"id":2}\n{"id":')
    assert [one.line for one in asked(unix, 2)] == [b'{"id":1}', b'{"id":2}']
    line.close()
    time.sleep(0.05)
    assert list(unix.asked()) == [], "half a line is no line"


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_too_long_ends_the_connection_and_only_that(unix: ControlServer, tmp_path: Path, end: bytes):
    with ControlLine(tmp_path) as good:
        bad = raw(tmp_path)
        bad.sendall(b"x" * (LONGEST_LINE + 1) + end)
        assert gone(bad)
        good.send({"id": "c1"})
        assert len(asked(unix)) == 1


def test_who_asks_more_than_is_answered_is_let_go(unix: ControlServer, tmp_path: Path):
    line = raw(tmp_path)
    line.sendall(b'{"id":1}\n' * 50)
    assert gone(line)
    assert len(list(unix.asked())) == 8


def test_an_answer_to_somebody_who_is_gone_is_harmless(unix: ControlServer, tmp_path: Path):
    line = raw(tmp_path)
    line.sendall(b"{}\n")
    (one,) = asked(unix)
    line.close()
    time.sleep(0.05)
    one.answer(b"{}")
    with ControlLine(tmp_path) as other:
        publish(unix, 1)
        assert other.snapshot(PATIENCE_S) == {"number": 1}


def test_fifty_clients_at_once_are_all_served(unix: ControlServer, tmp_path: Path):
    with ExitStack() as stack:
        lines = [stack.enter_context(ControlLine(tmp_path)) for _ in range(50)]
        assert all(seen(unix, line) == {"number": 1} for line in lines)


def test_when_all_places_are_taken_the_oldest_makes_room_for_whoever_wants_to_halt(
    unix: ControlServer, tmp_path: Path
):
    waiting = raw(tmp_path)
    waiting.sendall(b'{"id":"w"}\n')
    (first,) = asked(unix)
    idlers = [raw(tmp_path) for _ in range(MOST_CLIENTS - 1)]
    with ControlLine(tmp_path) as line:
        line.send({"id": "c1", "verb": "halt"})
        assert len(asked(unix)) == 1
    assert gone(idlers[0])
    first.answer(b'{"ack":"w"}')
    assert waiting.recv(100), "who waits for an answer keeps the place"
    for idler in [*idlers, waiting]:
        idler.close()


def test_the_end_of_the_engine_is_told(tmp_path: Path):
    with ControlServer.open(tmp_path) as server:
        line = ControlLine(tmp_path)
        publish(server, 1)
        line.snapshot(PATIENCE_S)
    with line, pytest.raises(NoEngine, match="ended the connection"):
        line.next(PATIENCE_S)
    with pytest.raises(NoEngine, match="no engine is running"):
        ControlLine(tmp_path)


def test_answers_given_last_still_arrive(tmp_path: Path):
    with ControlServer.open(tmp_path) as server:
        line = ControlLine(tmp_path)
        line.send({"id": "c1"})
        (one,) = asked(server)
        one.answer(b'{"ack":"c1","state":"done"}')
    with line:
        found = line.next(PATIENCE_S)
    assert found == {"ack": "c1", "state": "done"}


def test_sending_to_an_engine_that_has_gone_is_told(tmp_path: Path):
    with ControlServer.open(tmp_path):
        line = ControlLine(tmp_path)
    with line, suppress(NoEngine):
        line.send({"id": "c1"})  # the first one may still leave
    with pytest.raises(NoEngine):
        line.send({"id": "c1"})


def test_the_thread_sleeps_while_nobody_is_there(unix: ControlServer):
    (thread,) = [one for one in threading.enumerate() if one.name == "control"]
    before = time.process_time()
    time.sleep(0.3)
    assert thread.is_alive()
    assert time.process_time() - before < 0.1


def test_when_no_more_files_can_be_opened_the_line_recovers(
    unix: ControlServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    listener, real, failures = unix._listener, unix._listener.accept, [2]

    class Full:
        """The listener of a process that has no file left, twice."""

        def fileno(self) -> int:
            return listener.fileno()

        def accept(self) -> Any:
            if failures[0]:
                failures[0] -= 1
                raise OSError(24, "Too many open files")
            return real()

        def close(self) -> None:
            listener.close()

    unix._selector.unregister(listener)
    monkeypatch.setattr(unix, "_listener", Full())
    unix._selector.register(unix._listener, 1)
    unix._wake()
    with ControlLine(tmp_path) as line:
        publish(unix, 1)
        assert line.snapshot(PATIENCE_S) == {"number": 1}
    assert failures == [0]


# ---- where it is


def test_the_socket_is_the_owners_only_and_goes_with_the_engine(tmp_path: Path):
    with ControlServer.open(tmp_path):
        assert stat.S_IMODE((tmp_path / "control.sock").stat().st_mode) == 0o600
    assert not (tmp_path / "control.sock").exists()


def test_a_dead_engines_socket_is_replaced_and_a_living_ones_never(tmp_path: Path):
    listener, _ = listen(tmp_path)
    with pytest.raises(InUse):
        listen(tmp_path)
    listener.close()
    assert (tmp_path / "control.sock").exists()
    with ControlServer.open(tmp_path) as server, ControlLine(tmp_path) as line:
        publish(server, 1)
        assert line.snapshot(PATIENCE_S) == {"number": 1}


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short, wherever the tests run."""
    with tempfile.TemporaryDirectory(prefix="nf") as folder:
        yield Path(folder)


@pytest.fixture
def deep(tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose path is too long for a socket, and a short place for such."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    home = tmp_path / ("d" * 60) / ("e" * 60)
    home.mkdir(parents=True)
    return home


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no Unix sockets here")
class TestALongPath:
    """A home too deep for a Unix socket."""

    def test_is_served_from_a_folder_of_the_users_own(self, deep: Path, short: Path):
        folder = short / f"ninefifteen-{os.getuid()}"
        with ControlServer.open(deep) as server, ControlLine(deep) as line:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert stat.S_IMODE((deep / "control.json").stat().st_mode) == 0o600
            publish(server, 1)
            assert line.snapshot(PATIENCE_S) == {"number": 1}
        assert list(folder.iterdir()) == []
        assert not (deep / "control.json").exists()

    def test_is_not_served_from_a_folder_others_can_enter(self, deep: Path, short: Path):
        (short / f"ninefifteen-{os.getuid()}").mkdir(mode=0o755)
        with pytest.raises(OSError, match="not this user's alone"):
            ControlServer.open(deep)

    def test_is_found_by_its_own_home_only(self, deep: Path, tmp_path: Path):
        copy = tmp_path / "copy"
        copy.mkdir()
        with ControlServer.open(deep):
            (copy / "control.json").write_bytes((deep / "control.json").read_bytes())
            with pytest.raises(NoEngine):
                ControlLine(copy)


def test_a_port_wants_its_token_first(tmp_path: Path):
    with ControlServer.open(tmp_path, unix=False) as server:
        pointer = json.loads((tmp_path / "control.json").read_text())
        for first in (
            b'{"id":"c1","verb":"halt"}\n',
            b'{"token":"guess"}\n',
            b"\xff\n",
            b"[]\n",
            b'{"token":1}\n',
        ):
            line = raw(tmp_path)
            line.sendall(first)
            assert gone(line)
        silent = raw(tmp_path)
        assert not server.wants_frame, "who has not shown the token sees nothing"
        assert list(server.asked()) == []
        silent.close()
        line = raw(tmp_path)
        line.sendall(json.dumps({"token": pointer["token"]}).encode() + b'\n{"id":"c1"}\n')
        assert len(asked(server)) == 1
        line.close()
    assert not (tmp_path / "control.json").exists()


def test_a_place_that_cannot_hold_a_socket_is_told(tmp_path: Path):
    with pytest.raises(OSError, match=r"."):
        ControlServer.open(tmp_path / "missing")


def test_a_damaged_pointer_leads_nowhere(tmp_path: Path):
    (tmp_path / "control.json").write_text("{")
    with pytest.raises(NoEngine):
        ControlLine(tmp_path)


def test_commands_are_stamped_by_the_clock_on_the_wall():
    assert abs(machine_now() - time.time_ns()) < PATIENCE_S * 10**9
    assert address_module.LONGEST == 100
