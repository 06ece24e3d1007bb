"""The web process's end of the control line: it follows the engine's state and carries commands to it.

It connects again for ever, never waits on a slow or frozen engine, and never sends a command a second
time. Whoever wants to know subscribes; a listener is called in the loop and may not wait.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from ninefifteen.adapters.clocks.wall import steady
from ninefifteen.adapters.control import machine_now
from ninefifteen.adapters.control.address import find
from ninefifteen.domain.instants import SECOND, Instant, iso_ms

SILENT_S = 3.0
"""Seconds without a frame after which the engine is called silent."""
ANSWER_S = 3.0
"""Seconds the sender of a command waits for its first answer."""
MOST_WAITING = 7
"""Commands that may wait for their last answer: the engine ends a connection with more than eight."""
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.2, 2.0
_CONNECT_S = 2.0
_LONGEST_LINE = 8 * 1024 * 1024

Document = dict[str, Any]
Heard = Literal["connected", "silent", "gone"]
_CAME_AWAY = "the engine has ended the connection"


class NotSent(Exception):
    """The command did not reach the engine; the text says why."""


class Busy(NotSent):
    """Too many commands wait for their answers already."""


class NoAnswer(Exception):
    """It was sent, and the engine has said nothing yet."""


class Listener:
    """What a subscriber of the link may be told; override what is of interest."""

    def came(self, state: Document, *, first: bool) -> None:
        """A newer state; `first` after every new connection."""

    def stands(self) -> None:
        """The engine came, fell silent or went: `EngineLink.standing` has changed."""

    def answered(self, verb: str, answer: Document) -> None:
        """A command was answered after its sender has stopped waiting."""


class _Pending:
    """A command that was sent, until its last answer; `repeats` were sent again with its id."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.first: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        self.repeats: list[asyncio.Future[Document]] = []
        self.waited = True

    def lost(self) -> None:
        """The connection is over: whoever waits hears it."""
        for future in (self.first, *self.repeats):
            if not future.done():
                future.set_exception(ConnectionError(_CAME_AWAY))
                future.exception()  # seen: perhaps nobody waits for it any more


class EngineLink:
    """One connection to the engine of one home, kept up by `run`."""

    def __init__(self, home: Path, *, answer_s: float = ANSWER_S, silent_s: float = SILENT_S) -> None:
        self._home = home
        self._answer_s, self._silent_s = answer_s, silent_s
        self.state: Document | None = None
        """The newest state that came, also of an engine that has gone."""
        self._heard: Heard = "gone"
        self._since = machine_now()
        self._last = steady()
        self._writer: StreamWriter | None = None
        self._pending: dict[str, _Pending] = {}
        self._listeners: list[Listener] = []

    @property
    def heard(self) -> Heard:
        """Whether the engine is heard now."""
        return self._heard

    @property
    def standing(self) -> Document:
        """The same for the page, with since when."""
        return {"state": self._heard, "since": iso_ms(self._since)}

    def subscribe(self, listener: Listener) -> None:
        """Tell this one from now on."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        pause = _FIRST_PAUSE_S
        while True:
            began = self._last
            with suppress(OSError, asyncio.TimeoutError):
                await self._live()
            self._lost()
            pause = _FIRST_PAUSE_S if self._last != began else min(pause * 2, _LAST_PAUSE_S)
            await asyncio.sleep(pause)

    async def command(self, document: Document) -> Document:
        """Send one command and return its first answer.

        Raises NotSent when it cannot have reached the engine, NoAnswer when it may have: the answer is then
        told to the listeners when it comes.
        """
        writer = self._writer
        if writer is None:
            raise NotSent("no engine is running here")
        if sum(1 + len(one.repeats) for one in self._pending.values()) >= MOST_WAITING:
            raise Busy(f"{MOST_WAITING} commands wait for their answers already")
        pending, future = self._waiting(str(document["id"]), str(document["verb"]))
        writer.write(msgspec.json.encode(document) + b"\n")
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._answer_s)
        except TimeoutError:
            raise NoAnswer("the engine has not answered") from None
        except ConnectionError:
            raise NoAnswer(_CAME_AWAY) from None
        finally:
            pending.waited = pending.waited and future is not pending.first

    def _waiting(self, identity: str, verb: str) -> tuple[_Pending, asyncio.Future[Document]]:
        """What waits for the answer to this command; one that was sent before waits beside the first."""
        before = self._pending.get(identity)
        if before is None:
            pending = self._pending[identity] = _Pending(verb)
            return pending, pending.first
        again: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        before.repeats.append(again)
        return before, again

    # ----------------------------------------------------------------------------------------- one connection

    async def _live(self) -> None:
        reader, writer = await asyncio.wait_for(self._connect(), _CONNECT_S)
        watch = asyncio.create_task(self._watch())
        try:
            self._writer = writer
            await self._read(reader)
        finally:
            self._writer = None
            watch.cancel()
            writer.close()
            with suppress(asyncio.CancelledError):
                await watch

    async def _connect(self) -> tuple[StreamReader, StreamWriter]:
        where = find(self._home)
        if where.unix:
            return await asyncio.open_unix_connection(where.unix, limit=_LONGEST_LINE)
        reader, writer = await asyncio.open_connection("127.0.0.1", where.port, limit=_LONGEST_LINE)
        writer.write(msgspec.json.encode({"token": where.token}) + b"\n")
        return reader, writer

    async def _read(self, reader: StreamReader) -> None:
        first = True
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than any state can be: this is no engine
                return
            if not line.endswith(b"\n"):
                return
            try:
                found = msgspec.json.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                return
            if isinstance(found, dict) and isinstance(found.get("state"), dict):
                self._frame(found["state"], first=first)
                first = False
            elif isinstance(found, dict):
                self._answer(found)

    def _frame(self, state: Document, *, first: bool) -> None:
        self.state, self._last = state, steady()
        self._stand("connected", machine_now())
        for listener in self._listeners:
            listener.came(state, first=first)

    def _answer(self, answer: Document) -> None:
        identity = answer.get("ack")
        pending = self._pending.get(identity) if isinstance(identity, str) else None
        if pending is None:
            return
        if answer.get("state") == "repeated" and pending.repeats:
            again = pending.repeats.pop(0)
            if not again.done():
                again.set_result(answer)
            return
        if answer.get("state") != "taken":
            self._pending.pop(str(identity), None)
        if not pending.first.done():
            pending.first.set_result(answer)
            if pending.waited:
                return
        for listener in self._listeners:
            listener.answered(pending.verb, answer)

    async def _watch(self) -> None:
        """Notice an engine that listens and says nothing, or nothing more."""
        began = steady()
        while True:
            heard = max(self._last, began)
            if (steady() - heard) / SECOND >= self._silent_s and self._heard != "silent":
                self._stand("silent", machine_now() - (steady() - heard))
            await asyncio.sleep(self._silent_s / 10)

    def _lost(self) -> None:
        """The connection is over; an engine that fell silent before is gone since then."""
        self._stand("gone", self._since if self._heard == "silent" else machine_now())
        for pending in self._pending.values():
            pending.lost()
        self._pending.clear()

    def _stand(self, heard: Heard, since: Instant) -> None:
        if heard == self._heard:
            return
        self._heard, self._since = heard, since
        for listener in self._listeners:
            listener.stands()
