"""Pages of the log files, from their end."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from .common import Reply

LogName = Literal["trades", "errors", "audit"]


class LogLine(Reply):
    """One line of a log file, with everything it holds beside its text in `data`."""

    at: str | None
    kind: str
    severity: str | None
    text: str
    synthetic: bool
    data: dict[str, JsonValue]


class LogPage(Reply):
    """The newest lines last. `before` is the cursor for the page before this one, null at the beginning.

    `looked_at` is how many bytes were searched: a filter looks through a bounded part at a time, so that a
    page may come back empty while `before` says there is more.
    """

    name: LogName
    lines: list[LogLine]
    before: str | None
    looked_at: int
    rotated: bool = Field(description="the file changed under the cursor; this page begins anew at its end")
    reason: str | None = Field(description="why there is no line")
