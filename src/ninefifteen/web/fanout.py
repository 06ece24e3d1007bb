"""One WebSocket to every page: the state as a snapshot and then patches, encoded once for all.

A page that reads slowly is let go: it comes again and gets a snapshot. Nothing here waits for a page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ninefifteen.domain.instants import Instant, iso_ms

from .accounts.people import People, Who
from .engine_link import Document, EngineLink, Listener
from .models.live import Hello
from .patches import patch, reshaped
from .tail import FIRST, Tail

LOG_IN_AGAIN, TOO_SLOW, TOO_MANY, NOT_UNDERSTOOD = 4401, 4408, 4429, 1008
MOST = 50
"""Pages at once."""
LONGEST_MESSAGE = 1024
"""Bytes a page may send at once."""
_QUEUE = 64
_SEND_S = 5.0
_CLOSE_S = 1.0
_FRAME_S, _BEAT_S, _CHECK_BEATS = 0.5, 1.0, 60
_HELLOS = 10


class Page:
    """One open page."""

    def __init__(self, socket: WebSocket, who: Who, since: Instant) -> None:
        self.socket, self.who, self.since = socket, who, since
        self.queue: asyncio.Queue[str] = asyncio.Queue(_QUEUE)
        self.closing: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def put(self, text: str) -> None:
        """Send this in its turn; a page for which too much waits is let go."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.close(TOO_SLOW)

    def close(self, code: int) -> None:
        """Let it go."""
        if not self.closing.done():
            self.closing.set_result(code)


class Fanout(Listener):
    """What every page is told. `run` has to run."""

    def __init__(self, link: EngineLink, people: People, tail: Tail, clock: Callable[[], Instant]) -> None:
        self._link, self._people, self._tail, self._clock = link, people, tail, clock
        self._pages: set[Page] = set()
        self._number = 0
        self._state: Document | None = None
        self._encoded = b"null"
        self._next: Document | None = None
        self._anew = False
        self._wake = asyncio.Event()
        self._lines: list[Document] = []
        link.subscribe(self)

    # ------------------------------------------------------------------------------------- told by the link

    def came(self, state: Document, *, first: bool) -> None:
        """A newer state."""
        self._next = state
        self._anew = self._anew or first
        self._wake.set()

    def stands(self) -> None:
        """The engine came or went."""
        self.tell({"kind": "engine", "engine": self._link.standing})

    def answered(self, verb: str, answer: Document) -> None:
        """A later answer to a command."""
        known = {
            "id": answer.get("ack"),
            "verb": verb,
            "state": answer.get("state"),
            "text": answer.get("text"),
        }
        self.tell({"kind": "answer", **known})

    # -------------------------------------------------------------------------------------------- the pages

    def tell(self, message: Document) -> None:
        """Send this to every page."""
        text = msgspec.json.encode(message).decode()
        for page in self._pages:
            page.put(text)

    def look_again(self) -> None:
        """Let go of every page whose session has ended."""
        for page in self._pages:
            if self._people.who_by(page.who.digest, touch=False) is None:
                page.close(LOG_IN_AGAIN)

    async def serve(self, socket: WebSocket, who: Who) -> None:
        """Stay with an accepted page to its end."""
        if len(self._pages) >= MOST:
            await _closed(socket, TOO_MANY)
            return
        page = Page(socket, who, self._clock())
        self._pages.add(page)
        page.put(self._snapshot(page))
        page.put(msgspec.json.encode({"kind": "events", "lines": self._lines}).decode())
        self._announce()
        jobs = [asyncio.create_task(_sending(page)), asyncio.create_task(_hearing(page))]
        try:
            ends: list[asyncio.Future[Any]] = [*jobs, page.closing]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            await _closed(socket, page.closing.result() if page.closing.done() else 1000)
        finally:
            self._pages.discard(page)
            self._announce()
            for job in jobs:
                job.cancel()
            await asyncio.wait(jobs)

    def _announce(self) -> None:
        self.tell({"kind": "sessions", "sessions": self._viewing()})

    def _viewing(self) -> list[Document]:
        pages = sorted(self._pages, key=lambda page: page.since)
        return [
            {"name": page.who.name, "where": page.who.place, "since": iso_ms(page.since)} for page in pages
        ]

    def _snapshot(self, page: Page) -> str:
        who = page.who
        user = {"name": who.name, "role": who.role, "demo": who.demo, "totp": who.totp}
        whole = {
            "kind": "snapshot",
            "number": self._number,
            "at": iso_ms(self._clock()),
            "engine": self._link.standing,
            "state": msgspec.Raw(self._encoded),
            "session": {"user": user, "sessions": self._viewing()},
        }
        return msgspec.json.encode(whole).decode()

    # --------------------------------------------------------------------------------------------- the time

    async def run(self) -> None:
        """Send states and beats until cancelled."""
        await asyncio.gather(self._frames(), self._beats())

    async def _frames(self) -> None:
        """At most two a second, each the newest."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._next is not None:
                self._publish(reshaped(self._next))
            await asyncio.sleep(_FRAME_S * 0.9)  # the engine's own beat is as long: none of it is missed

    def _publish(self, state: Document) -> None:
        anew, self._anew = self._anew or self._state is None, False
        changes = state if self._state is None else patch(self._state, state)
        if not changes and not anew:
            return
        self._number += 1
        self._state, self._encoded = state, msgspec.json.encode(state)
        if anew:
            for page in self._pages:
                page.put(self._snapshot(page))
        else:
            self.tell({"kind": "delta", "number": self._number, "patch": changes})

    async def _beats(self) -> None:
        beats = 0
        while True:
            lines = await asyncio.to_thread(self._tail.look)
            if lines:
                self._lines = [*self._lines, *lines][-FIRST:]
                self.tell({"kind": "events", "lines": lines[-FIRST:]})
            self.tell({"kind": "beat", "at": iso_ms(self._clock())})
            beats += 1
            if beats % _CHECK_BEATS == 0:
                self.look_again()
            await asyncio.sleep(_BEAT_S)


async def _sending(page: Page) -> None:
    while True:
        text = await page.queue.get()
        try:
            await asyncio.wait_for(page.socket.send_text(text), _SEND_S)
        except TimeoutError:
            page.close(TOO_SLOW)
            return
        except (WebSocketDisconnect, RuntimeError):
            return


async def _hearing(page: Page) -> None:
    """A page has one thing to say; anything else ends it."""
    for _ in range(_HELLOS):
        try:
            message: Any = await page.socket.receive()
        except (WebSocketDisconnect, RuntimeError):
            return
        if message["type"] != "websocket.receive":
            return
        if not _is_hello(message.get("text")):
            break
    page.close(NOT_UNDERSTOOD)


def _is_hello(text: str | None) -> bool:
    if text is None or len(text) > LONGEST_MESSAGE:
        return False
    try:
        Hello.model_validate_json(text)
    except ValueError:
        return False
    return True


async def _closed(socket: WebSocket, code: int) -> None:
    """Close it, as far as it lets itself be closed."""
    if socket.client_state is WebSocketState.DISCONNECTED:
        return
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        await asyncio.wait_for(socket.close(code), _CLOSE_S)
