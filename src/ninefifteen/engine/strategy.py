"""What a strategy is: a few pure questions the engine asks it. It proposes, the engine disposes.

A strategy never sees a broker, a clock or an account. It ranks, it tests, and at the entry it says
"enter at this limit" or "wait, because ...". Quantity limits, the daily loss, orders, exits and
restarts are the engine's, so a strategy is one small file (`docs/strategies.md` writes one).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

import msgspec

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import ChainFacts, DayFacts, PreOpenRow
from ninefifteen.domain.money import Paise


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When a strategy acts on one day, as instants.

    `scan_at`: the ranking. `entry_at` to `cutoff_at` (inclusive): the only window in which an entry
    may leave. `next_after`: how long one candidate is waited for before the next prepared one is
    tried (ns; 0: the pick only). `exit_at`: the square-off. `recorded_cutoff_at` takes the place of
    `cutoff_at` where the data are recorded snapshots (`design/strategy.md` E2). `patience`: how long a
    sent entry may stay unfilled (ns; 0: until the cutoff).
    """

    scan_at: Instant
    entry_at: Instant
    cutoff_at: Instant
    exit_at: Instant
    next_after: Instant = 0
    recorded_cutoff_at: Instant = 0
    patience: Instant = 0


class ExitRules(msgspec.Struct, frozen=True, kw_only=True):
    """Declarative exits, run by the engine's monitor; percentages of the average fill, 0 = off."""

    target_pct: Decimal
    stop_pct: Decimal
    trail_pct: Decimal = Decimal(0)
    breakeven_pct: Decimal = Decimal(0)


class ScanView(msgspec.Struct, frozen=True):
    """What a scan may look at: the day, the ranking, and the chains it asked for, by symbol."""

    facts: DayFacts
    ranked: tuple[Candidate, ...]
    chains: dict[str, ChainFacts]


class StockBar(msgspec.Struct, gc=False):
    """One minute of a stock, paise; `start` is the minute's first instant.

    Thousands of them live through a day and none can be part of a cycle: the collector may skip them.
    """

    start: Instant
    open: Paise
    high: Paise
    low: Paise
    close: Paise


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy may look at when asked whether to enter now.

    `price` is what a buyer would pay now: the ask, or the observed last price where there is no
    book (`quote` None). `stock_price` is the stock's last price of today, 0 where none is known.
    """

    at: Instant
    facts: DayFacts
    candidate: Candidate
    price: Paise
    quote: Quote | None
    stock_price: Paise
    stock_bars: tuple[StockBar, ...]


class Enter(msgspec.Struct, frozen=True):
    """Buy now, at most at this limit (paise, on the tick grid)."""

    limit: Paise


class Wait(msgspec.Struct, frozen=True):
    """Not now, and why: a short code ("moved_away") that the record keeps."""

    reason: str


class Strategy(Protocol):
    """The questions. All answers are functions of what is passed in."""

    @property
    def name(self) -> str:
        """A short unique name; also the key of its entries in records and tags."""

    @property
    def exits(self) -> ExitRules:
        """How a position of this strategy is left."""

    def hours(self, facts: DayFacts) -> Hours:
        """The day's timetable."""

    def rank(self, facts: DayFacts, rows: tuple[PreOpenRow, ...]) -> tuple[Candidate, ...]:
        """Everyone with a pre-open price, best first; code "ok" or the code of a test failed already."""

    def wanted(self, ranked: tuple[Candidate, ...]) -> tuple[str, ...]:
        """The symbols whose chains the scan needs, in rank order."""

    def scan(self, view: ScanView, ignore: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        """The examined candidates in rank order with their codes; tests named in `ignore` are skipped."""

    def quantity(self, candidate: Candidate, price: Paise) -> int:
        """Units to buy at this price: a positive multiple of the lot, or 0 for none."""

    def prepared(self) -> int:
        """How many further candidates are prepared behind the pick."""

    def enter(self, view: EntryView) -> Enter | Wait:
        """Enter now, or wait."""
