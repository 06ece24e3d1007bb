"""A whole rehearsed day at the broker, lived once in this process against an exchange of its own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.command_line import Said, command
from tests.processes.paper_homes import Exchange, exchange, rehearsal_home

TRADED = 3
"""14 October 2026: bought at 09:15:14, stopped out at 09:18:24."""
QUIET = 1
"""25 September 2026: no stock passes every test, so the day takes a second or two."""
START = "09:13:30"


class Lived:
    """What a day at the broker left: its home, what was said, and what the exchange was asked."""

    def __init__(self, home: Path, said: Said, market: Exchange) -> None:
        self.home, self.said = home, said
        self.counts: dict[str, Any] = market.asked("counts")
        self.date, self.seed = market.date, market.seed

    @property
    def journal(self) -> Path:
        """Where the day is written."""
        return self.home / "journal" / f"{self.date}.rehearsal-{self.seed}.live.journal"


def production(home: Path, *words: str) -> Said:
    """`run --production --once` in this process."""
    return command("run", "--production", "--once", "--no-dashboard", "--json", "--home", home, *words)


@contextmanager
def lived(folder: Path, seed: int, start: str = START) -> Iterator[Lived]:
    """The day of that seed from its beginning to its document; the exchange serves on inside."""
    with exchange(seed=seed, start=start) as market:
        home = rehearsal_home(folder, market)
        yield Lived(home, production(home), market)
