"""The messages of the WebSocket, each a JSON text. See `docs/dashboard.md`, "Live"."""

from __future__ import annotations

from typing import Any, Literal

from .commands import AnswerState, Verb
from .common import Reply, Request
from .session import User
from .state import State


class Engine(Reply):
    """Whether the engine is heard. `silent`: connected, and no frame for 3 s. `since` is ISO 8601."""

    state: Literal["connected", "silent", "gone"]
    since: str


class Viewing(Reply):
    """A dashboard that is open somewhere now."""

    name: str
    where: str
    since: str


class LiveSession(Reply):
    """Who this connection belongs to, and who else looks on."""

    user: User
    sessions: list[Viewing]


class LiveSnapshot(Reply):
    """The whole state: the first message, and again whenever the engine was connected anew."""

    kind: Literal["snapshot"]
    number: int
    at: str
    engine: Engine
    state: State | None
    session: LiveSession


class LiveDelta(Reply):
    """A merge patch (RFC 7386) of the state: null removes a field. `number` rises by one."""

    kind: Literal["delta"]
    number: int
    patch: dict[str, Any]


class LiveEngine(Reply):
    """The engine came, fell silent or went."""

    kind: Literal["engine"]
    engine: Engine


class LiveBeat(Reply):
    """Every second: the connection lives; `at` is the server's clock."""

    kind: Literal["beat"]
    at: str


class EventLine(Reply):
    """A line of the trades or errors log; `severity` is "info", "warning" or "critical"."""

    at: str
    kind: str
    severity: str
    text: str


class LiveEvents(Reply):
    """New lines; the last ones when a page connects."""

    kind: Literal["events"]
    lines: list[EventLine]


class LiveAnswer(Reply):
    """An answer to a command that came after its HTTP answer."""

    kind: Literal["answer"]
    id: str
    verb: Verb
    state: AnswerState
    text: str


class LiveSessions(Reply):
    """Somebody came or went: who looks on now."""

    kind: Literal["sessions"]
    sessions: list[Viewing]


class Hello(Request):
    """The only thing a page may send."""

    kind: Literal["hello"]
    version: Literal[1]


MESSAGES = (
    LiveSnapshot,
    LiveDelta,
    LiveEngine,
    LiveBeat,
    LiveEvents,
    LiveAnswer,
    LiveSessions,
    Hello,
)
"""Everything that goes over the WebSocket."""
