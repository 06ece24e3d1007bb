"""Pages of the logs."""

from __future__ import annotations

from pathlib import Path

from ninefifteen.web.models.log import LogName, LogPage


def log_page(folder: Path, name: LogName, *, limit: int, before: str | None, contains: str | None) -> LogPage:
    """A page."""
    raise NotImplementedError
