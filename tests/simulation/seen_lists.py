"""What many simulated days must have been through, and whether they were.

A checker that is never asked proves nothing: a state no order was ever in, a crash that never met a
recovery, a sale by hand that never met a resting stop. Each of those has a name here and must be seen
(`reference/reliability.md` sections 3c.7, 4b and 4c).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ninefifteen.domain.effects import Alert, Effect, Note
from ninefifteen.domain.events import Event
from ninefifteen.domain.order import OrderState
from ninefifteen.engine import Engine
from ninefifteen.simulator.disaster.faults import KINDS

STATES = tuple(state for state in OrderState if state is not OrderState.PREPARED)
"""Every state of an order; one is prepared and sent in a single step here, so nothing rests in PREPARED."""

COMMON = (
    "order sending>acked",
    "order sending>unknown",
    "order acked>open",
    "order acked>trigger_pending",
    "order acked>complete",
    "order open>modifying",
    "order modifying>open",
    "order modifying>trigger_pending",
    "order modifying>complete",
    "order trigger_pending>modifying",
    "order trigger_pending>complete",
    "order trigger_pending>cancelled",
    "order open>cancelling",
    "order cancelling>cancelled",
    "order unknown>parked",
    "order unknown>complete",
    "order unknown>expired",
    "order parked>expired",
    "phase idle>scanning",
    "phase scanning>armed",
    "phase armed>watching",
    "phase watching>entering",
    "phase watching>done",
    "phase entering>holding",
    "phase entering>done",
    "phase holding>exiting",
    "phase holding>done",
    "phase exiting>done",
    "reply lost",
    "request lost",
    "late order arrived",
    "late change arrived",
    "push lost",
    "push late",
    "order hidden from the book",
    "crash before",
    "crash torn",
    "crash after",
    "crash after a crash",
)
"""What one day in fifty or more goes through: a few hundred days must show all of it."""

RARE = (
    "order sending>rejected",
    "order acked>rejected",
    "order open>cancelled",
    "order trigger_pending>open",
    "order cancelling>complete",
    "order cancelling>open",
    "order unknown>trigger_pending",
    "order parked>complete",
    "order parked>cancelling",
    "phase idle>done",
    "phase scanning>done",
    "phase entering>exiting",
    "halt in flight",
    "flatten in flight",
    "fence refused a write",
    "an overtaken process wakes",
    "sale by hand while an order of ours works",
    "our sell cancelled by hand",
    "a foreign order rests beside ours",
    "the trader holds units of our contract",
    *(kind for kind in KINDS if kind not in {"hidden", "zombie", "very_late_sell"}),
)
"""What thousands of days must show: every kind of fault at work among them.

"hidden" and "zombie" are seen above by what they lead to; "very_late_sell" is no part of the swarm, test_day
lives it by itself; a refused entry that fills after a halt ("done>exiting") is shown in tests/engine.
"""

TOLD = {
    "an entry is parked": "was not found for 30 s: parked",
    "a sale by hand is noticed": "were sold in the broker's app",
    "our sell is put back after all": "are held after all: guarded again",
    "an order under our tag is flagged": "nothing enters today",
    "blind": "cannot be read since",
    "seeing again": "can be read again",
    "the exit ladder is used up": "is still held after",
    "a budget of modifications is used up": "modifications: replacing it",
    "a stop is repaired": "repairing",
    "left for want of a stop": "has no full stop at the broker",
    "a sale is proved absent": "is unprotected (proved never to have reached the broker)",
    "flat is proved": "two readings of the broker's positions show nothing of ours",
    "flat is not proved": "not proved flat after",
    "a halt is done": "halt done",
    "books disagree": "the broker shows",
    "books agree again": "the broker and we agree again",
    "held at the close": "close it in the broker's app",
    "a price told late": "a price was told late",
    "a command comes twice": "was obeyed before",
}
"""What the engine must have said at least once: a name, and words of its note or alarm."""


class Told:
    """A witness of the engine's steps (`Parts.watch`): counts what it said of `TOLD`."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, engine: Engine, event: Event, effects: Sequence[Effect]) -> None:
        """One step of an engine."""
        del engine, event
        for effect in effects:
            if isinstance(effect, Note | Alert):
                for name, words in TOLD.items():
                    if words in effect.text:
                        self.seen[name] = self.seen.get(name, 0) + 1


def states_seen(seen: Iterable[str]) -> frozenset[str]:
    """The states of orders in names like "order acked" and "order acked>open"."""
    found: set[str] = set()
    for name in seen:
        kind, _, states = name.partition(" ")
        if kind == "order":
            found.update(states.split(">"))
    return frozenset(found)


def unseen(seen: Mapping[str, int], expected: Iterable[str]) -> tuple[str, ...]:
    """Those of `expected` that were never seen, in their order."""
    return tuple(name for name in expected if not seen.get(name))
