"""What a folder of recorded data can and cannot support, and why (`data verify`, `data list`)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import date, time

import msgspec

from ninefifteen.domain.calendar import NoCalendarData, TradingCalendar
from ninefifteen.domain.instants import at
from ninefifteen.errors import BadInput

from .chains import ist_days
from .files import DatedFiles
from .folder import RecordedFolder
from .reading import PriceSource, Question
from .table import day_of_number

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class DayReport(msgspec.Struct, frozen=True, kw_only=True):
    """One day with option prices: where they come from and the first reason that keeps it from being run.

    `reason` is None when the day can be run; `absent` are the members without a row of the traded
    expiry, `no_lot_size` those whose lot size nothing tells.
    """

    day: date = msgspec.field(name="date")
    price_source: PriceSource | None
    expiry: date | None
    reason: str | None
    absent: tuple[str, ...] = ()
    no_lot_size: tuple[str, ...] = ()


class SetReport(msgspec.Struct, frozen=True, kw_only=True):
    """One set of the layout: its files, the days of them, and what it is good for."""

    name: str
    files: int
    rows: int
    days: int
    first: date | None
    last: date | None
    supports: str


class FolderReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole folder. `problems` make figures doubtful, `notes` are good to know."""

    usable: bool
    sets: tuple[SetReport, ...]
    days: tuple[DayReport, ...]
    reasons: dict[str, int]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    rows_read: int


