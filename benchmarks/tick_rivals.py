"""P5 by other ways, to the same sink: the official client, which has no journal, and what one writes first.

The official way is `KiteTicker`'s parser and `KiteConnect.place_order` over its warm session, called
from the parser's thread as its callbacks are. The naive way is one asyncio program: a row of JSON for
the journal, written and synced in the loop, then a POST. Both buy at the ask plus two per cent: no
engine, no risk gate, no stop is planned, so they do far less than ours.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import time
import warnings
from importlib import import_module
from pathlib import Path
from struct import Struct
from typing import Any

import aiohttp

from ninefifteen.adapters.clocks.wall import steady

from .opening import Opening, opening, opening_frame
from .order_path import beside, port_in
from .tick_to_order import PACKETS, QUIET, SETTLE_S, spread

_WARM = 3
_COLLAR = 1.02
_PACKET = Struct(">H16I" + "IIHxx" * 10)
_ASK = 1 + 16 + 15 + 1


def _order(opened: Opening, ask: float) -> dict[str, Any]:
    return {
        "exchange": "NFO",
        "tradingsymbol": opened.contract.symbol,
        "transaction_type": "BUY",
        "quantity": opened.contract.lot_size,
        "product": "MIS",
        "order_type": "LIMIT",
        "price": round(ask * _COLLAR, 1),
        "validity": "DAY",
        "tag": "benchmark",
    }


def official_way(trials: int) -> dict[str, object]:
    """Microseconds as `tick_to_order`; empty where the official client is not installed."""
    return asyncio.run(_official(trials))


async def _official(trials: int) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            kiteconnect = import_module("kiteconnect")
        except ImportError:
            return {}
    async with beside("benchmarks.sink") as (_, line):
        port = port_in(line)
        return await asyncio.to_thread(_official_trials, kiteconnect, port, trials)


def _official_trials(kiteconnect: Any, port: int, trials: int) -> dict[str, object]:
    opened = opening("first_quote")
    frames = [opening_frame(opened, PACKETS, one_sided=True)] * QUIET
    frames.append(opening_frame(opened, PACKETS))
    kite = kiteconnect.KiteConnect("key", "token", root=f"http://127.0.0.1:{port}")
    parse = kiteconnect.KiteTicker("key", "token")._parse_binary  # noqa: SLF001 - what its callbacks get
    kite.profile()
    written: list[int] = []
    send = http.client.HTTPConnection.send

    def stamped(connection: http.client.HTTPConnection, data: Any) -> None:
        written.append(steady())
        send(connection, data)

    out: list[float] = []
    there: list[float] = []
    http.client.HTTPConnection.send = stamped  # type: ignore[method-assign,assignment]
    try:
        for _ in range(trials + _WARM):
            written.clear()
            began, order_id = _official_trial(kite, parse, frames, opened)
            out.append((written[0] - began) / 1000)
            there.append((order_id - began) / 1000)
    finally:
        http.client.HTTPConnection.send = send  # type: ignore[method-assign]
    return {**spread("out", out[_WARM:]), **spread("there", there[_WARM:])}


def _official_trial(kite: Any, parse: Any, frames: list[bytes], opened: Opening) -> tuple[int, int]:
    while True:
        for frame in frames:
            time.sleep(SETTLE_S)
            began = steady()
            for tick in parse(frame):
                depth = tick["depth"]
                if tick["instrument_token"] == opened.contract.token and depth["buy"][0]["price"]:
                    order_id = kite.place_order("regular", **_order(opened, depth["sell"][0]["price"]))
                    return began, int(order_id)


def naive_way(folder: Path, trials: int) -> dict[str, object]:
    """Microseconds as `tick_to_order`."""
    return asyncio.run(_naive(folder, trials))


async def _naive(folder: Path, trials: int) -> dict[str, object]:
    opened = opening("first_quote")
    frame = opening_frame(opened, PACKETS)
    out: list[float] = []
    there: list[float] = []
    path = folder / "naive.jsonl"
    sent = aiohttp.TraceConfig()
    written: list[int] = []

    async def stamp(*_: object) -> None:
        written.append(steady())

    sent.on_request_chunk_sent.append(stamp)
    async with beside("benchmarks.sink") as (_, line):
        address = f"http://127.0.0.1:{port_in(line)}"
        with path.open("wb") as journal:
            async with aiohttp.ClientSession(trace_configs=[sent]) as session:
                for number in range(trials + _WARM):
                    await _post(session, address, {"warm": 1})
                    await asyncio.sleep(QUIET * SETTLE_S)
                    written.clear()
                    began = steady()
                    order = _naive_order(frame, opened)
                    journal.write(json.dumps({"at": began, "order": order}).encode() + b"\n")
                    journal.flush()
                    os.fsync(journal.fileno())
                    order_id = await _post(session, address, order)
                    if number >= _WARM:
                        out.append((written[0] - began) / 1000)
                        there.append((order_id - began) / 1000)
    path.unlink()
    return {**spread("out", out), **spread("there", there)}


async def _post(session: aiohttp.ClientSession, address: str, form: dict[str, Any]) -> int:
    async with session.post(f"{address}/orders/regular", data=form) as reply:
        return int((await reply.json())["data"]["order_id"])


def _naive_order(frame: bytes, opened: Opening) -> dict[str, Any]:
    for packet in _PACKET.iter_unpack(memoryview(frame)[2:]):
        if packet[1] == opened.contract.token:
            return _order(opened, packet[_ASK] / 100)
    raise RuntimeError("the frame has no packet of the contract")
