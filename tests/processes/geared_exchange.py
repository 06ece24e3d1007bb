"""Our exchange whose clock runs in real time, quicker from one SIGUSR1 on, and as asked for from the next.

So a program has all the time it needs to start and to read its lists, on whatever machine, and the test waits
only for what it is about. Run as a program, with the words of `ninefifteen exchange`.
"""

from __future__ import annotations

import signal
import sys

from ninefifteen.cli import main
from ninefifteen.simulator import kite


class GearedClock(kite.ExchangeClock):
    """The clock of an exchange with a speed."""

    def begin(self) -> None:
        """In real time."""
        super().begin()
        gears, self.speed = [self.speed, 4.0], 1.0

        def shift(*_: object) -> None:
            self._from, self._since = self.now(), self._seconds()
            self.speed = gears.pop()

        signal.signal(signal.SIGUSR1, shift)


if __name__ == "__main__":
    kite.ExchangeClock = GearedClock  # type: ignore[misc]
    sys.argv[1:1] = ["exchange", "--protocol", "kite"]
    main()
