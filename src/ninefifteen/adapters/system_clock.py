"""The clock of this machine: the only place that reads one."""

from __future__ import annotations

import time


class SystemClock:
    """Monotonic: steps of the wall clock neither fire nor suppress anything."""

    def seconds(self) -> float:
        """Seconds since some fixed moment of this machine."""
        return time.monotonic()  # noqa: TID251 - this is the injected clock

    def sleep(self, seconds: float) -> None:
        """Wait about that long."""
        time.sleep(seconds)  # noqa: TID251 - this is the injected clock
