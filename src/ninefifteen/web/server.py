"""The server around the application: the socket, its limits, the ready line, and the end."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import uvicorn

from ninefifteen.errors import BadInput

from .app import create_app
from .fanout import LONGEST_MESSAGE
from .protocols import ArmedHttp, EndingSocket
from .site import Site

_KEEP_S = 15
_HEAD = 16 * 1024
_END_S = 2
_BACKLOG = 128
_LAST_PORT = 65535
_NICE = 10
_MMAP_THRESHOLD = -3
"""The name of this setting in C, M_MMAP_THRESHOLD."""
_LARGE = 1024 * 1024


class Server(uvicorn.Server):
    """Says when it listens, and ends with whoever has started it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def bound(host: str, port: int, *, further: int = 0) -> socket.socket:
    """A socket that listens there, or where that port is in use at one of the `further` ones behind it.

    Raises BadInput where it cannot.
    """
    for step in range(further + 1):
        with suppress(_InUse):
            return _bound(host, port + step)
        if port + step >= _LAST_PORT:
            break
    raise _cannot(host, port, os.strerror(errno.EADDRINUSE))


class _InUse(Exception):
    """Somebody else listens there."""


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise _InUse from None
        raise _cannot(host, port, error.strerror or str(error)) from None
    return listener


def _cannot(host: str, port: int, why: str) -> BadInput:
    return BadInput(
        f"dashboard.host {host}, dashboard.port {port}: cannot listen there ({why}):"
        " end what uses it, or set another port"
    )


def config_of(site: Site) -> uvicorn.Config:
    """How the application of this site is served."""
    dashboard = site.dashboard
    tls = dashboard.tls_cert is not None and dashboard.tls_key is not None
    return uvicorn.Config(
        create_app(site),
        http=ArmedHttp,
        ws=EndingSocket,
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        server_header=False,
        access_log=False,
        log_config=None,
        lifespan="on",
        h11_max_incomplete_event_size=_HEAD,
        timeout_keep_alive=_KEEP_S,
        timeout_graceful_shutdown=_END_S,
        proxy_headers=dashboard.behind_proxy,
        forwarded_allow_ips="127.0.0.1",
        ssl_certfile=str(Path(dashboard.tls_cert or "").expanduser()) if tls else None,
        ssl_keyfile=str(Path(dashboard.tls_key or "").expanduser()) if tls else None,
    )


def serve(site: Site, listener: socket.socket, parent: IO[bytes], out: IO[str]) -> None:
    """Serve until the parent's end of the pipe is closed, or a signal comes."""
    site.listens(listener.getsockname()[1])

    def ready() -> None:
        enter, code = site.invite()
        line = {"url": site.origins.url, "enter": enter, "setup_code": code}
        out.write(msgspec.json.encode(line).decode() + "\n")
        out.flush()

    server = Server(config_of(site), ready)
    watch = threading.Thread(target=_watch, args=(parent, server), name="parent", daemon=True)
    watch.start()
    asyncio.run(server.serve(sockets=[listener]))


def give_way() -> None:
    """Stand back behind whatever trades on this machine."""
    if sys.platform != "win32":
        try:
            os.nice(max(_NICE - os.nice(0), 0))
        except OSError:
            return


def stay_small() -> None:
    """Give large pieces of memory back as soon as they are free.

    The C library would keep the 19 MB that the first login needs for as long as the process lives.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library: it knows no such setting
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


def _watch(parent: IO[bytes], server: Server) -> None:
    """Whoever has started us holds the other end: when it is closed, we are over."""
    while parent.read(1024):
        pass
    server.should_exit = True
