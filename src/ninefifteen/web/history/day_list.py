"""The list of the days: from the ledger where it is up to date, else from day files and journals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import msgspec

from ninefifteen.domain.money import rupees
from ninefifteen.reports.words import words
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.days import DayLine, Days, Kind, LedgerStanding, Status

from .day_book import DayBook
from .day_whole import kind_of, result_of, status_of, trades_of
from .ledger import LedgerDay, LedgerLook, ledger_days
from .records import Records

MOST_READ = 12
"""Journals that one list reads itself; the rest of them say that they have not been read."""


def list_days(records: Records, *, limit: int, before: date | None) -> Days:
    """The newest days first, at most `limit`."""
    look = ledger_days(records.home, records.environment, before)
    known = {day.source_file: day for day in look.days}
    limits = "9999-99-99" if before is None else before.isoformat()
    paths = {path.name: path for path in records.runs() if path.name[:10] < limits}
    names = sorted(paths.keys() | known.keys(), key=_order, reverse=True)
    listing = _Listing(records, known)
    lines = [line for name in names[:limit] if (line := listing.line(name, paths.get(name))) is not None]
    return Days(days=lines, more=len(names) > limit, ledger=_standing(look, listing.behind))


def _order(name: str) -> tuple[str, bool, str]:
    """By day, the real day last within it, so that it is first in the list."""
    return name[:10], kind_of(name) == "real", name


def _standing(look: LedgerLook, behind: int) -> LedgerStanding:
    if look.state != "read":
        return LedgerStanding(state=look.state, text=f"{look.text}: the journals were read instead")
    if behind:
        text = f"the ledger lacks {behind} of these days or a part of them: the journals were read instead"
        return LedgerStanding(state="behind", text=text)
    return LedgerStanding(state="up_to_date", text="the ledger has all of these days")


class _Listing:
    """Makes the lines of one list; counts what the ledger did not have."""

    def __init__(self, records: Records, known: Mapping[str, LedgerDay]) -> None:
        self._records, self._known = records, known
        self._read = 0
        self.behind = 0

    def line(self, name: str, path: Path | None) -> DayLine | None:
        """The line of one journal, from the quickest place that has all of it."""
        known = self._known.get(name)
        if known is not None and known.finished and (path is None or _size(path) == known.size):
            return _of_ledger(known)
        if path is None:
            return None  # an unfinished day whose journal is gone: nobody knows what it came to
        self.behind += 1
        return _of_day_file(self._records, path) or self._of_journal(path)

    def _of_journal(self, path: Path) -> DayLine:
        self._read += 1
        if self._read > MOST_READ:
            return _unread(path, "not read yet: open the day")
        try:
            with self._records.book(path) as book:
                return _of_book(book)
        except Refused as problem:
            return _unread(path, problem.text)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _of_ledger(day: LedgerDay) -> DayLine:
    return DayLine(
        date=day.date[:10],
        run=day.source_file.removesuffix(".journal"),
        kind=_kind(synthetic=day.synthetic, rehearsal=day.rehearsal),
        seed=day.seed,
        at_broker=day.at_broker,
        finished=True,
        status=_status(day.status),
        reason=day.reason,
        reason_text=_reason(day.reason),
        pick=day.pick,
        contract=day.contract,
        trades=day.trades,
        net=None if day.net is None else rupees(day.net),
        charges=None if day.charges is None else rupees(day.charges),
        alarms=day.alarms,
        source="ledger",
        problem=None,
    )


def _of_day_file(records: Records, path: Path) -> DayLine | None:
    """The finished day's document where it is younger than the journal; None without such a file."""
    file = records.home.days_dir / f"{path.stem}.json"
    try:
        if file.stat().st_mtime_ns < path.stat().st_mtime_ns:
            return None
        document = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        return _of_document(path, document)
    except (OSError, msgspec.MsgspecError, KeyError, TypeError, ValueError, ArithmeticError):
        return None  # the journal has everything


def _of_document(path: Path, document: dict[str, Any]) -> DayLine:
    trades, pick = document["trades"], document["pick"] or {}
    net = sum((Decimal(trade["net"]) for trade in trades), Decimal(0))
    spent = sum((Decimal(trade["charges"]) for trade in trades), Decimal(0))
    return DayLine(
        date=document["date"],
        run=path.stem,
        kind=kind_of(path.name),
        seed=document["seed"],
        at_broker=None,
        finished=True,
        status=_status(document["status"]),
        reason=document["no_trade_reason"],
        reason_text=_reason(document["no_trade_reason"]),
        pick=pick.get("symbol"),
        contract=pick.get("contract"),
        trades=len(trades),
        net=f"{net:f}" if trades else None,
        charges=f"{spent:f}" if trades else None,
        alarms=document["alarms"],
        source="day_file",
        problem=None,
    )


def _of_book(book: DayBook) -> DayLine:
    header, record = book.header, book.so_far
    status, reason = status_of(book)
    result = result_of(trades_of(book), book.state.alarms)
    pick = None if record is None or record.pick is None else record.candidates[record.pick]
    return DayLine(
        date=header.date.isoformat(),
        run=book.path.stem,
        kind=kind_of(book.path.name),
        seed=header.seed,
        at_broker=None if book.state.facts is None else book.state.facts.reconcile_every > 0,
        finished=book.record is not None,
        status=status,
        reason=reason,
        reason_text=_reason(reason),
        pick=None if pick is None else pick.symbol,
        contract=None if pick is None or pick.instrument is None else pick.instrument.name,
        trades=result.trades,
        net=result.net,
        charges=result.charges,
        alarms=result.alarms,
        source="journal",
        problem=None,
    )


def _unread(path: Path, problem: str) -> DayLine:
    return DayLine(
        date=path.name[:10],
        run=path.stem,
        kind=kind_of(path.name),
        seed=None,
        at_broker=None,
        finished=False,
        status="unreadable",
        reason=None,
        reason_text=None,
        pick=None,
        contract=None,
        trades=0,
        net=None,
        charges=None,
        alarms=None,
        source="journal",
        problem=problem,
    )


def _kind(*, synthetic: bool, rehearsal: bool) -> Kind:
    return "rehearsal" if rehearsal else "synthetic" if synthetic else "real"


def _status(text: str | None) -> Status:
    known = ("traded", "no_trade", "no_data")
    return cast("Status", text) if text in known else "unfinished"


def _reason(code: str | None) -> str | None:
    return None if code is None else words("no_trade", code)
