"""A Kite client that answers from a table, decodes as the real one does, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import msgspec
import pytest

from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import Down

T = TypeVar("T")


class Replies(deque[Any]):
    """Replies in the order they will be given; the last one stays."""

    def next(self) -> Any:
        """The next of them."""
        return self.popleft() if len(self) > 1 else self[0]


class FakeClient:
    """Replies by "METHOD /path".

    A reply is anything that can be JSON, bytes of JSON or CSV as they are, an exception to raise, or an
    asynchronous function of what was given to call.
    """

    def __init__(self, replies: Mapping[str, Any] | None = None) -> None:
        self.replies = dict(replies or {})
        self.asked: list[tuple[str, Any]] = []
        self.doubted = asyncio.Event()
        self.clock: Any = SimpleNamespace(working=nullcontext)  # nothing waits here for time to go on

    async def read(self, path: str, shape: type[T], *, params: Any = None, family: str = "other") -> T:
        return _shaped(await self._reply(f"GET {path}", (params, family)), shape)

    async def ask(self, path: str, body: Any, shape: type[T]) -> T:
        return _shaped(await self._reply(f"POST {path}", json.loads(msgspec.json.encode(body))), shape)

    async def read_csv(self, path: str) -> bytes:
        return bytes(await self._reply(f"GET {path}", None))

    async def write(self, method: str, path: str, form: Mapping[str, str]) -> Any:
        return await self._reply(f"{method} {path}", dict(form))

    async def _reply(self, what: str, given: Any) -> Any:
        self.asked.append((what, given))
        reply = self.replies[what]
        if isinstance(reply, Replies):
            reply = reply.next()
        if callable(reply):
            reply = await reply(given)
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def requests(self) -> list[str]:
        """What was asked, in order, without what was given."""
        return [what for what, _ in self.asked]

    def as_client(self) -> KiteClient:
        """Itself, to the eyes of the type checker."""
        return cast(KiteClient, self)


def _shaped(reply: Any, shape: type[T]) -> T:
    raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError as error:
        raise Down(f"malformed: {error}") from None


def in_turn(*replies: Any) -> Replies:
    """These replies one after the other, the last one for ever."""
    return Replies(replies)


def raws(rows: Iterable[object]) -> list[msgspec.Raw]:
    """Rows as they lie in a reply that is not decoded yet."""
    return [msgspec.Raw(json.dumps(row).encode()) for row in rows]


def mock(real_data: Path, name: str) -> Any:
    """The `data` of one of Zerodha's own sample replies; skips the test where there is none."""
    return msgspec.json.decode(mock_bytes(real_data, name), type=_Envelope).data


def mock_bytes(real_data: Path, name: str) -> bytes:
    """One of Zerodha's own sample files, as it is."""
    path = real_data / "fixtures" / "kite_mocks" / name
    if not path.is_file():
        pytest.skip(f"no sample reply {name} of Zerodha beside this checkout")
    return path.read_bytes()


class _Envelope(msgspec.Struct):
    data: Any
