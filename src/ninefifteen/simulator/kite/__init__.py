"""Our exchange as a server that speaks Kite Connect v3: REST and WebSocket on one loopback port.

What it reproduces and what it does not is told in docs/exchange.md.
"""

from .clock import ExchangeClock
from .faults import Faults, Handle, Payload
from .server import KiteServer
from .sessions import Credentials
from .venue import MakeDay, TradingDay

__all__ = [
    "Credentials",
    "ExchangeClock",
    "Faults",
    "Handle",
    "KiteServer",
    "MakeDay",
    "Payload",
    "TradingDay",
]
