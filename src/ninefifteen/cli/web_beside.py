"""The dashboard beside the days of a run: what became of it is told, and where it is found is shown."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from ninefifteen.cli.common import say
from ninefifteen.cli.control_desk import ControlDesk
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.web_child import Tell, WebChild, invitation
from ninefifteen.domain.instants import Instant
from ninefifteen.wiring.market_day import MarketDay

Invite = Callable[[tuple[str, ...]], bool]
"""Show these lines where people look and no log listens; False where nothing shows them."""

_LOOK_S = 0.1
_COMES_S = 10.0


class WebBeside:
    """A dashboard as `run_paper.Beside`; without one (None) it does nothing.

    `tell` takes a kind and a line for screen and logs, `invite` the lines that lead to the dashboard.
    """

    def __init__(self, web: WebChild | None, tell: Tell, invite: Invite) -> None:
        self.web, self.tell, self.invite = web, tell, invite
        self._shown: tuple[str, ...] = ()
        self._said: tuple[str, ...] = ()

    def begins(self, market: MarketDay) -> None:  # noqa: ARG002 - any day
        """A day is about to run: its screen is a new one."""
        self._shown = ()

    def enters(self, tell: Tell, invite: Invite) -> None:
        """A day is about to run that has its own ways to tell and to show."""
        self.tell, self.invite, self._shown = tell, invite, ()

    def look(self, now: Instant) -> None:  # noqa: ARG002 - it lives in this machine's time
        """Tell and show what is new."""
        if self.web is None:
            return
        self.web.look(self.tell)
        lines = invitation(self.web.ready)
        if lines != self._shown:
            self._shown = lines
            if not self.invite(lines) and lines != self._said:
                self._said = lines
                for line in lines:
                    say(f"dashboard: {line}")

    def ends(self) -> None:
        """The next day has the same one."""


def stay(web: WebChild, stop: StopAsked, control: ControlDesk) -> None:
    """The day is over: leave its page readable until whoever sits at this terminal has enough.

    Where nobody does, nothing is waited for.
    """
    if not _at_the_keyboard():
        return
    ready = web.wait(_COMES_S)
    if ready is None:
        return
    for line in invitation(ready):
        say(f"dashboard: {line}")
    say("the dashboard stays open until you press Enter or Ctrl-C")
    enough = threading.Event()

    def read() -> None:
        with suppress(OSError):  # past Python's own buffer: nothing is locked when the process ends
            os.read(sys.stdin.fileno(), 1)
        enough.set()

    threading.Thread(target=read, name="keyboard", daemon=True).start()
    while not (stop.asked or enough.wait(_LOOK_S)):
        control.look_after()
        web.look(lambda kind, text: say(f"{kind}: {text}"))


def _at_the_keyboard() -> bool:
    """Whether somebody can press a key here: a terminal, and this process in its foreground."""
    try:
        number = sys.stdin.fileno()
        return os.isatty(number) and (sys.platform == "win32" or os.tcgetpgrp(number) == os.getpgrp())
    except (OSError, ValueError, AttributeError):
        return False
