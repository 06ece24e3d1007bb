"""W1 as a strategy of the engine's own interface: the share that opens highest above its previous close."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from functools import partial

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.instants import at
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import DayFacts, PreOpenRow
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Entry, NineFifteen, Risk, Settings
from ninefifteen.engine.strategy import Enter, EntryView, ExitRules, Hours, ScanView, Wait

from .market import NAMES
from .reference import BUDGET, STOP_PCT, TARGET_PCT

WITHOUT_LIMITS = Settings(
    strategy=NineFifteen(min_working_stop_pct=Decimal(0)),
    entry=Entry(max_modifications=0),
    risk=Risk(max_daily_loss=Decimal(10**12), max_position_value=Decimal(10**12)),
)
"""W1 knows no daily loss, and counts in ten-thousandths of a rupee where the engine says paise."""

SHARES_BY_NAME = {
    name: Instrument(name=name, symbol=name, kind="EQ", lot_size=1, tick=1, expiry=None) for name in NAMES
}


class GapTrade:
    """Rank at the opening, buy the first, leave at a target, a stop or 15:15 (percent of the entry)."""

    name = "gap"

    def __init__(
        self, target_pct: Decimal = Decimal(TARGET_PCT), stop_pct: Decimal = Decimal(STOP_PCT)
    ) -> None:
        self.exits = ExitRules(target_pct=target_pct, stop_pct=stop_pct)
        self._prepared = 0

    def hours(self, facts: DayFacts) -> Hours:
        """Everything but the exit happens at the opening."""
        cutoff = partial(at, facts.date)(time(9, 15, 30))
        return Hours(
            scan_at=facts.open_at,
            entry_at=facts.open_at,
            cutoff_at=cutoff,
            recorded_cutoff_at=cutoff,
            exit_at=facts.exit_at,
        )

    def rank(self, facts: DayFacts, rows: tuple[PreOpenRow, ...]) -> tuple[Candidate, ...]:  # noqa: ARG002 - one promise for all strategies
        """Highest open over previous close first."""
        order = sorted(rows, key=lambda row: row.price / row.prev_close, reverse=True)
        return tuple(
            Candidate(rank=n, symbol=row.symbol, price=row.price, prev_close=row.prev_close, code="ok")
            for n, row in enumerate(order, 1)
        )

    def wanted(self, ranked: tuple[Candidate, ...]) -> tuple[str, ...]:
        """The pick, and what is prepared behind it."""
        return tuple(candidate.symbol for candidate in ranked[: 1 + self._prepared])

    def scan(self, view: ScanView, ignore: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:  # noqa: ARG002 - one promise for all strategies
        """Every one of them passes: the share itself is what is bought."""
        return tuple(
            Candidate(
                rank=one.rank,
                symbol=one.symbol,
                price=one.price,
                prev_close=one.prev_close,
                code="ok",
                instrument=SHARES_BY_NAME[one.symbol],
                estimate=one.price,
            )
            for one in view.ranked[: 1 + self._prepared]
        )

    def quantity(self, candidate: Candidate, price: Paise) -> int:  # noqa: ARG002 - one promise for all strategies
        """As many as the budget pays for."""
        return BUDGET // price

    def prepared(self) -> int:
        """None: the pick is all that is subscribed to."""
        return self._prepared

    def enter(self, view: EntryView) -> Enter | Wait:
        """At the first price seen."""
        return Enter(view.price) if view.price else Wait("no_price")


class WatchAll(GapTrade):
    """Subscribes to every share, looks at its pick's bars once a minute all day long, and never enters."""

    name = "watch_all"

    def __init__(self) -> None:
        super().__init__()
        self._prepared = len(NAMES) - 1

    def hours(self, facts: DayFacts) -> Hours:
        """The window is open as long as the exchange."""
        return Hours(
            scan_at=facts.open_at, entry_at=facts.open_at, cutoff_at=facts.close_at, exit_at=facts.exit_at
        )

    def enter(self, view: EntryView) -> Enter | Wait:
        """Always wait; whether the price is above the last quarter of an hour is looked up all the same."""
        above = view.price > max((bar.high for bar in view.stock_bars[-16:-1]), default=0)
        return Wait("above_range" if above else "inside_range")
