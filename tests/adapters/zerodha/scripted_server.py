"""A server whose answers are data, down to the last byte: what it was asked is kept for the test."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date, time
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from ninefifteen.adapters.zerodha.client import KiteClient, Timeouts, simulated
from ninefifteen.domain.instants import Instant, at
from ninefifteen.domain.secret import SecretText
from tests.patience import PATIENCE_S

Result = TypeVar("Result")

API_KEY = "kitekey0123456789"
API_SECRET = "kitesecret0123456789"
ACCESS_TOKEN = "accesstoken0123456789"
MORNING = at(date(2026, 11, 23), time(8, 30))
QUICK = Timeouts(connect_read=1.0, connect_write=1.0, write=1.0, read=1.0, dump=1.0)
"""So that a test of silence is over soon."""
PATIENT = Timeouts(
    connect_read=PATIENCE_S, connect_write=PATIENCE_S, write=PATIENCE_S, read=PATIENCE_S, dump=PATIENCE_S
)
"""Where every answer comes: a busy machine is not a silent server."""


class StepClock:
    """A wall clock that stands still until somebody sleeps, and then is there at once."""

    def __init__(self, now: Instant = MORNING) -> None:
        self.at = now
        self.inside = 0

    def now(self) -> Instant:
        """The instant it is now."""
        return self.at

    async def sleep_until(self, until: Instant) -> None:
        """Leap there."""
        self.at = max(self.at, until)
        await asyncio.sleep(0)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count who is inside."""
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1


class Asked(NamedTuple):
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode()))


class Answer(NamedTuple):
    """Bytes to write, seconds to wait before them, and whether the connection is cut after them."""

    raw: bytes
    delay: float = 0.0
    cut: bool = False


def reply(
    body: object, status: int = 200, kind: str | None = "application/json", *, packed: bool = False
) -> Answer:
    """An ordinary answer; text and bytes as they are, all else as JSON."""
    content = body if isinstance(body, bytes) else str(body).encode()
    if not isinstance(body, str | bytes):
        content = json.dumps(body).encode()
    if packed:
        content = gzip.compress(content)
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += ["Content-Encoding: gzip"] if packed else []
    return Answer("\r\n".join([*lines, "", ""]).encode() + content)


def success(data: object) -> Answer:
    """Kite's envelope around `data`."""
    return reply({"status": "success", "data": data})


def failure(status: int, error_type: str | None, message: str) -> Answer:
    """Kite's envelope around an error."""
    named = {} if error_type is None else {"error_type": error_type}
    return reply({"status": "error", "message": message, "data": None, **named}, status)


class Scripted:
    """What the server will answer, in order (the last answer for ever), and what it was asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self._silent = any(answer.delay > QUICK.read for answer in answers)
        self.asked: list[Asked] = []
        self.connections = 0
        self.rest = ""
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection."""
        self._serving.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        self.connections += 1
        self._open.add(writer)
        try:
            while (asked := await _request(reader)) is not None:
                self.asked.append(asked)
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                await self._pause(answer.delay)
                writer.write(answer.raw)
                await writer.drain()
                if answer.cut:
                    break
        except ConnectionError:
            pass  # the client has gone: that is its own affair
        finally:
            writer.close()
            self._open.discard(writer)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    def cut_all(self) -> None:
        """Close every connection from the server's side."""
        for writer in self._open:
            writer.close()

    async def end(self) -> None:
        """Close every connection and wait until nobody is served any more."""
        self._over.set()
        self.cut_all()
        await asyncio.gather(*self._serving)

    def client(self, clock: StepClock | None = None, *, logged_in: bool = True) -> KiteClient:
        """A client of this server, with a session unless told otherwise."""
        made = KiteClient(
            simulated(self.rest, "ws://127.0.0.1:1"),
            SecretText(API_KEY),
            clock if clock is not None else StepClock(),
            timeouts=QUICK if self._silent else PATIENT,
        )
        if logged_in:
            made.use(SecretText(ACCESS_TOKEN))
        return made


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[Scripted]:
    """A server on a free port of the loopback that gives these answers."""
    script = Scripted(answers)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.rest = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()
        await script.end()


def talk(use: Callable[[KiteClient], Awaitable[Result]], *answers: Answer) -> Result:
    """What `use` makes of a client whose server gives these answers."""

    async def run() -> Result:
        async with scripted(*answers) as server:
            client = server.client()
            try:
                return await use(client)
            finally:
                await client.close()

    return asyncio.run(run())


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    method, target, _ = head[0].split(" ")
    headers: dict[str, Any] = {}
    for line in filter(None, head[1:]):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)
