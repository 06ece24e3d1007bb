"""The real server in a thread of the test, and clients that behave as badly as they like."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from ninefifteen.web.server import bound, serve
from tests.web.engines import until
from tests.web.sites import Desk

PATIENCE_S = 60.0

Document = dict[str, Any]


class Served:
    """A dashboard that listens; `ready` is the line it has said."""

    def __init__(self, at_desk: Desk, ready: Document) -> None:
        self.desk, self.ready = at_desk, ready
        self.url = str(ready["url"])
        self.host = self.url.removeprefix("http://")
        self.port = int(self.host.rpartition(":")[2])

    def page(self, who: str = "viewer", **more: Any) -> ClientConnection:
        """Open the WebSocket as a page of this person."""
        cookie = {"cookie": f"{self.desk.site.cookie}={self.desk.token(who)}"}
        address = f"ws://{self.host}/api/live"
        given: Document = {"max_queue": None, "close_timeout": 1} | more
        origin = Origin(self.url)
        return connect(address, origin=origin, additional_headers=cookie, compression=None, **given)

    def line(self, sent: bytes) -> socket.socket:
        """A connection without manners, and what it says first."""
        made = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        made.sendall(sent)
        return made

    def get(self, path: str) -> httpx.Response:
        """What is at this path, for nobody."""
        return httpx.get(self.url + path)


@contextmanager
def served(at_desk: Desk) -> Iterator[Served]:
    """Serve the desk's site at a free port, as the program does."""
    listener, out = bound("127.0.0.1", 0), io.StringIO()
    theirs, ours = os.pipe()
    with listener, os.fdopen(theirs, "rb") as parent:
        thread = threading.Thread(target=serve, args=(at_desk.site, listener, parent, out))
        thread.start()
        try:
            until(lambda: out.getvalue().endswith("\n"))
            yield Served(at_desk, json.loads(out.getvalue()))
        finally:
            os.close(ours)
            thread.join(PATIENCE_S)
    assert not thread.is_alive()


def message(page: ClientConnection, kind: str) -> Document:
    """The next message of this kind."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found: Document = json.loads(page.recv(PATIENCE_S))
        if found["kind"] == kind:
            return found
    raise AssertionError(f"no {kind} came")
