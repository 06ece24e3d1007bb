"""The control line of a running engine: a local socket for status and commands, for this user only.

The protocol is described in `docs/control.md`. Nothing here knows what a command means.
"""

from .client import ControlLine, NoEngine, machine_now
from .server import Asked, ControlServer

__all__ = ["Asked", "ControlLine", "ControlServer", "NoEngine", "machine_now"]
