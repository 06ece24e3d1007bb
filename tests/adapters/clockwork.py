"""An exchange of which only the clock exists: it tells its time and lets itself be advanced."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from ninefifteen.domain.instants import SECOND, Instant

START = 1_795_000_000 * SECOND


class Clockwork:
    """An exchange that tells its time and lets itself be advanced; `pushes` are where it stops by itself."""

    def __init__(self, told: Any = None, *, pushes: tuple[Instant, ...] = ()) -> None:
        self.told: Any = told if told is not None else {"at": START, "speed": "max", "date": "2026-11-23"}
        self.status = 200
        self.asked = 0
        self.advanced: list[Instant] = []
        self.reply: Callable[[Instant], Awaitable[web.Response]] = self._advance
        self.pushes = list(pushes)
        self.rest = ""

    async def clock(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = self.told if isinstance(self.told, bytes) else json.dumps(self.told).encode()
        return web.Response(status=self.status, body=body)

    async def advance(self, request: web.Request) -> web.Response:
        until = (await request.json())["until"]
        self.advanced.append(until)
        return await self.reply(until)

    async def _advance(self, until: Instant) -> web.Response:
        while self.pushes and self.pushes[0] <= self.told["at"]:
            self.pushes.pop(0)
        at = min([until, *self.pushes[:1]])
        self.told["at"] = at
        return web.json_response({"at": at})

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/ninefifteen/clock", self.clock)
        app.router.add_post("/ninefifteen/advance", self.advance)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.rest = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield
        finally:
            await runner.cleanup()
