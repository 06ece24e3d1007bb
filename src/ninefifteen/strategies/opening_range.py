"""Opening-range breakout: an example second strategy, off by default (`opening_range.enabled`).

It takes the first gainer of the 9:15 ranking that has a liquid call, waits until the stock has made
its first N minutes, and buys that call when the stock trades above the range's high. Everything it
does not say here (limits, orders, exits, restarts) is the engine's. It shows how little a strategy
is: it shares the 9:15 tests by asking them, and changes the timetable and the entry.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.instants import MINUTE, SECOND, at
from ninefifteen.domain.levels import level
from ninefifteen.domain.market import DayFacts, PreOpenRow
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Settings
from ninefifteen.engine.strategy import Enter, EntryView, ExitRules, Hours, ScanView, Wait

from .nine_fifteen import NineFifteen

_PATIENCE = 30 * SECOND
"""A breakout that is not filled by then is over: its limit must not wait for the price to fall back."""


class OpeningRange:
    """Buy the call of the strongest tested stock when it leaves its opening range upwards."""

    name = "opening_range"

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.opening_range
        self._collar = settings.strategy.collar_pct
        self._opening = settings.strategy.entry_time
        self._scan = settings.strategy.scan_time
        self._tests = NineFifteen(settings)
        self.exits = ExitRules(target_pct=self._rules.target_pct, stop_pct=self._rules.stop_pct)

    def hours(self, facts: DayFacts) -> Hours:
        """Scan with the 9:15 strategy; enter from the end of the range to `last_entry`."""
        clock = partial(at, facts.date)
        ready = datetime.combine(facts.date, self._opening) + timedelta(minutes=self._rules.minutes)
        return Hours(
            scan_at=clock(self._scan),
            entry_at=clock(ready.time()),
            cutoff_at=clock(self._rules.last_entry),
            recorded_cutoff_at=clock(self._rules.last_entry),
            exit_at=self._tests.hours(facts).exit_at,
            patience=_PATIENCE,
        )

    def rank(self, facts: DayFacts, rows: tuple[PreOpenRow, ...]) -> tuple[Candidate, ...]:
        """By pre-open gain."""
        return self._tests.rank(facts, rows)

    def wanted(self, ranked: tuple[Candidate, ...]) -> tuple[str, ...]:
        """The same few as the 9:15 strategy examines."""
        return self._tests.wanted(ranked)

    def scan(self, view: ScanView, ignore: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        """The 9:15 tests without the put/call ratio: a breakout does not need it."""
        return self._tests.scan(view, ignore | {"pcr_thin", "pcr_out_of_range"})

    def quantity(self, candidate: Candidate, price: Paise) -> int:
        """`opening_range.lots` lots."""
        return 0 if candidate.instrument is None else self._rules.lots * candidate.instrument.lot_size

    def prepared(self) -> int:
        """Nothing is prepared behind the pick."""
        return 0

    def enter(self, view: EntryView) -> Enter | Wait:
        """Enter on the first ask after the stock has traded above the high of its opening range."""
        instrument = view.candidate.instrument
        end = view.facts.open_at + self._rules.minutes * MINUTE
        ranged = [bar.high for bar in view.stock_bars if bar.start < end]
        if instrument is None or view.quote is None or not ranged:
            return Wait("no_range")
        if view.stock_bars[0].start > view.facts.open_at:
            return Wait("range_incomplete")
        if view.stock_price <= max(ranged):
            return Wait("inside_range")
        return Enter(level(view.price, self._collar, instrument.tick))
