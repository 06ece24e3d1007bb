"""The page on this machine to which the broker sends the browser after a login.

It listens on the loopback only, for one login, answers nothing but that redirect, and says truly how
the login ended: the session is made before the page is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from ninefifteen.errors import BadInput

from .login import request_token_of
from .session import Session

LONGEST_LOGIN_S = 300.0
"""Seconds a person gets to log in; the broker's own page gives up at about the same time."""

_LOOPBACK = ("127.0.0.1", "localhost")
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = "<!doctype html><meta charset=utf-8><title>ninefifteen</title><p>{}</p>\n"
_HINT = "paste the address the browser ended at: `ninefifteen login --paste`"

Finish = Callable[[str], Awaitable[Session]]
"""Makes a session of a request token."""


class _Place(NamedTuple):
    host: str
    port: int
    path: str


async def log_in_by_callback(
    redirect_url: str,
    finish: Finish,
    ready: Callable[[int], None],
    patience: float = LONGEST_LOGIN_S,
) -> Session:
    """Wait for the browser at `redirect_url` and let `finish` make a session of what it brings.

    `ready` is called with the port once the page is there. Raises BadInput when the URL is not of
    this machine, its port is taken, or nobody came within `patience` seconds of this machine; else
    whatever `finish` raises.
    """
    place = _place(redirect_url)
    page = _Page(place, finish)
    runner = web.AppRunner(page.app(), access_log=None)  # a log line would hold the request token
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", place.port)
        try:
            await site.start()
        except OSError as error:
            why = error.strerror or type(error).__name__
            where = f"login: port {place.port} cannot be used ({why})"
            raise BadInput(f"{where}: a bot that runs may wait there itself; free it, or {_HINT}") from None
        page.port = int(runner.addresses[0][1])
        ready(page.port)
        async with asyncio.timeout(patience):
            return await page.session
    except TimeoutError:
        raise BadInput(
            f"login: nobody logged in within {patience:g} seconds: try again, or {_HINT}"
        ) from None
    finally:
        await runner.cleanup()


def redirect_problem(redirect_url: str) -> str | None:
    """Why `log_in_by_callback` would not wait there, in its own words; None when it would."""
    try:
        _place(redirect_url)
    except BadInput as refusal:
        return str(refusal)
    return None


def _place(redirect_url: str) -> _Place:
    try:
        parts = urlsplit(redirect_url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise BadInput(f"login.redirect_url {redirect_url}: is no address") from None
    if parts.scheme != "http" or host not in _LOOPBACK:
        raise BadInput(
            f"login.redirect_url {redirect_url}: needs http://127.0.0.1:PORT/ for this to work; else {_HINT}"
        )
    return _Place(host, 80 if port is None else port, parts.path or "/")


class _Page:
    """One login: the first good redirect is finished, all others see how it went."""

    def __init__(self, place: _Place, finish: Finish) -> None:
        self._path, self._finish = place.path, finish
        self._started = False
        self.port = place.port
        self.session: asyncio.Future[Session] = asyncio.get_running_loop().create_future()

    def app(self) -> web.Application:
        """The application: every path leads to the one handler."""
        app = web.Application(client_max_size=1 << 12)
        app.router.add_route("*", "/{any:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        # A page of another name that resolves to this machine sends its own name as host.
        if request.headers.get("Host", "").lower() not in {f"{host}:{self.port}" for host in _LOOPBACK}:
            return _said(403, "This page is for this machine only.")
        if request.path != self._path:
            return _said(404, "There is nothing here.")
        if request.method != "GET":
            return _said(405, "This page can only be opened.")
        try:
            token = request_token_of(str(request.url))
        except BadInput:
            return _said(
                400, "The login did not succeed. Log in once more, from the address in the terminal."
            )
        if not self._started:
            self._started = True
            await self._make(token)
        await asyncio.wait([self.session])
        if self.session.exception() is not None:
            return _said(502, "The broker did not take the login: the terminal says why.")
        return _said(200, "You are logged in. Close this page.")

    async def _make(self, token: str) -> None:
        try:
            session = await self._finish(token)
        except Exception as problem:  # noqa: BLE001 - handed to the one who waits for the session
            self.session.set_exception(problem)
        else:
            self.session.set_result(session)


def _said(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=_PAGE.format(text), content_type="text/html", headers=_HEADERS)
