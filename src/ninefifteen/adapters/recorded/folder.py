"""A folder of recorded market data, opened once and read day by day."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

from ninefifteen.domain.instants import at
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.membership import Membership, MembershipUnknown
from ninefifteen.domain.tick_table import SplitTable
from ninefifteen.errors import BadInput

from .bhavcopy import capture_files, cash_files, fo_files
from .chains import chain_files, stale_instants
from .contracts import InstrumentFiles
from .day import RecordedDay
from .files import RowsRead
from .layout import Layout, discover
from .reading import DayFiles, DayReading, PriceSource, Question, price_source
from .table import day_of_number


class RecordedFolder:
    """Real recorded days of a folder laid out as docs/recorded-data.md says.

    Raises `BadInput` when the folder is missing or laid out otherwise, or when a file in it is cut
    short, damaged or without a column that is needed. Days are best asked for in ascending order:
    files whose days have passed are let go.
    """

    def __init__(self, path: Path, membership: Membership, splits: SplitTable) -> None:
        self.layout: Layout = discover(path)
        self.membership = (
            membership.with_lists(self.layout.member_lists) if self.layout.member_lists else membership
        )
        self._read = RowsRead()
        self.stale = stale_instants(self.layout.snapshot_index)
        self.files = DayFiles(
            cash=cash_files(self.layout.cash, self._read),
            captures=capture_files(self.layout.captures, self._read),
            fo=fo_files(self.layout.fo, self._read),
            chains=chain_files(self.layout.chains, self.stale, self._read),
            instruments=InstrumentFiles(self.layout.instruments, splits, self._read),
        )

    @property
    def rows_read(self) -> int:
        """How many rows have been decoded from the files so far."""
        return self._read.rows

    def option_days(self) -> list[date]:
        """The days of which there are option prices, ascending."""
        return [day_of_number(day) for day in sorted({*self.files.chains.days, *self.files.fo.days})]

    def price_source(self, day: date) -> PriceSource | None:
        """Where the option prices of a day come from: snapshots, the bhavcopy, or nowhere (D3)."""
        return price_source(self.files, day)

    def universe(self, day: date) -> tuple[str, ...]:
        """The fifty members on a day, from the folder's own lists where it has some (K1).

        Raises `BadInput` when they cannot be told.
        """
        try:
            return self.membership.on(day)
        except MembershipUnknown as error:
            raise BadInput(f"{self.layout.folder}: {error}") from error

    def read(self, question: Question) -> DayReading:
        """The answers about one day, without events."""
        return DayReading(self.files, question)

    def day(self, facts: DayFacts, last_entry: time) -> RecordedDay:
        """One day as a feed; `last_entry` is `recorded.last_entry` of the settings, IST (E2)."""
        question = Question(
            day=facts.date,
            previous_day=facts.previous_day,
            expiry=facts.expiry,
            universe=facts.universe,
            open_at=facts.open_at,
            last_entry_at=at(facts.date, last_entry),
            last_observation_at=facts.last_observation_at,
        )
        return RecordedDay(self.read(question), facts)
