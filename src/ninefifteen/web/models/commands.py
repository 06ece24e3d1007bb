"""Commands to the engine, as the page sends them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from .common import Reply, Request

Verb = Literal["pause", "resume", "flatten", "halt", "unlock"]
AnswerState = Literal["taken", "done", "latched", "refused", "repeated", "stale"]
"""As in `docs/control.md`. `latched`: no engine took it, the HALT file stands, and nothing was closed."""


class CommandRequest(Request):
    """One command. `id` is new for each press of a button, and the same when that press is sent again.

    `sent_at` is the server's clock as the page knows it from the beats. `until` is for pause, `confirmed`
    and `totp` for unlock and for resume after losing trades in a row.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    sent_at: Annotated[AwareDatetime, Field(strict=False)]
    reason: Annotated[str, Field(max_length=200)] = ""
    until: Annotated[date | None, Field(strict=False)] = None
    confirmed: bool = False
    totp: Annotated[str | None, Field(max_length=20)] = None


class CommandAnswer(Reply):
    """What became of it so far. After `taken` the last answer comes over the WebSocket."""

    id: str
    state: AnswerState
    text: str
