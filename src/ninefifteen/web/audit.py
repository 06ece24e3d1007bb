"""What people do at the dashboard, as lines of `logs/audit.log` beside those of the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ninefifteen.adapters.daylog import DayLog
from ninefifteen.domain.instants import MINUTE, Instant

from .accounts.people import Who

_REFUSALS = ("refused", "login_refused")
_A_MINUTE = 60


class Audit:
    """Appends lines of kind `dashboard`. A disk that fails loses the line and stops nothing.

    Refusals are told up to sixty a minute, so that a flood of them does not fill the disk.
    """

    def __init__(self, folder: Path, clock: Callable[[], Instant], *, synthetic: bool) -> None:
        self._log = DayLog(folder, synthetic=synthetic)
        self._log.forgiving = True
        self._clock = clock
        self._minute, self._refusals = 0, 0

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()

    def tell(self, event: str, who: Who | None, text: str, **data: Any) -> None:
        """Write what happened; `event` is for programs: login, refused, user, ..."""
        now = self._clock()
        if event in _REFUSALS and not self._told(now):
            return
        if who is not None:
            data = {"source": who.source, "role": who.role, "where": who.place} | data
            text = f"{who.source}: {text}"
        self._log.tell(now, "dashboard", text, event=event, **data)

    def command(self, document: dict[str, Any], state: str, text: str) -> None:
        """Write a command that no engine answered."""
        verb, source = document["verb"], document["source"]
        self._log.tell(
            self._clock(),
            "command",
            f"{verb} by {source}, answered by no engine: {state}: {text}",
            verb=verb,
            id=document["id"],
            source=source,
            role=document["role"],
            reason=document["args"]["reason"],
            answer=state,
        )

    def _told(self, now: Instant) -> bool:
        if now // MINUTE != self._minute:
            self._minute, self._refusals = now // MINUTE, 0
        self._refusals += 1
        if self._refusals == _A_MINUTE:
            text = "further refusals of this minute are not told"
            self._log.tell(now, "dashboard", text, event="refused")
        return self._refusals < _A_MINUTE
