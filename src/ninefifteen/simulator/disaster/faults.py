"""What can go wrong on a simulated day, as data: a day is `seed + FaultPlan`, and nothing else decides it.

Each term has its own generator, so taking one out leaves what the others do as it was.
"""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

from ninefifteen.domain.instants import SECOND, Instant

CrashKind = Literal["before", "torn", "after"]


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that goes wrong.

    `rate` is per mille of the requests or answers it can hit. `at` is when it begins (ns after the open of
    the session, negative before it), `lasts` how long (ns). `size` is what the kind says: a delay in ns, a
    share in percent. `KINDS` tells what each kind is.
    """

    kind: str
    rate: int = 1000
    at: Instant = 0
    lasts: Instant = 0
    size: int = 0


class CrashPoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """The process dies at the `index`-th journal point of the day, counted from 1 over all its starts.

    A journal point is the writing of a step that asks for more than to look and to wait. `before`: nothing
    of it is written; `torn`: a part of it is; `after`: it is durable and nothing has acted on it yet. What
    was written and not yet durable survives wholly, partly or not at all, by the seed. The next start comes
    `down` ns later.
    """

    index: int
    kind: CrashKind = "before"
    down: Instant = 5 * SECOND


class FaultPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that goes wrong on one day."""

    terms: tuple[Fault, ...] = ()
    crashes: tuple[CrashPoint, ...] = ()

    @property
    def faulty(self) -> bool:
        """Whether anything goes wrong at all."""
        return bool(self.terms or self.crashes)


class Term:
    """A fault at work: its window as instants, and its own chance."""

    __slots__ = ("_draw", "chance", "fault", "since", "until")

    def __init__(self, seed: int, fault: Fault, open_at: Instant, end: Instant) -> None:
        self.fault = fault
        self.since = open_at + fault.at if fault.at or fault.lasts else 0
        self.until = self.since + fault.lasts if fault.lasts else end
        self.chance = Random(f"{seed}:{fault.kind}:{fault.at}")  # noqa: S311 - a seeded fault
        self._draw = self.chance.random

    def hits(self, at: Instant) -> bool:
        """Whether it hits what happens now; each asking inside its window is one draw."""
        if not self.since <= at < self.until:
            return False
        return self.fault.rate >= 1000 or self._draw() * 1000 < self.fault.rate  # noqa: PLR2004 - per mille


KINDS = {
    "reply_lost": "write: the request is done, its answer is lost",
    "request_lost": "write: the request never arrives, and nobody says so",
    "late": "write: no answer, and the request arrives `size` later",
    "very_late": "write: a placing of a buy gets no answer, and arrives `size` later",
    "very_late_sell": "write: a placing of a sell gets no answer, and arrives `size` later",
    "timed_out_400": "write: answered as an error (HTTP 400, timed out), and done `size` later",
    "refused": "write: a placing is refused, definitely",
    "changes_refused": "write: modifications are refused in the window",
    "writes_down": "write: nothing is answered in the window; half of it is done",
    "reads_fail": "read: a reading fails",
    "reads_down": "read: every reading in the window fails",
    "reads_stale": "read: readings in the window show what was `size` before",
    "positions_empty": "read: readings of the holdings in the window show nothing, and call that right",
    "positions_partial": "read: readings of the holdings in the window lack their first line",
    "hidden": "read: an order is missing from the book for `size` after it was taken",
    "no_average": "read: a fill has no price for 3 s",
    "odd_status": "read and push: a status nobody knows",
    "pushes_lost": "push: an order update is lost",
    "pushes_late": "push: an order update comes up to 5 s late, behind later ones",
    "pushes_twice": "push: an order update comes twice",
    "pushes_hint": "push: an update says nothing but that there is something to read",
    "line_lost": "line: no pushes and no prices in the window, then the line is back",
    "token_dead": "session: everything is refused from then on, for `lasts` if given",
    "feed_silent": "feed: no prices in the window",
    "feed_stale": "feed: prices of the window's beginning, again and again",
    "thin_book": "market: one lot at a time",
    "one_sided": "market: no bids in the window",
    "stop_cancelled": "exchange: a stop that triggers is cancelled instead",
    "hand_sale": "people: the trader sells `size` percent of what is held in the broker's app",
    "hand_cancel": "people: the trader cancels our sell in the broker's app",
    "hand_buy": "people: the trader buys one more lot of the contract",
    "foreign": "people: an order and a position of the trader's own beside ours",
    "halt": "people: halt",
    "pause": "people: pause, and resume after `lasts` if given",
    "flatten": "people: flatten",
    "latched": "people: the HALT file is there when the day begins",
    "zombie": "machine: the process is stopped, another takes over, and it wakes `size` later",
    "lying_card": "machine: a crash loses records that had been called durable",
}
"""Every kind: the plane or party it belongs to, and what it does."""
