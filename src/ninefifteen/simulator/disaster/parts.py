"""The replaceable pieces of a simulated day. The shipped ones are put together in `wiring.disaster`.

Only tests put others in their place, to see that a broken piece is caught.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import DayOpened, Event
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.fence import Fence
from ninefifteen.ports.journal import Journal
from ninefifteen.runtime.runner import Runner

from .template import Template

Steps = Sequence[tuple[Event, tuple[Effect, ...]]]
Judge = Callable[[Event, Sequence[Effect]], bool]
"""A rule of the journal about one step."""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a day is put together from.

    `engine` makes an engine with its strategies. `take` is the rim: one event through runner and journal.
    `durable` is the journal's rule which step must be on the disk before anything acts on it. `fence` and
    `fence_journal` put the fence before broker and journal.
    `recover` brings a fresh runner to where the surviving steps end, and raises when it cannot.
    `start` gives the events a start begins with: at, epoch, whether the HALT file is there, and how the day
    opens where the journal does not know it yet (None: the engine is back in its day).
    `watch` sees every step of the living engine after it was taken; None costs nothing.
    """

    templates: tuple[Template, ...]
    engine: Callable[[Settings], Engine]
    take: Callable[[Runner, Event], tuple[Effect, ...]]
    durable: Judge
    fence: Callable[[Broker, Fence], Broker]
    fence_journal: Callable[[Journal, Fence], Journal]
    recover: Callable[[Runner, Steps], None]
    start: Callable[[Instant, int, bool, DayOpened | None], tuple[Event, ...]]
    watch: Callable[[Engine, Event, Sequence[Effect]], None] | None = None
