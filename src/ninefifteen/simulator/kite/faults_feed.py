"""What tickers see while something is wrong with the feed: frames of another instant, updates astray."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from struct import Struct

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.simulator.market import MarketDay

from .faults import Payload
from .faults_file import Fault
from .packets import frame, packet
from .tickers import Ticker

_COUNT, _TOKEN = Struct(">H"), Struct(">I")
_MODES = {8: "ltp", 28: "quote", 44: "quote", 32: "full", 184: "full"}
_HELD_S = 1.0


def is_update(text: str) -> bool:
    """Whether a text is an order update."""
    return bool(msgspec.json.decode(text).get("type") == "order")


def seen_at(market: MarketDay, payload: bytes, at: Instant) -> bytes:
    """The frame with every instrument as it stood at another instant."""
    (count,), packets, place = _COUNT.unpack_from(payload), [], _COUNT.size
    for _ in range(count):
        (length,) = _COUNT.unpack_from(payload, place)
        (token,) = _TOKEN.unpack_from(payload, place + _COUNT.size)
        place += _COUNT.size + length
        index = market.by_token[token].kind == "INDEX"
        packets.append(packet(market.snapshot(token, at), _MODES[length], index=index))
    return frame(packets)


class Updates:
    """Order updates on their way to the tickers. Seconds are of this machine, as sockets live in its time."""

    def __init__(self) -> None:
        self._held: dict[Ticker, str] = {}
        self._waiting: set[asyncio.Task[None]] = set()

    def pushed(self, ticker: Ticker, text: str, fault: Fault | None) -> Sequence[Payload]:
        """What goes down one socket now in place of an update."""
        what = None if fault is None else fault.what
        if fault is not None and what in ("reordered", "late"):
            return self._hold(ticker, text, fault)
        held = self._held.pop(ticker, None)
        now = {"lost": [], "duplicated": [text, text]}.get(what or "", [text])
        return now if held is None else [*now, held]

    def _hold(self, ticker: Ticker, text: str, fault: Fault) -> Sequence[Payload]:
        """Keep it back: until the next one has gone out before it, or for some time."""
        if fault.what == "reordered":
            earlier = self._held.get(ticker)
            self._held[ticker] = text
        else:
            earlier = None
        seconds = _HELD_S if fault.seconds is None else fault.seconds
        task = asyncio.create_task(self._release(ticker, text, seconds, held=fault.what == "reordered"))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        return () if earlier is None else (earlier,)

    async def _release(self, ticker: Ticker, text: str, seconds: float, *, held: bool) -> None:
        await asyncio.sleep(seconds)
        if held:
            if self._held.get(ticker) is not text:
                return
            del self._held[ticker]
        if not ticker.socket.closed:
            await ticker.socket.send_str(text)
