"""The event log: what the engine noted and alarmed, with times, as a witness of the runner sees it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec
from rich.text import Text

from ninefifteen.domain.effects import Alert, Effect, Note
from ninefifteen.domain.instants import Instant
from ninefifteen.reports.figures import clock_ms, regrouped

from .lines import line
from .look import ALARM, MUTED, Marks

_SHOWN_ELSEWHERE = frozenset({"candidate"})
_BOLD = frozenset({"trade", "no_trade", "intent", "exit", "no_data"})
_KEPT = 400


class Entry(msgspec.Struct, frozen=True):
    """One line of the log; `kind` is the note's kind, or the severity of an alarm (P1, P2, P3)."""

    at: Instant
    kind: str
    text: str
    alarm: bool = False

    @property
    def plain(self) -> str:
        """The entry as one line of text: time (IST) and sentence."""
        return f"{clock_ms(self.at)} {f'ALARM {self.kind}: ' if self.alarm else ''}{self.text}"


class EventLog:
    """The latest notes and alarms of one day, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self.last_alarm: Entry | None = None
        self.no_trade: str = ""

    def take(self, at: Instant, effects: Sequence[Effect]) -> list[Entry]:
        """Keep the notes and alarms among the effects of one step; returns those that are new."""
        fresh = []
        for effect in effects:
            if isinstance(effect, Note):
                entry = Entry(at, effect.kind, regrouped(effect.text))
                if effect.kind == "no_trade":
                    self.no_trade = entry.text
            elif isinstance(effect, Alert):
                entry = self.last_alarm = Entry(at, effect.severity, regrouped(effect.text), alarm=True)
            else:
                continue
            fresh.append(entry)
            self._entries.append(entry)
        return fresh

    def rows(self, count: int, marks: Marks) -> list[Text]:
        """The last `count` entries as rows; the ranking's own lines are left to the ranking."""
        shown = [entry for entry in self._entries if entry.kind not in _SHOWN_ELSEWHERE]
        return [_row(entry, marks) for entry in shown[-count:]] if count else []


def _row(entry: Entry, marks: Marks) -> Text:
    if entry.alarm:
        text = (f"{marks.alarm} {entry.kind} {entry.text}", ALARM)
    else:
        text = (entry.text, "bold" if entry.kind in _BOLD else "")
    return line((clock_ms(entry.at) + " ", MUTED), text)
