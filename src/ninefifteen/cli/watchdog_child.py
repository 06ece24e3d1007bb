"""The watchdog as a child process of a run at the broker: started with it, kept alive, ended with it.

It outlives a run that is killed: that is what it is for. A run that ends in order ends it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from ninefifteen.adapters.clocks.wall import steady
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.home import Home
from ninefifteen.wiring.market_day import MarketDay

_ANOTHER_WATCHES = 5
_AGAIN: Instant = 2 * SECOND
_LATER: Instant = 30 * SECOND
_ON_ENDING_S = 5


class WatchdogChild:
    """`run_paper.Beside`: one watchdog for all days of a run; its death is an alarm.

    `tell` takes a kind and a line. Another one that watches this home already, from a run before, is left
    alone and told once.
    """

    def __init__(
        self, home: Home, tell: Callable[[str, str], None], clock: Callable[[], Instant] = steady
    ) -> None:
        self._command = [sys.executable, "-m", "ninefifteen", "watchdog", "--home", str(home.path)]
        self._log = home.logs_dir / "watchdog.log"
        self._tell, self._clock = tell, clock
        self._child: subprocess.Popen[bytes] | None = None
        self._due: Instant = 0
        self._told = False

    def begins(self, market: MarketDay) -> None:
        """It watches the home, whichever day runs."""

    def look(self, now: Instant) -> None:  # noqa: ARG002 - it lives in this machine's time
        """Start it, and start it again where it has died."""
        machine, child = self._clock(), self._child
        if child is not None and (code := child.poll()) is not None:
            self._child = None
            self._due = machine + (_LATER if code == _ANOTHER_WATCHES else _AGAIN)
            if code != _ANOTHER_WATCHES:
                self._tell("alarm", f"the watchdog has ended (exit code {code}): it is started again")
            elif not self._told:
                self._told = True
                self._tell("watchdog", "the watchdog of an earlier start is still here and watches")
        if self._child is None and machine >= self._due:
            self._start(machine)

    def ends(self) -> None:
        """The next day has the same one."""

    def close(self) -> None:
        """The run is over: end it."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(_ON_ENDING_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _start(self, machine: Instant) -> None:
        self._due = machine + _AGAIN
        try:
            with self._log.open("ab") as log:
                self._child = subprocess.Popen(  # noqa: S603 - our own program
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is for the run, which ends it in its time
                )
        except OSError as problem:
            self._due = machine + _LATER
            self._tell("alarm", f"the watchdog cannot be started: {problem.strerror or problem}")
