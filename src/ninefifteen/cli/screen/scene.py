"""What one picture is drawn from, and the block of rows that each panel makes of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from rich.text import Text

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.runtime.views import RunView, View

from .log import EventLog
from .look import FRAME, Marks

WAITING_PHASES = frozenset({"scanning", "armed", "watching", "entering"})


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One moment: the view of the engine, the clock to show (ns), and how to show it.

    `run` is the strategy in the foreground: the one that holds something, else the one still at
    work, else the first; None while no strategy has a day. `invited` are lines that lead to the dashboard.
    """

    title: str
    facts: DayFacts
    view: View
    run: RunView | None
    clock: Instant
    speed: str
    marks: Marks
    log: EventLog
    invited: tuple[str, ...] = ()


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A titled stack of rows. It keeps its first rows where room is short, or what `shorter` says.

    `least` is the number of rows below which it is better left out.
    """

    title: str
    rows: tuple[Text, ...]
    least: int
    style: str = FRAME
    shorter: Callable[[int], list[Text]] | None = None

    def draw(self, count: int) -> list[Text]:
        """At most `count` rows."""
        if count >= len(self.rows) or self.shorter is None:
            return list(self.rows[:count])
        return self.shorter(count)


def foreground(view: View) -> RunView | None:
    """The strategy to show in full."""
    held = (run for run in view.runs if run.position is not None)
    busy = (run for run in view.runs if run.phase in WAITING_PHASES)
    return next(held, None) or next(busy, None) or (view.runs[0] if view.runs else None)
