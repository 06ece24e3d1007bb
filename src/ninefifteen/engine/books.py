"""The broker's two books as we have read them: what they showed, and when each was asked for.

Memory only. A reading that fails leaves everything as it was (I12). An answer carries no number, so
it is taken for the answer to the oldest question still under way: a reading is never believed to be
younger than it is.
"""

from __future__ import annotations

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.order import FINAL, Holding, OrderReport

_LOST_AFTER = 12 * SECOND
"""No reading takes longer: the transport gives up after four seconds, and two may stand in a row."""

_SELLS = "pr"
"""The last letter of a tag is the role: protect and repair are sells."""


def is_sell(row: OrderReport) -> bool:
    """Whether an order with a tag of ours sells."""
    return row.tag[-1] in _SELLS


class Book:
    """One of the two: the questions under way, the last good reading, and since when readings fail.

    `asked_at` is when the last good reading was asked for (-1: never), `read_at` when it came.
    """

    __slots__ = ("asked_at", "failing_since", "read_at", "told_at", "under_way")

    def __init__(self) -> None:
        self.under_way: list[Instant] = []
        self.asked_at: Instant = -1
        self.read_at: Instant | None = None
        self.failing_since: Instant | None = None
        self.told_at: Instant | None = None

    def ask(self, at: Instant) -> None:
        """A question leaves now."""
        self.under_way = [asked for asked in self.under_way if at - asked < _LOST_AFTER]
        self.under_way.append(at)

    def waits(self, at: Instant) -> bool:
        """Whether an answer is still to be expected."""
        return bool(self.under_way) and at - self.under_way[-1] < _LOST_AFTER / 2

    def answered(self, at: Instant, *, ok: bool) -> None:
        """An answer came; one that nobody asked for is good, but proves nothing about its age."""
        asked = self.under_way.pop(0) if self.under_way else self.asked_at
        if ok:
            self.asked_at, self.read_at = max(asked, self.asked_at), at
            self.failing_since = self.told_at = None
        elif self.failing_since is None:
            self.failing_since = at


class Suspicion:
    """The broker shows `units` more of a contract than we know of (fewer: below zero).

    `first` is when it was seen first, `since` when it was seen in this size: what is read from then on
    confirms it. `told` once somebody was told of it, `settled` once there is nothing more to do about it.
    """

    __slots__ = ("first", "settled", "since", "told", "units")

    def __init__(self, units: int, at: Instant, before: Suspicion | None = None) -> None:
        self.units = units
        self.since = at
        self.first: Instant = before.first if before is not None else at
        self.told: bool = before.told if before is not None else False
        self.settled = False


class Proof:
    """Waiting for two readings, two seconds apart, that show nothing of ours.

    `began` is when the leaving began, `asked` when the proving did; `good_at` when the first good reading
    was asked for. `told` is when somebody was told last that it takes too long.
    """

    __slots__ = ("asked", "began", "good_at", "told")

    def __init__(self, began: Instant, at: Instant) -> None:
        self.began = began
        self.asked = at
        self.good_at: Instant | None = None
        self.told: Instant | None = None


class Books:
    """Everything the broker has shown us that is not an order of our own book.

    `baseline` is, by contract, what was held of it before our first order in it; `filled_at` when a fill
    of ours in it was told last. `doubted_at`: readings asked for before that instant decide nothing.
    `beyond` is, by contract, what forgotten sells offer beyond what is held; `cuts`, by order, when one of
    them was asked last to shrink or go, and how often.
    """

    __slots__ = (
        "again",
        "baseline",
        "beyond",
        "cuts",
        "doubted_at",
        "filled_at",
        "holdings",
        "malformed",
        "orders",
        "orphans",
        "positions",
        "short",
        "suspicions",
    )

    def __init__(self) -> None:
        self.orders = Book()
        self.positions = Book()
        self.again = False
        self.holdings: dict[str, Holding] = {}
        self.baseline: dict[str, Holding] = {}
        self.filled_at: dict[str, Instant] = {}
        self.suspicions: dict[str, Suspicion] = {}
        self.orphans: dict[str, OrderReport] = {}
        self.beyond: dict[str, Suspicion] = {}
        self.cuts: dict[str, tuple[Instant, int]] = {}
        self.malformed: set[str] = set()
        self.short: dict[str, int] = {}
        self.doubted_at: Instant = 0

    def held(self, name: str) -> Holding:
        """What the last good reading showed of a contract; not listed is not held."""
        return self.holdings.get(name) or Holding(name=name, net=0)

    def orphan_sells(self, name: str) -> int:
        """Units of a contract that living sells under our prefix may offer without being in our book."""
        sells = (r for r in self.orphans.values() if is_sell(r) and r.name in ("", name))
        return sum(max(r.quantity - r.filled, 0) for r in sells if r.status not in FINAL)

    @property
    def known_at(self) -> Instant | None:
        """When both books were last known: the older of the two good readings; None before both were."""
        orders, positions = self.orders.read_at, self.positions.read_at
        return None if orders is None or positions is None else min(orders, positions)

    @property
    def blind_since(self) -> Instant | None:
        """Since when one of them cannot be read; None while both can."""
        failing = (self.orders.failing_since, self.positions.failing_since)
        return min((at for at in failing if at is not None), default=None)
