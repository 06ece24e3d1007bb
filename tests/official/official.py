"""The official client as tests use it: calls into its process, and our figures as it would show them."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ninefifteen.domain.instants import SECOND, Instant, to_datetime
from ninefifteen.domain.money import Paise
from tests.patience import PATIENCE_S

SCRIPT = Path(__file__).with_name("client_process.py")
MODES = ("ltp", "quote", "full")


class Problem(Exception):
    """What the official client raised: the name of its class, its code and its words."""

    def __init__(self, kind: str, code: int | None, message: str) -> None:
        super().__init__(f"{kind} {code}: {message}")
        self.kind, self.code, self.message = kind, code, message


class OfficialClient:
    """KiteConnect and KiteTicker in a process of their own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def rest(self, method: str, *args: Any, **named: Any) -> Any:
        """What a method of KiteConnect returns; raises Problem for what it raises."""
        return await self._ask({"rest": method, "args": args, "named": named})

    async def problem(self, method: str, *args: Any, **named: Any) -> Problem:
        """What a method of KiteConnect must raise."""
        try:
            value = await self.rest(method, *args, **named)
        except Problem as problem:
            return problem
        raise AssertionError(f"{method} returned {value!r}")

    async def connect_ticker(self) -> None:
        """Start KiteTicker, and wait until it is connected."""
        await self._ask({"ticker": "connect"})
        await self.heard("connects", 1)

    async def tell_ticker(self, method: str, *args: Any) -> None:
        """Have the ticker do something; what comes of it is heard."""
        await self._ask({"ticker": "tell", "args": [method, *args]})

    async def heard(self, kind: str, count: int) -> list[Any]:
        """All the ticker has called back with: ticks, orders, connects, closes, errors, clocks."""
        heard: list[Any] = await self._ask({"ticker": "heard", "args": [kind, count]})
        assert len(heard) >= count, f"only {len(heard)} {kind} of {count} came: {heard}"
        return heard

    async def heard_until(self, at: Instant) -> None:
        """Wait until everything pushed up to this instant has come: the clock's message follows it."""
        clocks = await self.heard("clocks", 1)
        while clocks[-1] < at:
            clocks = await self.heard("clocks", len(clocks) + 1)

    async def answer(self) -> Any:
        """One line of the process."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 2 * PATIENCE_S)
        assert line, "the official client's process ended"
        return msgspec.json.decode(line)

    async def _ask(self, what: Mapping[str, Any]) -> Any:
        await self.send(what)
        answer = await self.answer()
        if "problem" in answer:
            raise Problem(answer["problem"], answer["code"], answer["message"])
        return answer["value"]

    async def send(self, document: Mapping[str, Any]) -> None:
        """One line to the process."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(document) + b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def official_client(
    ready: Mapping[str, Any], *, patience: float = PATIENCE_S
) -> AsyncIterator[OfficialClient]:
    """The official client for the server with this ready line; skips where it is not installed."""
    if importlib.util.find_spec("kiteconnect") is None:
        pytest.skip("the official client kiteconnect is not installed")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", str(SCRIPT),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        limit=1 << 25,  # an instruments list is one line
    )  # fmt: skip
    client = OfficialClient(process)
    try:
        await client.send({**ready, "timeout": patience})
        await client.answer()
        yield client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


# -------------------------------------------------------------- our figures as the official client shows them


def rupees(paise: Paise) -> float:
    """Paise as a number of rupees."""
    return paise / 100


def moment(instant: Instant) -> dict[str, str] | None:
    """An instant as KiteConnect parses it: a time without a zone, of India."""
    if not instant:
        return None
    return {"datetime": to_datetime(instant // SECOND * SECOND).replace(tzinfo=None).isoformat()}


def epoch(instant: Instant) -> dict[str, float]:
    """An instant of a tick."""
    return {"epoch": instant // SECOND}


def levels(side: Sequence[tuple[Paise, int, int]]) -> list[dict[str, Any]]:
    """One side of a book."""
    return [
        {"price": rupees(price), "quantity": quantity, "orders": orders} for price, quantity, orders in side
    ]
