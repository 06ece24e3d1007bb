"""The terminal screen of a running day: a live picture on a terminal, plain lines everywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ninefifteen.domain.effects import URGENT, Alert, Effect, Note
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord
from ninefifteen.runtime.views import View

from .arrange import picture
from .log import Entry, EventLog
from .look import marks_of
from .scene import Scene, foreground
from .summary import WIDEST, summary

_REDRAW_S = 0.125


class Screen:
    """One day's screen on `console`. `title` says what runs ("demo"); `facts` are those of the day.

    A context manager: entering takes the terminal over, leaving gives it back, whatever happened.
    Where the console is no terminal nothing is drawn and every note becomes one plain line at once.
    """

    def __init__(
        self,
        console: Console,
        *,
        title: str,
        facts: DayFacts,
        monotonic: Callable[[], float] = time.monotonic,  # noqa: TID251 - how often to draw, never what
    ) -> None:
        self._console = console
        self._title = title
        self._facts = facts
        self._marks = marks_of(console)
        self._log = EventLog()
        self._live: Live | None = None
        self._monotonic = monotonic
        self._drawn_at: float | None = None
        self._draws = _is_terminal(console)
        self._invited: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        if self._draws:
            self._live = Live(
                console=self._console,
                screen=True,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        elif self._facts.synthetic:
            self._say(f"SYNTHETIC DAY (seed {self._facts.seed}): invented prices, no market, no money")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def take(self, event: Event, effects: Sequence[Effect]) -> None:
        """A witness of the runner: keeps what the engine noted, and says it where nothing is drawn."""
        if not effects:
            return
        self._say_fresh(self._log.take(event.at, effects))

    def _say_fresh(self, fresh: Sequence[Entry]) -> None:
        if not self._draws:
            mark = f"[synthetic {self._facts.seed}] " if self._facts.synthetic else ""
            for entry in fresh:
                self._say(mark + entry.plain)

    def tell(self, at: Instant, kind: str, text: str) -> None:
        """A line that does not come from the engine: of the login, the feed, the recording."""
        self._say_fresh(self.recall(at, kind, text))

    def recall(self, at: Instant, kind: str, text: str) -> list[Entry]:
        """The same for a line that was said already, before this screen was there; returns its entry."""
        severity = {"alarm": "P2", URGENT: URGENT}.get(kind)
        told: Effect = Alert(severity, text) if severity else Note(kind, text)
        return self._log.take(at, (told,))

    def invite(self, lines: tuple[str, ...]) -> bool:
        """Show these lines at the top from now on; False where nothing is drawn. They are not kept."""
        self._invited = lines
        return self._draws

    def refresh(self, view: View, clock: Instant, speed: str) -> None:
        """Draw this moment. `clock` is the day's time to show (ns), `speed` how fast it runs ("x120").

        Call it as often as is handy: it draws at most eight times a second, and always the end of a day.
        """
        if self._live is None:
            return
        now = self._monotonic()
        if self._drawn_at is not None and now - self._drawn_at < _REDRAW_S and not view.ended:
            return
        self._drawn_at = now
        self._live.update(self.draw(view, clock, speed), refresh=True)

    def draw(self, view: View, clock: Instant, speed: str) -> Text:
        """The picture of this moment, as large as the console."""
        scene = Scene(
            title=self._title,
            facts=self._facts,
            view=view,
            run=foreground(view),
            clock=clock,
            speed=speed,
            marks=self._marks,
            log=self._log,
            invited=self._invited,
        )
        width, height = self._console.size
        whole = Text("\n", no_wrap=True, overflow="crop", end="").join(picture(scene, width, height))
        whole.no_wrap, whole.overflow = True, "crop"
        return whole

    def final(self, record: DayRecord, *, files: Sequence[tuple[str, Path]] = ()) -> None:
        """Print the day's summary: what happened, why, the result, and where its `files` (name, path) are."""
        # A file is as wide as the summary likes; a terminal gets its banner to the very edge.
        width = self._console.width if self._draws else WIDEST
        for row in summary(record, files, width, self._marks):
            if not self._draws:
                row.rstrip()
            self._console.print(row, soft_wrap=True, highlight=False)

    def _say(self, text: str) -> None:
        # Past rich: a line for a file or a pipe is never wrapped, styled or interpreted.
        self._console.file.write(text + "\n")
        self._console.file.flush()


def _is_terminal(console: Console) -> bool:
    """A real terminal that can move its cursor; FORCE_COLOR in a pipe does not make it one."""
    isatty = getattr(console.file, "isatty", None)
    return console.is_terminal and not console.is_dumb_terminal and isatty is not None and isatty()
