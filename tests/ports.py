"""Ports of this machine for servers that tests start later."""

from __future__ import annotations

import socket
from random import SystemRandom

_LOWEST, _HIGHEST = 10_000, 32_000
"""Below the ports that a system gives to connections by itself: nobody is given one of these in between."""


def free_port() -> int:
    """A port of the loopback that nobody uses just now."""
    while True:
        port = SystemRandom().randint(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
