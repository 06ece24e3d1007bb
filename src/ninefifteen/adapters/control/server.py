"""The engine's end of the control line: one plain thread that carries lines and knows no command.

The thread sleeps in the system while nobody has something to say: a trading loop beside it never
notices it. It holds the newest frame only. A client that reads slowly gets fewer frames, never a queue;
one that sends too much, or no lines, is let go.
"""

from __future__ import annotations

import contextlib
import hmac
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from . import address

VERSION = 1
"""Version of the protocol."""
LONGEST_LINE = 8192
"""Bytes of the longest line a client may send."""
MOST_CLIENTS = 64
FRAME_S = 0.5
"""Seconds of this machine between two frames."""

_MOST_ASKED = 8
"""Lines of one client that may wait for the engine."""
_BREATH_S = 0.5
_CHUNK = 65536


class Asked:
    """One line from a client, and the way to answer it."""

    def __init__(self, server: ControlServer, client: _Client, line: bytes) -> None:
        self._server, self._client = server, client
        self.line = line

    def answer(self, document: bytes, *, last: bool = True) -> None:
        """Send one JSON document back. `last`: nothing more will be said about this line."""
        self._server.send(self._client, document, last=last)


class ControlServer:
    """Listens for one home. Use as a context manager; every method but the thread's is the engine's."""

    def __init__(self, home: Path, listener: socket.socket, where: address.Address) -> None:
        self._home, self._where = home, where
        self._listener = listener
        self._listener.settimeout(0)
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(0)
        self._theirs.settimeout(0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self._theirs, selectors.EVENT_READ)
        self._clients: dict[socket.socket, _Client] = {}
        self._asked: deque[Asked] = deque()
        self._frame = (0, b"")
        self._published = 0.0
        self._watched = False
        self._fresh = False
        self._full = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    @classmethod
    def open(cls, home: Path, *, unix: bool | None = None) -> Self:
        """Listen for the home at `home`. Raises `address.InUse` or OSError."""
        found = address.listen(home) if unix is None else address.listen(home, unix=unix)
        return cls(home, *found)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let everybody go, answers that wait included, and take the socket away."""
        self._closing = True
        self._wake()
        self._thread.join()
        address.remove(self._home, self._where)

    # ------------------------------------------------------------------------------- asked by the engine

    @property
    def wants_frame(self) -> bool:
        """Whether somebody watches and a frame is due; a new client's first one is due at once."""
        return self._watched and (self._fresh or _seconds() - self._published >= FRAME_S)

    @property
    def has_fresh(self) -> bool:
        """Whether somebody waits for a first frame."""
        return self._fresh

    def publish(self, state: bytes) -> None:
        """This JSON document is the newest state; whoever watches gets it."""
        self._fresh = False
        self._published = _seconds()
        self._frame = (self._frame[0] + 1, state)
        self._wake()

    def asked(self) -> Iterator[Asked]:
        """The lines that have come since the last look, in their order."""
        for _ in range(len(self._asked)):
            yield self._asked.popleft()

    def send(self, client: _Client, document: bytes, *, last: bool) -> None:
        """Send a client one document; harmless when it is gone."""
        client.answers.append((document + b"\n", last))
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it has been woken often enough
            self._ours.send(b"\0")

    # --------------------------------------------------------------------------------------- the thread

    def _run(self) -> None:
        while not self._closing:
            for key, events in self._selector.select(_BREATH_S if self._full else None):
                self._serve(key, events)
            if self._full:
                self._full = False
                self._selector.register(self._listener, selectors.EVENT_READ)
            self._feed()
        self._feed()
        for client in list(self._clients.values()):
            self._drop(client)
        self._selector.close()
        for end in (self._listener, self._ours, self._theirs):
            end.close()

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if key.fileobj is self._listener:
            self._accept()
        elif key.fileobj is self._theirs:
            with contextlib.suppress(OSError):
                self._theirs.recv(_CHUNK)
        else:
            client = self._clients.get(key.fileobj)  # type: ignore[call-overload]
            if client is not None and events & selectors.EVENT_READ:
                self._read(client)

    def _accept(self) -> None:
        try:
            line, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:  # no more files may be opened: make room, or look again in a moment
            if not self._evict():
                self._full = True
                self._selector.unregister(self._listener)
            return
        line.settimeout(0)
        if len(self._clients) >= MOST_CLIENTS:
            self._evict()
        client = _Client(line, self._frame[0], known=not self._where.token)
        self._clients[line] = client
        self._selector.register(line, selectors.EVENT_READ)
        self._welcome(client)

    def _welcome(self, client: _Client) -> None:
        if client.known:
            client.since = self._frame[0]
            self._watched = self._fresh = True

    def _evict(self) -> bool:
        """Let the oldest client go that waits for nothing: whoever comes may want to halt."""
        idle = next((client for client in self._clients.values() if not client.waits), None)
        oldest = idle or next(iter(self._clients.values()), None)
        if oldest is not None:
            self._drop(oldest)
        return oldest is not None

    def _read(self, client: _Client) -> None:
        try:
            data = client.line.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        *lines, client.half = (client.half + data).split(b"\n")
        for line in lines:
            if not self._take(client, line):
                return
        if len(client.half) > LONGEST_LINE:
            self._refuse(client, f"a line is longer than {LONGEST_LINE} bytes")

    def _take(self, client: _Client, line: bytes) -> bool:
        """Take a whole line in; False when the client was let go for it."""
        if not client.known:
            client.known = hmac.compare_digest(_token(line), self._where.token.encode())
            if client.known:
                self._welcome(client)
            else:
                self._refuse(client, "the token is wrong")
        elif len(line) > LONGEST_LINE:
            self._refuse(client, f"a line is longer than {LONGEST_LINE} bytes")
        elif client.waits >= _MOST_ASKED:
            self._refuse(client, "too many commands wait for their answer")
        elif line.strip():
            client.waits += 1
            self._asked.append(Asked(self, client, line))
        return client.line in self._clients

    def _refuse(self, client: _Client, text: str) -> None:
        client.out += msgspec.json.encode({"ack": None, "state": "refused", "text": text}) + b"\n"
        self._write(client)
        self._drop(client)

    def _feed(self) -> None:
        """Hand every client what is for it, as far as it takes it."""
        for client in list(self._clients.values()):
            while client.answers:
                document, last = client.answers.popleft()
                client.out += document
                client.waits -= last
            self._write(client)
            number, state = self._frame
            if not client.out and number > client.since and client.line in self._clients:
                client.out += client.framed(number, state)
                self._write(client)

    def _write(self, client: _Client) -> None:
        if not client.out or client.line not in self._clients:
            return
        try:
            del client.out[: client.line.send(client.out)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.out else 0)
        self._selector.modify(client.line, wanted)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.line, None) is not None:
            self._selector.unregister(client.line)
            client.line.close()
        self._watched = any(client.known for client in self._clients.values())


class _Client:
    """One connection as the thread knows it. Only `answers` is touched from elsewhere."""

    def __init__(self, line: socket.socket, since: int, *, known: bool) -> None:
        self.line = line
        self.since = since
        self.known = known
        self.first = True
        self.half = b""
        self.out = bytearray()
        self.answers: deque[tuple[bytes, bool]] = deque()
        self.waits = 0

    def framed(self, number: int, state: bytes) -> bytes:
        """The frame as this client gets it: its first one is the snapshot."""
        kind = b"snapshot" if self.first else b"frame"
        self.first, self.since = False, number
        return b'{"kind":"%s","version":%d,"number":%d,"state":%s}\n' % (kind, VERSION, number, state)


def _token(line: bytes) -> bytes:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return b""
    given = found.get("token") if isinstance(found, dict) else None
    return given.encode() if isinstance(given, str) else b""


def _seconds() -> float:
    return time.monotonic()  # noqa: TID251 - how often frames are sent, never what is decided
