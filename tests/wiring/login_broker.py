"""A broker that knows logins only: which token is whose, a login page that sends the browser back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from ninefifteen.adapters.zerodha.client import Endpoint, KiteClient, simulated
from ninefifteen.adapters.zerodha.login import checksum
from ninefifteen.config.dotenv import Secrets
from ninefifteen.domain.secret import SecretText
from ninefifteen.home import Home
from ninefifteen.wiring.broker_session import Keeper
from tests.adapters.zerodha.scripted_server import API_KEY, API_SECRET, StepClock
from tests.ports import free_port

USER, STRANGER = "AB1234", "ZZ9999"
GOOD, DEAD = "goodtoken0123456789", "deadtoken0123456789"
REQUEST = "request0123456789"


class Slow(StepClock):
    """A clock of which a second takes a thousandth of one."""

    async def sleep_until(self, until: int) -> None:
        await asyncio.sleep(0.001)
        await super().sleep_until(until)


class Broker:
    """`users` are those whose tokens live. What is asked for is counted by path."""

    def __init__(self, redirect: str) -> None:
        self.users = {GOOD: USER}
        self.grants = {REQUEST: GOOD}
        self.redirect = redirect
        self.asked: list[str] = []
        self.down = 0
        self.knows_the_app = True
        self.rest = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/connect/login", self._page)
        app.router.add_post("/session/token", self._session)
        app.router.add_get("/user/profile", self._profile)
        return app

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self.asked.append("page")
        if not self.knows_the_app:
            return web.Response(status=400, text="Invalid api_key")
        raise web.HTTPFound(f"{self.redirect}?action=login&status=success&request_token={REQUEST}")

    async def _session(self, request: web.Request) -> web.Response:
        self.asked.append("session")
        form = await request.post()
        token = self.grants.get(str(form["request_token"]))
        if token is None or form["checksum"] != checksum(
            SecretText(API_KEY), REQUEST, SecretText(API_SECRET)
        ):
            return _no("Token is invalid or has expired.")
        return web.json_response({
            "status": "success", "data": {"user_id": self.users[token], "access_token": token}
        })  # fmt: skip

    async def _profile(self, request: web.Request) -> web.Response:
        self.asked.append("profile")
        if self.down:
            self.down -= 1
            return web.Response(status=503, text="<html>")
        user = self.users.get(request.headers["Authorization"].rpartition(":")[2])
        if user is None:
            return _no("Incorrect `api_key` or `access_token`.")
        data: dict[str, Any] = {"user_id": user, "exchanges": [], "products": [], "order_types": []}
        return web.json_response({"status": "success", "data": data})

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        runner = web.AppRunner(self.app(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.rest = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()


def _no(words: str) -> web.Response:
    body = {"status": "error", "message": words, "error_type": "TokenException", "data": None}
    return web.json_response(body, status=403)


class Desk:
    """A home, a broker and the one who keeps the home logged in."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.open(folder / "home")
        self.port = free_port()
        self.redirect = f"http://127.0.0.1:{self.port}/back"
        self.broker = Broker(self.redirect)
        self.clock = Slow()
        self.told: list[str] = []

    @asynccontextmanager
    async def keeper(
        self,
        *,
        plays: bool = False,
        secret: bool = True,
        token: str | None = None,
        user: str | None = USER,
        endpoint: Endpoint | None = None,
    ) -> AsyncIterator[Keeper]:
        """A keeper with these secrets in its home."""
        async with self.broker.up():
            place = endpoint or simulated(self.broker.rest, "ws://127.0.0.1:1")
            client = KiteClient(place, SecretText(API_KEY), self.clock)
            secrets = Secrets(
                broker_api_secret=SecretText(API_SECRET) if secret else None,
                broker_access_token=SecretText(token) if token else None,
                broker_user_id=SecretText(user) if user else None,
            )
            try:
                yield Keeper(
                    self.home,
                    client=client,
                    secrets=secrets,
                    redirect_url=self.redirect,
                    tell=self.told.append,
                    plays_the_user=plays,
                )
            finally:
                await client.close()
