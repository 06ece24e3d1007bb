"""People at a dashboard: they log in as a browser does, and their pages listen to the WebSocket."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager, suppress
from typing import Any, Self

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

PASSWORD = "a long word for a benchmark"  # noqa: S105 - of a home that is thrown away

Document = dict[str, Any]


class Person:
    """One browser with cookies of its own. Use it as a context manager."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, headers={"origin": url}, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def comes_in(self, path: str, **body: str) -> Self:
        """Log in by a POST to this path."""
        self.http.headers["x-ninefifteen-csrf"] = self.http.get("/api/session").json()["csrf"]
        self.http.post(path, json=body).raise_for_status()
        return self

    def enters(self, link: str) -> Self:
        """Log in by a demo's link."""
        self.http.get(link)
        return self

    @property
    def cookie(self) -> tuple[str, str]:
        """Name and value of the session's cookie; the name has the dashboard's port."""
        name = f"ninefifteen_session_{self.http.base_url.port}"
        return name, self.http.cookies[name]

    def page(self) -> Page:
        """Open the page's WebSocket."""
        cookie = {"cookie": "=".join(self.cookie)}
        address = self.url.replace("http", "ws", 1) + "/api/live"
        return Page(
            connect(
                address,
                origin=Origin(self.url),
                additional_headers=cookie,
                compression=None,
                max_size=None,
                proxy=None,
            )
        )


class Page:
    """An open page that reads whatever comes and counts it. Use it as a context manager."""

    def __init__(self, line: AbstractContextManager[ClientConnection]) -> None:
        self._line = line
        self.snapshots, self.deltas, self.bytes = 0, 0, 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._read, args=(self._line.__enter__(),), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.__exit__(None, None, None)
        self._thread.join(10)

    def _read(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            for text in socket:
                self.bytes += len(text)
                kind = json.loads(text)["kind"]
                self.snapshots += kind == "snapshot"
                self.deltas += kind == "delta"


def three(url: str, code: str) -> list[Person]:
    """The first user, made with the set-up code, and the same one at two more browsers."""
    who = {"name": "asha", "password": PASSWORD}
    first = Person(url).comes_in("/api/first-user", code=code, **who)
    return [first, *(Person(url).comes_in("/api/login", **who) for _ in range(2))]
