"""Our exchange as a server that speaks Kite Connect v3: REST and WebSocket on one loopback port.

What it reproduces and what it does not is told in docs/exchange.md.
"""

from .clock import ExchangeClock
from .faults import Faults, Handle, Payload
from .faults_file import Fault, read_faults
from .faults_plan import PlannedFaults
from .server import KiteServer
from .sessions import Credentials
from .venue import MakeDay, TradingDay

__all__ = [
    "Credentials",
    "ExchangeClock",
    "Fault",
    "Faults",
    "Handle",
    "KiteServer",
    "MakeDay",
    "Payload",
    "PlannedFaults",
    "TradingDay",
    "read_faults",
]
