"""Our own exchange for one bell after the other: `python -m benchmarks.bell_exchange`, a process of its own.

Each line on its input makes a new exchange whose clock shows a moment before the opening; one line of
JSON says where it is and what its clock shows at which instant of this machine's steady clock. With
the next line (or the end) one line tells when orders came, by the exchange's clock. Beside it a ticker
sends 3,000 full packets a second of instruments that do not exist, to whoever connects.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import time
from random import Random

from aiohttp import web

from ninefifteen.adapters.clocks.wall import steady
from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.settings import Settings
from ninefifteen.simulator.kite import ExchangeClock, Faults, Handle, KiteServer
from ninefifteen.simulator.kite.packets import frame
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring.exchange import synthetic_days

from .opening import SEED, made_up

INSTRUMENTS = 3000
FRAMES = 50
"""A second's packets come in so many frames."""
FIRST_TOKEN = 500_000
OPENS = time(9, 15)
CASH = 10_000_000
_OPTIONS = 2


class Arrivals(Faults):
    """No fault: it only notes when an order comes, and whether it was taken."""

    def __init__(self) -> None:
        self.seen: list[tuple[Instant, int]] = []
        self._server: KiteServer | None = None

    def attach(self, server: KiteServer) -> None:
        """Keep the server for its clock."""
        self._server = server

    async def reply(self, request: web.Request, handle: Handle) -> web.StreamResponse:
        """Note it, then let it be handled."""
        if request.method != "POST" or not request.path.startswith("/orders") or self._server is None:
            return await handle(request)
        now = self._server.clock.now()
        answer = await handle(request)
        self.seen.append((now, answer.status))
        return answer


def _frames(stamp: int) -> list[bytes]:
    chance = Random(SEED)  # noqa: S311 - made-up market data
    each = INSTRUMENTS // FRAMES
    tokens = [(FIRST_TOKEN + number) << 8 | _OPTIONS for number in range(INSTRUMENTS)]
    return [
        frame([made_up(token, chance, stamp) for token in tokens[start : start + each]])
        for start in range(0, INSTRUMENTS, each)
    ]


async def _feed(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    frames, next_at, number = request.app[_KEPT], steady(), 0
    while not socket.closed:
        try:
            await socket.send_bytes(frames[number % len(frames)])
        except ConnectionError:
            break
        number += 1
        next_at += SECOND // FRAMES
        await asyncio.sleep(max(0.0, (next_at - steady()) / SECOND))
    return socket


_KEPT = web.AppKey("frames", list[bytes])


async def serve() -> None:
    """Serve until the input ends."""
    rules, settings = load_rules(), Settings()
    day = demo_date(SEED, rules.calendar)
    make = synthetic_days(settings, rules, SEED)
    open_at = at(day, OPENS)
    app = web.Application()
    app[_KEPT] = _frames(open_at // SECOND)
    app.router.add_get("/", _feed)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    feed = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    server: KiteServer | None = None
    arrivals = Arrivals()
    while line := await asyncio.to_thread(sys.stdin.readline):
        if server is not None:
            print(json.dumps([(when - open_at, status) for when, status in arrivals.seen]), flush=True)
            await server.stop()
        arrivals = Arrivals()
        server = KiteServer(
            clock=ExchangeClock(open_at - int(line), 1.0, lambda: steady() / SECOND),
            seed=SEED,
            first=day,
            make_day=make,
            cash=CASH,
            redirect_url="http://127.0.0.1:9/",
            faults=arrivals,
        )
        await server.start()
        ready = {**server.ready(), "ws": feed, "at": server.clock.now(), "steady": steady()}
        print(json.dumps(ready), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
