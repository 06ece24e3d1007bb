"""The control line beside days on the live market: it comes and goes with them, and is quiet at the bell."""

from __future__ import annotations

from ninefifteen.cli.control_desk import ControlDesk, Tell
from ninefifteen.domain.instants import MILLISECOND, Instant
from ninefifteen.wiring.market_day import MarketDay

_QUIET = (500 * MILLISECOND, 1500 * MILLISECOND)
"""From the first before the open to the second behind it no state is put together: the entry comes first."""


class ControlBeside:
    """A desk as `run_paper.Beside`; `tell` shows a line where people look."""

    def __init__(self, control: ControlDesk, tell: Tell) -> None:
        self._control, self._tell = control, tell
        self._open_at: Instant | None = None

    def begins(self, market: MarketDay) -> None:
        """A day is about to run."""
        self._open_at = market.facts.open_at
        self._control.begin(market.home_day, self._tell, lambda: "")

    def look(self, now: Instant) -> None:
        """Between events, and between days."""
        before, behind = _QUIET
        opening = self._open_at
        self._control.look(now, quiet=opening is not None and opening - before <= now < opening + behind)

    def ends(self) -> None:
        """The day is over, or was stopped."""
        self._open_at = None
        self._control.end()
