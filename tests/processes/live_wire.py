"""A line between the program and the exchange that a test can cut, hold, or reset behind a request."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.patience import PATIENCE_S

_CHUNK = 1 << 16
_RESET = struct.pack("ii", 1, 0)


class Line:
    """Every TCP connection of the program to the exchange; use `line` to have one.

    `hold` keeps all bytes back, as a network without a route does: what was sent is delivered when it is
    back, however long nobody waits for the answer any more. `cut` resets everything and refuses what is
    new. `reset_behind` lets requests that begin so reach the exchange and resets the program's side
    before the reply.
    """

    def __init__(self, port: int) -> None:
        self._there = port
        self._loop = asyncio.new_event_loop()
        self._passes = asyncio.Event()
        self._refuses = False
        self._behind = (b"", 0)
        self._hold_at = b""
        self.held = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.resets = 0

    def hold(self) -> None:
        """Nothing gets through, in either direction, and nobody is told."""
        self._do(self._passes.clear)

    def hold_at(self, start: bytes) -> None:
        """From the next request that begins like this on, itself included, nothing gets through."""
        self._do(lambda: setattr(self, "_hold_at", start))

    def cut(self) -> None:
        """Every connection is reset, and a new one too."""
        self._do(self._cut)

    def heal(self) -> None:
        """All is well again."""
        self._do(self._heal)

    def reset_behind(self, start: bytes, count: int = 1) -> None:
        """So many requests that begin like this are delivered, and their connection is reset."""
        self._do(lambda: setattr(self, "_behind", (start, count)))

    # ------------------------------------------------------------------------------- in its own thread

    def run(self, ready: threading.Event) -> None:
        """Serve until stopped."""
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    def stop(self) -> None:
        """Let go of every connection and the port."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def _serve(self, ready: threading.Event) -> None:
        self._stopped = asyncio.Event()
        self._passes.set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopped.wait()
        server.close()
        self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _do(self, what: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(PATIENCE_S)

    def _cut(self) -> None:
        self._refuses = True
        for writer in tuple(self._open):
            _reset(writer)

    def _heal(self) -> None:
        self._refuses = False
        self._passes.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            _reset(writer)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._there)
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, back}
        self._beside(self._carry(reader, back, writer))
        self._beside(self._carry(there, writer, None))

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, asking: asyncio.StreamWriter | None
    ) -> None:
        """Carry bytes one way until that way ends; `asking` is whom a reset behind a request hits."""
        with suppress(OSError):
            while data := await source.read(_CHUNK):
                if asking is not None and self._hold_at and data.startswith(self._hold_at):
                    self._hold_at, self.held = b"", True
                    self._passes.clear()
                await self._passes.wait()
                target.write(data)
                await target.drain()
                if asking is not None and self._hit(data):
                    await self._rest(source, target, data)
                    _reset(asking)
                    self._open.discard(asking)
                    await asyncio.sleep(1)  # the exchange has time to act before its side ends too
                    break
        self._open.discard(target)
        target.close()

    def _hit(self, data: bytes) -> bool:
        start, left = self._behind
        if not left or not data.startswith(start):
            return False
        self._behind = (start, left - 1)
        self.resets += 1
        return True

    async def _rest(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, data: bytes) -> None:
        """Carry what is missing of a request of which `data` has come."""
        while b"\r\n\r\n" not in data:
            data += (more := await source.read(_CHUNK))
            target.write(more)
        head, _, body = data.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: *(\d+)", head)
        missing = int(found.group(1)) - len(body) if found else 0
        while missing > 0:
            more = await source.read(_CHUNK)
            missing -= len(more)
            target.write(more)
        await target.drain()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextmanager
def line(port: int) -> Iterator[Line]:
    """A line to the exchange on this port of the machine."""
    one, ready = Line(port), threading.Event()
    thread = threading.Thread(target=one.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield one
    finally:
        one.stop()
        thread.join(PATIENCE_S)