class FolderCheck:
    """Checks one folder against the calendar; `roll_days` and `last_entry` come from the settings."""

    def __init__(
        self, folder: RecordedFolder, calendar: TradingCalendar, roll_days: int, last_entry: time
    ) -> None:
        self._folder, self._calendar = folder, calendar
        self._roll_days, self._last_entry = roll_days, last_entry
        self._problems: list[str] = []
        self._notes: list[str] = []
        self._repeats: dict[str, int] = {}

    def days(self, progress: Progress) -> tuple[DayReport, ...]:
        """Every day with option prices, ascending."""
        wanted = self._folder.option_days()
        found = []
        for done, day in enumerate(wanted):
            progress("days", done, len(wanted))
            found.append(self._day(day))
            self._count_repeats()
        progress("days", len(wanted), len(wanted))
        return tuple(found)

    def report(self, progress: Progress) -> FolderReport:
        """The whole report; reads every file of the layout once and its checksum where one is given."""
        days = self.days(progress)
        reasons = Counter(day.reason or "can be run" for day in days)
        self._tell_days(days)
        self._tell_files()
        self._tell_checksums(progress)
        runnable = reasons["can be run"] + reasons["no_opening_snapshot"]
        if not runnable:
            self._problems.insert(0, "no day of this folder can be run")
        return FolderReport(
            usable=bool(runnable) and not any(": checksum" in problem for problem in self._problems),
            sets=tuple(self._sets()),
            days=days,
            reasons=dict(sorted(reasons.items())),
            problems=tuple(self._problems),
            notes=tuple(self._notes),
            rows_read=self._folder.rows_read,
        )

    def _day(self, day: date) -> DayReport:
        source = self._folder.price_source(day)
        try:
            session = self._calendar.session(day)
            expiry = self._calendar.traded_expiry(day, self._roll_days)
            previous = self._calendar.previous(day)
        except NoCalendarData:
            return DayReport(day=day, price_source=source, expiry=None, reason="no_calendar")
        if session is None or session.special:
            closed = "no_trading_day" if session is None else "special_session"
            return DayReport(day=day, price_source=source, expiry=expiry, reason=closed)
        try:
            universe = self._folder.universe(day)
        except BadInput:
            return DayReport(day=day, price_source=source, expiry=expiry, reason="members_unknown")
        reading = self._folder.read(
            Question(
                day=day,
                previous_day=previous,
                expiry=expiry,
                universe=universe,
                open_at=at(day, session.open),
                last_entry_at=at(day, self._last_entry),
                last_observation_at=at(day, session.last_observation),
            )
        )
        reason = reading.unusable
        usable = reason is None
        if usable and reading.no_opening_snapshot:
            reason = "no_opening_snapshot"
        return DayReport(
            day=day,
            price_source=source,
            expiry=expiry,
            reason=reason,
            absent=reading.absent() if usable else (),
            no_lot_size=reading.without_lot_size() if usable else (),
        )

    def _count_repeats(self) -> None:
        for files, names in self._keyed():
            for source, table in files.tables():
                name = f"{source.path.parent.name}/{source.path.name}"
                if name not in self._repeats:
                    self._repeats[name] = table.repeated(names)

    def _keyed(self) -> Iterator[tuple[DatedFiles, tuple[str, ...]]]:
        files = self._folder.files
        yield files.chains, ("strike", "ts")
        yield files.fo, ("strike", "call")
        yield files.cash, ()

    def _tell_days(self, days: Collection[DayReport]) -> None:
        for reason, text in _REASONS.items():
            hit = [day.day.isoformat() for day in days if day.reason == reason]
            if hit:
                self._notes.append(f"{reason}: {text}: {', '.join(hit)}")
        for what, chosen in (
            ("without a row of the traded expiry", "absent"),
            ("of unknown lot size", "no_lot_size"),
        ):
            count = Counter(symbol for day in days for symbol in getattr(day, chosen))
            if count:
                told = ", ".join(f"{symbol} ({n} days)" for symbol, n in sorted(count.items()))
                self._notes.append(f"members {what}, so they fail as no_contract: {told}")

    def _tell_files(self) -> None:
        layout = self._folder.layout
        for name, repeated in sorted(self._repeats.items()):
            if repeated:
                self._problems.append(f"{name}: {repeated} rows of members have the key of another row")
        self._tell_empty_values()
        for path, why in layout.unused:
            self._notes.append(f"{path.parent.name}/{path.name} is not used: {why}")
        if layout.chains and not layout.snapshot_index:
            self._notes.append(
                "options_intraday/ has no index of snapshots: stale ones cannot be told from good ones"
            )
        if len(self._folder.stale):
            hit = Counter(day_of_number(n).isoformat() for n in ist_days(self._folder.stale).tolist())
            told = ", ".join(f"{day} ({n})" for day, n in sorted(hit.items()))
            self._notes.append(f"stale snapshots, ignored for every purpose: {told}")
        if not layout.member_lists:
            self._notes.append("universe/ has no list of members: the packaged list is used")
        if layout.chains and not layout.instruments:
            self._problems.append("instruments/ is empty: no lot sizes, so no day of snapshots can be traded")
        closed = [day.isoformat() for day in self._cash_days() if self._closed(day)]
        if closed:
            self._problems.append(f"cash_bhavcopy/ has days that are no trading days: {', '.join(closed)}")

    def _tell_empty_values(self) -> None:
        layout = self._folder.layout
        for source in (*layout.cash, *layout.fo, *layout.chains):
            told = ", ".join(f"{column} {count:,}" for column, count in sorted(source.empty_values().items()))
            if told:
                name = f"{source.path.parent.name}/{source.path.name}"
                self._notes.append(
                    f"{name}: empty values, which count as unknown and are not filled in: {told}"
                )

    def _cash_days(self) -> list[date]:
        return sorted(day_of_number(n) for n in self._folder.files.cash.days)

    def _closed(self, day: date) -> bool:
        try:
            return not self._calendar.is_trading_day(day)
        except NoCalendarData:
            return False

    def _tell_checksums(self, progress: Progress) -> None:
        folder = self._folder.layout.folder
        listing = folder / "SHA256SUMS"
        if not listing.is_file():
            self._notes.append("no SHA256SUMS: the files are not known to be as they were collected")
            return
        lines = [line.split(maxsplit=1) for line in listing.read_text(encoding="utf-8").splitlines()]
        sums = [(words[0], words[1].lstrip("*")) for words in lines if len(words) == 2]  # noqa: PLR2004
        absent = 0
        for done, (wanted, name) in enumerate(sums):
            progress("checksums", done, len(sums))
            path = folder / name
            if not path.is_file():
                absent += 1
                continue
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != wanted.lower():
                    self._problems.append(f"{name}: checksum differs from SHA256SUMS: copy the file again")
        progress("checksums", len(sums), len(sums))
        self._notes.append(
            f"checksums: {len(sums) - absent} files compared, {absent} listed files are not here"
        )

    def _sets(self) -> Iterator[SetReport]:
        layout, files = self._folder.layout, self._folder.files
        yield _of_days("cash_bhavcopy", files.cash, "the pre-open ranking (open and previous close)")
        yield _of_days("fo_bhavcopy", files.fo, "days at end-of-day prices; yesterday's open interest")
        yield _of_days("options_intraday", files.chains, "days at last prices; yesterday's open interest")
        yield _of_days("preopen", files.captures, "the ranking of days that the cash bhavcopy lacks")
        rows = sum(source.rows for source in layout.instruments)
        lists = [members.as_of for members in layout.member_lists]
        yield _undated("instruments", len(layout.instruments), rows, "lot sizes and ticks of snapshot days")
        yield SetReport(
            name="universe",
            files=len({members.source for members in layout.member_lists}),
            rows=sum(len(members.symbols) for members in layout.member_lists),
            days=len(lists),
            first=min(lists, default=None),
            last=max(lists, default=None),
            supports="the members of the index on a day",
        )


_REASONS = {
    "no_calendar": "the calendar does not cover these days",
    "no_trading_day": "the exchange was closed on these days",
    "special_session": "special sessions are not traded",
    "members_unknown": "the members of the index cannot be told",
    "no_pre_open": "no cash bhavcopy and no final pre-open capture",
    "no_chain_for_expiry": "no member has a row of the traded expiry",
    "no_previous_oi": "no open interest of the previous trading day, nor snapshots before the open",
    "no_opening_snapshot": "the first snapshot comes after the last instant of an entry; candidates only",
}


def _of_days(name: str, files: DatedFiles, supports: str) -> SetReport:
    days = [day_of_number(number) for number in files.days]
    return SetReport(
        name=name,
        files=len(files.sources),
        rows=sum(source.rows for source in files.sources),
        days=len(days),
        first=min(days, default=None),
        last=max(days, default=None),
        supports=supports,
    )


def _undated(name: str, files: int, rows: int, supports: str) -> SetReport:
    return SetReport(name=name, files=files, rows=rows, days=0, first=None, last=None, supports=supports)
